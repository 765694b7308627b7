-- Makes an account; its id is `p_reference`. A repetition finds the account by it. `p_letter` goes to
-- its address: see `send_letter_v1`.
--
-- The request's hash leaves the password out, since a fast hash of it must not be stored. Beside
-- the answer come the account's id and password hash, by which the caller tells whether a replayed
-- request brought the same password.
--
-- `p_verified` marks the addresses as verified: for demo data and imports, never for a route. Only
-- then can an address be taken, which ends in a unique violation.
CREATE OR REPLACE FUNCTION account.register_v1(
    p_account uuid, p_key text, p_hash text, p_reference uuid, p_trace text,
    p_email text, p_phone text, p_username text, p_password_hash text,
    p_name text, p_country text, p_locale text, p_verified boolean DEFAULT false,
    p_letter jsonb DEFAULT NULL
) RETURNS TABLE (status integer, body text, replayed boolean, account_id uuid, password_hash text)
LANGUAGE plpgsql AS $$
DECLARE
    v_stored jsonb;
    v_now timestamp := shared.now();
    v_row account.account;
    v_body text;
    v_constraint text;
BEGIN
    v_stored := account.idempotency_begin(p_account, p_key, p_hash, p_reference);
    IF v_stored IS NOT NULL THEN
        RETURN QUERY
            SELECT (v_stored->>'status')::integer, v_stored->>'answer', true, a.id, a.password_hash
            FROM account.account a
            WHERE a.id = ((v_stored->>'answer')::jsonb->>'id')::uuid;
        RETURN;
    END IF;

    BEGIN
        INSERT INTO account.account AS a (
            id, email, email_verified_at, phone, phone_verified_at, username, password_hash,
            name, country, locale, created_at, updated_at)
        VALUES (
            p_reference,
            p_email, CASE WHEN p_verified AND p_email IS NOT NULL THEN v_now END,
            p_phone, CASE WHEN p_verified AND p_phone IS NOT NULL THEN v_now END,
            p_username, p_password_hash, p_name, p_country, p_locale, v_now, v_now)
        ON CONFLICT (id) DO NOTHING
        RETURNING a.* INTO v_row;
    EXCEPTION WHEN unique_violation THEN
        GET STACKED DIAGNOSTICS v_constraint = CONSTRAINT_NAME;
        IF v_constraint = 'account_username' THEN
            PERFORM shared.refuse('username_taken');
        END IF;
        RAISE;
    END;

    IF v_row.id IS NULL THEN
        SELECT * INTO STRICT v_row FROM account.account a WHERE a.id = p_reference;
    ELSE
        INSERT INTO account.audit (actor_id, account_id, action)
        VALUES (p_reference, p_reference, 'registered');
        PERFORM account.publish('account.registered', v_row.id, v_row.version,
            jsonb_build_object('account_id', v_row.id, 'name', v_row.name, 'locale', v_row.locale),
            p_trace);
        IF p_letter IS NOT NULL THEN
            PERFORM account.may_write_v1(v_row.id, p_letter->>'channel');
            PERFORM account.send_letter_v1(v_row.id, v_row.version, v_row.locale, p_letter,
                NOT account.is_taken_v1(p_letter->>'channel', p_letter->>'address'), p_trace);
        END IF;
    END IF;
    v_body := account.self_json_v1(v_row)::text;
    PERFORM account.idempotency_end(p_account, p_key, 201, v_body);
    RETURN QUERY SELECT 201, v_body, false, v_row.id, v_row.password_hash;
END $$;
