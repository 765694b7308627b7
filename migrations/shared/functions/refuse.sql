-- Ends a function with a refusal of the module's own: SQLSTATE ST001, the stable error code as
-- message, and facts for the caller as JSON in the detail. Everything the function did is undone.
CREATE OR REPLACE FUNCTION shared.refuse(p_code text, p_facts jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'ST001', MESSAGE = p_code, DETAIL = p_facts::text;
END $$;
