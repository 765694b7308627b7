-- Lets the modules know that the tokens of a key for programs count no more. The key is locked. Its use is
-- noted to the hour: whatever was exchanged two hours ago is over.
CREATE OR REPLACE FUNCTION account.revoke_key_tokens_v1(p_key account.api_key) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO shared.revocation (session_id, revoked_at)
    SELECT p_key.session_id, shared.real_now()
    WHERE p_key.used_at > shared.real_now() - interval '2 hours'
    ON CONFLICT (session_id) DO NOTHING;
END $$;
