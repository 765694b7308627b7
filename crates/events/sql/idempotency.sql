-- Idempotency keys. A function that makes its whole effect in one statement calls
-- `idempotency_begin`, returns what it gives when that is not NULL, and ends with
-- `idempotency_end`. An effect of several statements claims the key first, in a statement of its
-- own, with `idempotency_claim`.

-- Claims a key inside the transaction of its effect. NULL: go on (also without a key).
-- Otherwise the stored answer, `{"status", "answer"}`.
CREATE OR REPLACE FUNCTION "{{schema}}".idempotency_begin(
    p_account uuid, p_key text, p_hash text, p_reference uuid
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_row "{{schema}}".idempotency;
BEGIN
    IF p_key IS NULL THEN
        RETURN NULL;
    END IF;
    -- A second request with the same key while the first runs is told so instead of waiting.
    IF NOT pg_try_advisory_xact_lock(
        hashtextextended('{{schema}}' || p_account::text || p_key, 0)) THEN
        PERFORM shared.refuse('idempotency_in_progress');
    END IF;
    SELECT * INTO v_row FROM "{{schema}}".idempotency WHERE account_id = p_account AND key = p_key;
    IF FOUND THEN
        IF v_row.request_hash <> p_hash THEN
            PERFORM shared.refuse('idempotency_key_reused');
        END IF;
        RETURN jsonb_build_object('status', v_row.status, 'answer', v_row.answer);
    END IF;
    INSERT INTO "{{schema}}".idempotency
        (account_id, key, request_hash, reference, lease_until, created_at)
    VALUES (p_account, p_key, p_hash, p_reference, shared.real_now(), shared.now());
    RETURN NULL;
END $$;

-- Stores the answer of a claimed key. Does nothing without a key.
CREATE OR REPLACE FUNCTION "{{schema}}".idempotency_end(
    p_account uuid, p_key text, p_status integer, p_answer text
) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE "{{schema}}".idempotency SET status = p_status, answer = p_answer
    WHERE account_id = p_account AND key = p_key;
END $$;

-- Claims a key for an effect of several statements: 30 seconds of lease. Answers `{"reference"}`
-- to go on with (a key taken over after its lease keeps the reference of the first try), or
-- `{"status", "answer"}` when it was done before.
CREATE OR REPLACE FUNCTION "{{schema}}".idempotency_claim(
    p_account uuid, p_key text, p_hash text, p_reference uuid
) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_row "{{schema}}".idempotency;
BEGIN
    INSERT INTO "{{schema}}".idempotency
        (account_id, key, request_hash, reference, lease_until, created_at)
    VALUES (p_account, p_key, p_hash, p_reference,
            shared.real_now() + interval '30 seconds', shared.now())
    ON CONFLICT (account_id, key) DO NOTHING;
    IF FOUND THEN
        RETURN jsonb_build_object('reference', p_reference);
    END IF;
    SELECT * INTO v_row FROM "{{schema}}".idempotency
    WHERE account_id = p_account AND key = p_key FOR UPDATE;
    IF NOT FOUND THEN
        -- Given up by its holder between the two statements.
        PERFORM shared.refuse('idempotency_in_progress');
    ELSIF v_row.request_hash <> p_hash THEN
        PERFORM shared.refuse('idempotency_key_reused');
    ELSIF v_row.status IS NOT NULL THEN
        RETURN jsonb_build_object('status', v_row.status, 'answer', v_row.answer);
    ELSIF v_row.lease_until > shared.real_now() THEN
        PERFORM shared.refuse('idempotency_in_progress');
    END IF;
    UPDATE "{{schema}}".idempotency SET lease_until = shared.real_now() + interval '30 seconds'
    WHERE account_id = p_account AND key = p_key;
    RETURN jsonb_build_object('reference', v_row.reference);
END $$;

-- Gives a claimed key up after a refusal, so that the client may repeat it at once: error answers
-- are not stored. A reference that has an effect keeps its key.
CREATE OR REPLACE FUNCTION "{{schema}}".idempotency_abandon(p_account uuid, p_key text, p_reference uuid)
RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM "{{schema}}".idempotency
    WHERE account_id = p_account AND key = p_key AND reference = p_reference AND status IS NULL;
END $$;
