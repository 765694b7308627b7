-- Refuses what nobody can follow: oneself, and accounts that do not exist.
CREATE OR REPLACE FUNCTION account.may_follow_v1(p_follower uuid, p_seller uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_follower = p_seller THEN
        PERFORM shared.refuse('own_account');
    ELSIF NOT EXISTS (SELECT 1 FROM account.account a WHERE a.id = p_seller) THEN
        PERFORM shared.refuse('not_found');
    END IF;
END $$;
