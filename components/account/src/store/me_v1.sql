-- An account for its owner, with its version.
CREATE OR REPLACE FUNCTION account.me_v1(p_account uuid)
RETURNS TABLE (body text, version_now bigint)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT account.self_json_v1(a)::text, a.version
    FROM account.account a WHERE a.id = p_account AND a.status <> 'erased';
END $$;
