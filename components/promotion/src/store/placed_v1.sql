-- A checkout became orders: its uses are final, and its buyer has a first order. What cannot be counted
-- any more is a dead letter: the buyer has the discount, and somebody should know.
CREATE OR REPLACE FUNCTION promotion.placed_v1(p_checkout uuid, p_buyer uuid) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    BEGIN
        PERFORM promotion.commit_v1(p_checkout);
    EXCEPTION WHEN SQLSTATE 'ST001' THEN
        RAISE data_exception USING MESSAGE =
            format('the promotions of checkout %s cannot be counted: %s', p_checkout, SQLERRM);
    END;
    INSERT INTO promotion.buyer (account_id, first_order_at) VALUES (p_buyer, shared.now())
    ON CONFLICT (account_id) DO NOTHING;
END $$;
