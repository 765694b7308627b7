-- What each order of a session gets, as the session keeps it: goods added up, and the commission as of now.
CREATE OR REPLACE FUNCTION payment.parts_v1(p_parts jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(jsonb_build_object(
                   'order_id', p.order_id, 'seller_id', p.seller_id,
                   'goods', (SELECT sum(g.amount) FROM jsonb_to_recordset(p.goods) AS g(amount bigint)),
                   'shipping', p.shipping, 'subsidy', p.subsidy,
                   'commission', payment.commission_v1(p.goods),
                   'cashback_by_platform', p.cashback_by_platform,
                   'cashback_by_seller', p.cashback_by_seller) ORDER BY p.order_id)
        FROM jsonb_to_recordset(p_parts) AS p(
            order_id uuid, seller_id uuid, goods jsonb, shipping bigint, subsidy bigint,
            cashback_by_platform bigint, cashback_by_seller bigint));
END $$;
