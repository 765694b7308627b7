-- Keeps where pushes go. A token that another account had is this one's from now on: whoever holds the
-- device signed in anew. Of more than twenty the one that was not seen for longest goes.
CREATE OR REPLACE FUNCTION account.put_device_v1(
    p_account uuid, p_id uuid, p_token text, p_platform text, p_name text
) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.real_now();
    v_device account.device;
BEGIN
    PERFORM account.hold_account_v1(p_account);
    INSERT INTO account.device AS d (id, account_id, token_hash, token, platform, name, created_at, seen_at)
    VALUES (p_id, p_account, sha256(convert_to(p_token, 'UTF8')), p_token, p_platform, p_name, v_now, v_now)
    ON CONFLICT (token_hash) DO UPDATE
        SET id = CASE WHEN d.account_id = p_account THEN d.id ELSE excluded.id END,
            created_at = CASE WHEN d.account_id = p_account THEN d.created_at ELSE v_now END,
            account_id = p_account, platform = excluded.platform, name = excluded.name, seen_at = v_now
    RETURNING d.* INTO v_device;
    DELETE FROM account.device d WHERE d.id IN (
        SELECT x.id FROM account.device x
        WHERE x.account_id = p_account AND x.id <> v_device.id
        ORDER BY x.seen_at DESC, x.id DESC OFFSET 19);
    RETURN QUERY SELECT account.device_json_v1(v_device)::text;
END $$;
