-- Keeps what the issuer said of somebody, and answers what a login needs to know of the account that is
-- theirs, as `login_lookup_v1` does. No row: there is none yet. `p_identity` is NULL when it is kept
-- already; otherwise `{"issuer", "subject", "provider", "email", "email_verified", "name", "country",
-- "locale"}`.
CREATE OR REPLACE FUNCTION account.prove_oidc_v1(
    p_state_hash bytea, p_identity jsonb, p_device text, p_network text
) RETURNS TABLE (
    account_id uuid, totp_id uuid, totp_sealed bytea, is_new_device boolean, channel text, address text
)
LANGUAGE plpgsql AS $$
DECLARE
    v_identity jsonb;
BEGIN
    UPDATE account.oidc_attempt o SET identity = coalesce(o.identity, p_identity)
    WHERE o.state_hash = p_state_hash RETURNING o.identity INTO v_identity;
    RETURN QUERY
    SELECT i.account_id, t.id, t.sealed, coalesce(d.any_known AND NOT d.this_known, false),
           told.channel, told.address
    FROM account.identity i
    LEFT JOIN account.totp t ON t.account_id = i.account_id AND t.confirmed_at IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT count(*) > 0 AS any_known,
               coalesce(bool_or(k.name = p_device AND k.network = p_network), false) AS this_known
        FROM account.known_device k WHERE k.account_id = i.account_id) d
    LEFT JOIN LATERAL account.address_to_tell_v1(i.account_id) AS told ON true
    WHERE i.issuer = v_identity->>'issuer' AND i.subject = v_identity->>'subject';
END $$;
