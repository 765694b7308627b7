-- Everything that this module keeps of an account, but secrets and their hashes. Of the audit log the newest
-- thousand entries. No row: there is no such account.
CREATE OR REPLACE FUNCTION account.export_v1(p_account uuid) RETURNS TABLE (body text)
LANGUAGE plpgsql AS $$
DECLARE
    a account.account;
BEGIN
    SELECT * INTO a FROM account.account x WHERE x.id = p_account AND x.status <> 'erased';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    INSERT INTO account.audit (actor_id, account_id, action) VALUES (p_account, p_account, 'exported');
    RETURN QUERY SELECT jsonb_build_object(
        'account', account.self_json_v1(a) || jsonb_build_object(
            'has_password', a.has_password, 'status', a.status,
            'email_verified_at', shared.rfc3339(a.email_verified_at),
            'phone_verified_at', shared.rfc3339(a.phone_verified_at),
            'updated_at', shared.rfc3339(a.updated_at)),
        'contacts', (SELECT coalesce(jsonb_agg(account.contact_json_v1(c) ORDER BY c.id DESC), '[]')
                     FROM account.contact c WHERE c.account_id = p_account),
        'following', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                          'account_id', f.seller_id, 'followed_at', shared.rfc3339(f.changed_at))
                          ORDER BY f.changed_at DESC, f.seller_id), '[]')
                      FROM account.follow f WHERE f.follower_id = p_account AND f.active),
        'favorites', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                          'product_id', f.product_id, 'favorited_at', shared.rfc3339(f.created_at))
                          ORDER BY f.id DESC), '[]')
                      FROM account.favorite f WHERE f.account_id = p_account),
        'devices', (SELECT coalesce(jsonb_agg(account.device_json_v1(d) || jsonb_build_object('token', d.token)
                        ORDER BY d.seen_at DESC, d.id DESC), '[]')
                    FROM account.device d WHERE d.account_id = p_account),
        'known_devices', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                              'name', k.name, 'network', k.network,
                              'first_seen_at', shared.rfc3339(k.first_seen_at),
                              'last_seen_at', shared.rfc3339(k.last_seen_at))
                              ORDER BY k.last_seen_at DESC), '[]')
                          FROM account.known_device k WHERE k.account_id = p_account),
        'identities', (SELECT coalesce(jsonb_agg(
                           account.identity_json_v1(i) || jsonb_build_object('subject', i.subject)
                           ORDER BY i.id DESC), '[]')
                       FROM account.identity i WHERE i.account_id = p_account),
        'api_keys', (SELECT coalesce(jsonb_agg(
                         account.api_key_json_v1(k)
                         || jsonb_build_object('revoked_at', shared.rfc3339(k.revoked_at))
                         ORDER BY k.id DESC), '[]')
                     FROM account.api_key k WHERE k.account_id = p_account),
        'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                         'id', s.id, 'user_agent', s.user_agent, 'address', s.address,
                         'created_at', shared.rfc3339(s.created_at), 'seen_at', shared.rfc3339(s.seen_at),
                         'expires_at', shared.rfc3339(s.expires_at),
                         'revoked_at', shared.rfc3339(s.revoked_at)) ORDER BY s.id DESC), '[]')
                     FROM account.session s WHERE s.account_id = p_account),
        'second_factor_since', (SELECT shared.rfc3339(t.confirmed_at) FROM account.totp t
                                WHERE t.account_id = p_account),
        'notifications_switched_off', coalesce(
            (SELECT to_jsonb(n.switched_off) FROM account.notification_preference n
             WHERE n.account_id = p_account), '[]'),
        'audit', (SELECT coalesce(jsonb_agg(jsonb_build_object(
                      'at', shared.rfc3339(e.at), 'action', e.action, 'facts', e.facts) ORDER BY e.id DESC), '[]')
                  FROM (SELECT * FROM account.audit x WHERE x.account_id = p_account
                        ORDER BY x.id DESC LIMIT 1000) e),
        'exported_at', shared.rfc3339(shared.real_now()))::text;
END $$;
