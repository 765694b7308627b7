-- The address of a kind that an account says is its own and has not proven yet. NULL: there is none.
CREATE OR REPLACE FUNCTION account.claim_v1(a account.account, p_channel text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE p_channel
        WHEN 'email' THEN
            CASE WHEN a.email_verified_at IS NULL THEN a.email ELSE a.pending_email END
        WHEN 'phone' THEN
            CASE WHEN a.phone_verified_at IS NULL THEN a.phone ELSE a.pending_phone END
        END
$$;
