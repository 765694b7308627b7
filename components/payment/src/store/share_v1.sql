-- `p_amount * p_part / p_whole`, rounded half to even, exact to the last unit of 64 bits. Nothing of
-- nothing is 0. None may be negative.
CREATE OR REPLACE FUNCTION payment.share_v1(p_amount bigint, p_part bigint, p_whole bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    v_product numeric := p_amount::numeric * p_part;
    v_share numeric;
    v_twice numeric;
BEGIN
    IF p_whole = 0 THEN
        RETURN 0;
    END IF;
    v_share := div(v_product, p_whole);
    v_twice := 2 * mod(v_product, p_whole::numeric);
    RETURN v_share + CASE WHEN v_twice > p_whole OR (v_twice = p_whole AND mod(v_share, 2) = 1) THEN 1 ELSE 0 END;
END $$;
