-- What everybody may know of an account. No row: no such account.
CREATE OR REPLACE FUNCTION account.profile_v1(p_account uuid) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT jsonb_build_object(
        'id', a.id,
        'username', a.username,
        'name', a.name,
        'bio', a.bio,
        'followers', (SELECT count(*) FROM account.follow f WHERE f.seller_id = a.id AND f.active),
        'member_since', shared.rfc3339(a.created_at))::text
    FROM account.account a WHERE a.id = p_account AND a.status <> 'erased';
END $$;
