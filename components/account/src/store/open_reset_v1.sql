-- Whether a password can be reset with a token, asked before the new one is hashed, which costs much: a
-- row if so, with the address at which the owner is told of it, which may be another than the one that the
-- token was sent to.
CREATE OR REPLACE FUNCTION account.open_reset_v1(p_token_hash bytea)
RETURNS TABLE (channel text, address text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    SELECT t.channel, t.address
    FROM account.verification v
    LEFT JOIN LATERAL account.address_to_tell_v1(v.account_id) t ON true
    WHERE v.token_hash = p_token_hash AND v.purpose = 'reset' AND v.account_id IS NOT NULL
      AND v.used_by IS NULL AND v.expires_at > shared.real_now();
END $$;
