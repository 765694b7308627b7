-- What is left of an escrow after its refunds: what the buyer paid, and of the rest, each in proportion,
-- what the platform adds, keeps and promised. A whole refund leaves nothing of any. `payout` is what the
-- seller gets of it.
CREATE OR REPLACE FUNCTION payment.escrow_left_v1(
    e payment.escrow,
    OUT paid bigint, OUT subsidy bigint, OUT commission bigint,
    OUT cashback_by_platform bigint, OUT cashback_by_seller bigint, OUT payout bigint
)
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    v_whole bigint := e.goods + e.shipping;
    v_none boolean := e.state IN ('refunded', 'void');
BEGIN
    paid := CASE WHEN v_none THEN 0 ELSE v_whole - e.refunded END;
    subsidy := CASE WHEN v_none THEN 0 ELSE e.subsidy - payment.share_v1(e.subsidy, e.refunded, v_whole) END;
    commission := CASE WHEN v_none THEN 0 ELSE e.commission - payment.share_v1(e.commission, e.refunded, v_whole) END;
    cashback_by_platform := CASE WHEN v_none THEN 0
        ELSE e.cashback_by_platform - payment.share_v1(e.cashback_by_platform, e.refunded, v_whole) END;
    cashback_by_seller := CASE WHEN v_none THEN 0
        ELSE e.cashback_by_seller - payment.share_v1(e.cashback_by_seller, e.refunded, v_whole) END;
    payout := paid + subsidy - commission - cashback_by_seller;
END $$;
