-- The first day of a schedule after `p_after`. NULL of one that somebody does by hand.
CREATE OR REPLACE FUNCTION payment.payout_day_v1(p_every text, p_day integer, p_after date) RETURNS date
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_this_month date := date_trunc('month', p_after)::date + p_day - 1;
BEGIN
    RETURN CASE p_every
        WHEN 'weekly' THEN p_after + (p_day - extract(isodow FROM p_after)::integer + 6) % 7 + 1
        WHEN 'monthly' THEN CASE WHEN v_this_month > p_after THEN v_this_month
                            ELSE (v_this_month + interval '1 month')::date END
    END;
END $$;
