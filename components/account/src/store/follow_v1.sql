-- Follows an account; `p_id` becomes the follow's id when there never was one. True when that is a
-- change.
CREATE OR REPLACE FUNCTION account.follow_v1(
    p_id uuid, p_follower uuid, p_seller uuid, p_trace text
) RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_follow account.follow;
BEGIN
    PERFORM account.may_follow_v1(p_follower, p_seller);
    INSERT INTO account.follow AS f (id, follower_id, seller_id, active, changed_at)
    VALUES (p_id, p_follower, p_seller, true, shared.now())
    ON CONFLICT (follower_id, seller_id) DO UPDATE
        SET active = true, version = f.version + 1, changed_at = excluded.changed_at
        WHERE NOT f.active
    RETURNING f.* INTO v_follow;
    IF v_follow.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM account.publish('account.followed', v_follow.id, v_follow.version,
        jsonb_build_object('follower_id', p_follower, 'seller_id', p_seller), p_trace);
    RETURN true;
END $$;
