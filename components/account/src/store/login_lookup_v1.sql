-- What a login needs to know: whether it is locked out, and whose password to try. The account
-- whose address is verified, or else the three newest that claim the address. No row: nobody.
--
-- Of each account: its second factor, if it has one, and whether it has signed in before but never with
-- this device. Then comes where its owner is told of that, if there is a verified address.
CREATE OR REPLACE FUNCTION account.login_lookup_v1(
    p_kind text, p_identifier text, p_identifier_scope text, p_address_scope text,
    p_device text, p_network text
) RETURNS TABLE (
    retry_after integer, candidate_id uuid, candidate_hash text, totp_id uuid, totp_sealed bytea,
    is_new_device boolean, channel text, address text
)
LANGUAGE plpgsql AS $$
DECLARE
    v_retry integer := account.login_locked_v1(p_identifier_scope, p_address_scope);
    v_ids uuid[];
BEGIN
    IF v_retry > 0 THEN
        RETURN QUERY SELECT v_retry, NULL::uuid, NULL::text, NULL::uuid, NULL::bytea, false,
            NULL::text, NULL::text;
        RETURN;
    ELSIF p_kind = 'username' THEN
        v_ids := ARRAY(SELECT a.id FROM account.account a WHERE a.username = p_identifier);
    ELSIF p_kind = 'email' THEN
        v_ids := ARRAY(SELECT a.id FROM account.account a
            WHERE a.email = p_identifier AND a.email_verified_at IS NOT NULL);
        IF v_ids = '{}' THEN
            v_ids := ARRAY(SELECT a.id FROM account.account a
                WHERE a.email = p_identifier AND a.email_verified_at IS NULL
                ORDER BY a.created_at DESC LIMIT 3);
        END IF;
    ELSIF p_kind = 'phone' THEN
        v_ids := ARRAY(SELECT a.id FROM account.account a
            WHERE a.phone = p_identifier AND a.phone_verified_at IS NOT NULL);
        IF v_ids = '{}' THEN
            v_ids := ARRAY(SELECT a.id FROM account.account a
                WHERE a.phone = p_identifier AND a.phone_verified_at IS NULL
                ORDER BY a.created_at DESC LIMIT 3);
        END IF;
    END IF;
    RETURN QUERY
    SELECT 0, a.id, a.password_hash, t.id, t.sealed,
           coalesce(d.any_known AND NOT d.this_known, false),
           told.channel, told.address
    FROM unnest(v_ids) WITH ORDINALITY AS c(id, place)
    JOIN account.account a ON a.id = c.id
    LEFT JOIN account.totp t ON t.account_id = a.id AND t.confirmed_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS any_known,
               coalesce(bool_or(k.name = p_device AND k.network = p_network), false) AS this_known
        FROM account.known_device k WHERE k.account_id = a.id) d
    LEFT JOIN LATERAL account.address_to_tell_v1(a.id) AS told ON true
    ORDER BY c.place;
END $$;
