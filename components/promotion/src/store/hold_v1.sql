-- Takes the uses of a basket, `[{"promotion_id", "version", "amount"}]`, all or none, for `p_ttl_s`
-- seconds. True when it took them, false when this reference had them already. Refuses with `gone` and
-- `{"promotions": [id]}` when some changed, ended or have too little left, and with `ended` when the
-- reference was given back before.
CREATE OR REPLACE FUNCTION promotion.hold_v1(
    p_reference uuid, p_account uuid, p_currency text, p_uses jsonb, p_ttl_s integer
) RETURNS boolean
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
BEGIN
    IF EXISTS (SELECT FROM promotion.hold h WHERE h.reference = p_reference) THEN
        RETURN promotion.held_before_v1(p_reference, p_account, p_uses);
    END IF;
    -- Most of those who come for what is spent learn it here: without a lock, and without a row that
    -- would have to be taken back.
    PERFORM promotion.look_v1(p_account, p_currency, p_uses);

    -- In this order here and in every function: the hold, the account's rows, and last, for as short
    -- as can be, the promotions' rows, which many want.
    INSERT INTO promotion.hold (reference, account_id, state, expires_at, created_at, updated_at)
    VALUES (p_reference, p_account, 'held', v_now + make_interval(secs => p_ttl_s), v_now, v_now)
    ON CONFLICT (reference) DO NOTHING;
    IF NOT FOUND THEN
        RETURN promotion.held_before_v1(p_reference, p_account, p_uses);
    END IF;
    INSERT INTO promotion.hold_use (reference, promotion_id, amount, held)
    SELECT p_reference, u.promotion_id, u.amount, true
    FROM jsonb_to_recordset(p_uses) AS u(promotion_id uuid, amount bigint);
    PERFORM promotion.take_v1(p_account, p_currency, p_uses, false);
    RETURN true;
END $$;
