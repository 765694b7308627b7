-- Ends a follow. True when that is a change.
CREATE OR REPLACE FUNCTION account.unfollow_v1(p_follower uuid, p_seller uuid, p_trace text)
RETURNS boolean
LANGUAGE plpgsql AS $$
DECLARE
    v_follow account.follow;
BEGIN
    PERFORM account.may_follow_v1(p_follower, p_seller);
    UPDATE account.follow f
    SET active = false, version = f.version + 1, changed_at = shared.now()
    WHERE f.follower_id = p_follower AND f.seller_id = p_seller AND f.active
    RETURNING f.* INTO v_follow;
    IF v_follow.id IS NULL THEN
        RETURN false;
    END IF;
    PERFORM account.publish('account.unfollowed', v_follow.id, v_follow.version,
        jsonb_build_object('follower_id', p_follower, 'seller_id', p_seller), p_trace);
    RETURN true;
END $$;
