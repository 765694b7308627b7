-- Takes the proof of a second factor, which is good once; `p_use` names the request, whose repetition
-- finds it taken by itself. The account is locked. `p_proof` is `{"totp", "step"}`, the enrolment and
-- the step of 30 seconds whose code was sent, or `{"recovery"}`, a hash in hexadecimal.
CREATE OR REPLACE FUNCTION account.second_factor_v1(p_account uuid, p_proof jsonb, p_use uuid)
RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    IF p_proof ? 'step' THEN
        -- An older step than the newest is spent too: whoever saw one code must not use it late.
        UPDATE account.totp t SET last_step = (p_proof->>'step')::bigint, used_by = p_use
        WHERE t.account_id = p_account AND t.id = (p_proof->>'totp')::uuid
          AND t.confirmed_at IS NOT NULL
          AND (t.last_step < (p_proof->>'step')::bigint
               OR (t.last_step = (p_proof->>'step')::bigint AND t.used_by = p_use));
        RETURN FOUND;
    END IF;
    UPDATE account.recovery_code c SET used_at = shared.real_now(), used_by = p_use
    WHERE c.account_id = p_account AND c.code_hash = decode(p_proof->>'recovery', 'hex')
      AND c.used_by IS NULL;
    IF FOUND THEN
        INSERT INTO account.audit (actor_id, account_id, action, facts)
        SELECT p_account, p_account, 'recovery_code_used', jsonb_build_object('left', count(*))
        FROM account.recovery_code c WHERE c.account_id = p_account AND c.used_by IS NULL;
        RETURN true;
    END IF;
    RETURN EXISTS (
        SELECT FROM account.recovery_code c
        WHERE c.account_id = p_account AND c.code_hash = decode(p_proof->>'recovery', 'hex')
          AND c.used_by = p_use);
END $$;
