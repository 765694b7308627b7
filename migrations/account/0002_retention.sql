-- Housekeeping runs often: it has to find what has expired without reading everything else.
CREATE INDEX refresh_token_expiry ON account.refresh_token (expires_at);
CREATE INDEX session_expiry ON account.session (expires_at);
CREATE INDEX login_failure_age ON account.login_failure (failed_at);
