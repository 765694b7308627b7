-- Takes a sign-in that has begun, to ask the issuer: once, or again by the same request (`p_use`). When the
-- issuer was asked before and only a second factor was missing, `is_proven`. No row: it is none of this
-- client's, was used, or is over.
CREATE OR REPLACE FUNCTION account.take_oidc_v1(
    p_state_hash bytea, p_binding_hash bytea, p_provider text, p_use uuid
) RETURNS TABLE (link_to uuid, is_proven boolean)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY
    UPDATE account.oidc_attempt o SET taken_by = coalesce(o.taken_by, p_use)
    WHERE o.state_hash = p_state_hash AND o.binding_hash = p_binding_hash AND o.provider = p_provider
      AND o.expires_at > shared.real_now() AND o.used_by IS NULL
      AND (o.taken_by IS NULL OR o.taken_by = p_use OR o.identity IS NOT NULL)
    RETURNING o.account_id, o.identity IS NOT NULL;
END $$;
