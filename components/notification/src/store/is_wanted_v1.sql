-- Whether an account wants to be told of a kind of thing by a channel.
CREATE OR REPLACE FUNCTION notification.is_wanted_v1(p_account uuid, p_kind text, p_channel text)
RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT FROM notification.preference x
        WHERE x.account_id = p_account
          AND notification.category_v1(p_kind) || ':' || p_channel = ANY (x.switched_off));
END $$;
