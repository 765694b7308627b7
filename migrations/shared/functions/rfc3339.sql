-- Both are STABLE, as what they call is: only so Postgres puts their bodies in place of the calls.

-- A UTC timestamp as the API writes it: RFC 3339 with milliseconds and a Z.
CREATE OR REPLACE FUNCTION shared.rfc3339(t timestamp) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE STRICT AS $$
    SELECT to_char(t, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- Money as the API writes it.
CREATE OR REPLACE FUNCTION shared.money(amount bigint, currency text) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT jsonb_build_object('amount', amount, 'currency', currency)
$$;
