-- Whether an account is suspended now.
CREATE OR REPLACE FUNCTION account.is_suspended_v1(a account.account) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    RETURN a.status = 'suspended'
        AND (a.suspended_until IS NULL OR a.suspended_until > shared.real_now());
END $$;
