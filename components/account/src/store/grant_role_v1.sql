-- Gives an account a role, for the CLI; answers the account's id. `p_identifier` is an id, an
-- e-mail, a phone number or a username. An address that nobody has verified names nobody: whoever registered
-- it need not be whom it belongs to.
CREATE OR REPLACE FUNCTION account.grant_role_v1(p_identifier text, p_role text) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_identifier text := lower(btrim(p_identifier));
    v_ids uuid[];
BEGIN
    IF p_role IS NULL OR p_role NOT IN ('member', 'moderator', 'admin') THEN
        PERFORM shared.refuse('unknown_role');
    END IF;
    SELECT array_agg(a.id) INTO v_ids FROM account.account a
    WHERE a.username = v_identifier
       OR (a.email = v_identifier AND a.email_verified_at IS NOT NULL)
       OR (a.phone = v_identifier AND a.phone_verified_at IS NOT NULL);
    IF v_ids IS NULL AND EXISTS (SELECT FROM account.account a WHERE v_identifier IN (a.email, a.phone)) THEN
        PERFORM shared.refuse('address_unverified');
    END IF;
    IF v_ids IS NULL THEN
        SELECT array_agg(a.id) INTO v_ids FROM account.account a
        WHERE a.id = CASE
            WHEN v_identifier ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN v_identifier::uuid
        END AND a.status <> 'erased';
    END IF;
    IF v_ids IS NULL THEN
        PERFORM shared.refuse('not_found');
    ELSIF cardinality(v_ids) > 1 THEN
        PERFORM shared.refuse('ambiguous_identifier');
    END IF;
    UPDATE account.account a
    SET roles = a.roles || p_role, version = a.version + 1, updated_at = shared.now()
    WHERE a.id = v_ids[1] AND NOT p_role = ANY (a.roles);
    IF FOUND THEN
        INSERT INTO account.audit (account_id, action, facts)
        VALUES (v_ids[1], 'role_granted', jsonb_build_object('role', p_role));
    END IF;
    RETURN v_ids[1];
END $$;
