-- Guards that were missing: against sessions, letters and log entries without end.

-- Functions that get other parameters: what lies beside the code makes them anew.
DROP FUNCTION IF EXISTS account.codes_open_v1(uuid, text);
DROP FUNCTION IF EXISTS account.confirm_totp_v1(uuid, uuid, bigint, uuid, text[]);
DROP FUNCTION IF EXISTS account.oidc_sign_in_v1(
    bytea, uuid, bytea, bytea, text, text, jsonb, jsonb, uuid, uuid, text, text);
DROP FUNCTION IF EXISTS account.hold_oidc_v1(bytea, uuid);
DROP FUNCTION IF EXISTS account.add_api_key_v1(
    uuid, text, text, text, uuid, uuid, text, bytea, text, text[], text);
DROP FUNCTION IF EXISTS account.end_sessions_v1(uuid, text, uuid, text);
DROP FUNCTION IF EXISTS account.rotate_key_v1(text, text, jsonb, bytea);
DROP FUNCTION IF EXISTS account.logout_v1(uuid, uuid, text);

-- Which living sessions of an account were used least lately: there are at most a hundred, beside any number
-- that have ended.
CREATE INDEX session_living ON account.session (account_id, seen_at DESC, id DESC) WHERE revoked_at IS NULL;

-- What strangers can make grow, and names their addresses, goes after 90 days: wrong passwords and codes of
-- whoever is signed in, and refresh tokens that were used twice, as failed logins do.
DROP INDEX account.audit_failed_login;
CREATE INDEX audit_failure ON account.audit (at)
    WHERE action IN ('login_failed', 'confirmation_failed', 'login_locked', 'refresh_reuse');
CREATE OR REPLACE FUNCTION account.audit_is_append_only() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE'
       AND OLD.action IN ('login_failed', 'confirmation_failed', 'login_locked', 'refresh_reuse')
       AND OLD.at < shared.real_now() - interval '90 days' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only' USING ERRCODE = 'restrict_violation';
END $$;

CREATE INDEX api_key_expiry ON account.api_key (expires_at) WHERE expires_at IS NOT NULL;
