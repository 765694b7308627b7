-- The id of an account of the ledger, by what it is.
CREATE OR REPLACE FUNCTION payment.account_id_v1(
    p_kind text, p_owner uuid, p_provider text, p_currency text
) RETURNS uuid
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT md5(p_kind || '/' || coalesce(p_owner::text, '') || '/' || coalesce(p_provider, '')
               || '/' || p_currency)::uuid
$$;
