-- Refuses what nobody can follow: oneself, and accounts that do not exist, or no more. Neither of the two can
-- be erased before this is done.
CREATE OR REPLACE FUNCTION account.may_follow_v1(p_follower uuid, p_seller uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF p_follower = p_seller THEN
        PERFORM shared.refuse('own_account');
    END IF;
    PERFORM 1 FROM account.account a
    WHERE a.id IN (p_follower, p_seller) AND a.status <> 'erased' ORDER BY a.id FOR KEY SHARE;
    IF (SELECT count(*) FROM account.account a
        WHERE a.id IN (p_follower, p_seller) AND a.status <> 'erased') < 2 THEN
        PERFORM shared.refuse('not_found');
    END IF;
END $$;
