-- Opens a session, or answers how the one of that id stands: see `session_state_v1`. The wallet's share,
-- at most `p_wallet_limit`, is taken at once; an attempt at the provider, `p_leg`, is begun for the rest;
-- where there is no rest the session is settled. Parts are `[{"order_id", "seller_id", "goods": [{"amount",
-- "category_path"}], "shipping", "subsidy", "cashback_by_platform", "cashback_by_seller"}]`. Refuses with
-- `insufficient_funds` (`available`, `currency`) and `provider_unusable` (`reason`).
CREATE OR REPLACE FUNCTION payment.open_v1(
    p_session uuid, p_payer uuid, p_currency text, p_wallet_limit bigint, p_provider text, p_method uuid,
    p_parts jsonb, p_ttl_s integer, p_return_url text, p_leg uuid
) RETURNS jsonb
LANGUAGE plpgsql
-- Everything here goes by keys: one plan fits all calls, and none is made anew for each
-- (docs/decisions/0006-plans.md).
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET jit = off
AS $$
DECLARE
    v_now timestamp := shared.now();
    v_parts jsonb := payment.parts_v1(p_parts);
    s payment.session;
    v_balance bigint;
    v_share bigint := 0;
BEGIN
    INSERT INTO payment.session AS x
        (id, payer_id, currency, total, state, provider, return_url, parts, opened_at, expires_at)
    SELECT p_session, p_payer, p_currency, sum(p.goods + p.shipping), 'open', p_provider, p_return_url,
           v_parts, v_now, v_now + make_interval(secs => p_ttl_s)
    FROM jsonb_to_recordset(v_parts) AS p(goods bigint, shipping bigint)
    ON CONFLICT (id) DO NOTHING
    RETURNING x.* INTO s;
    IF s.id IS NULL THEN
        SELECT * INTO STRICT s FROM payment.session x WHERE x.id = p_session;
        IF s.payer_id <> p_payer THEN
            RAISE invalid_parameter_value USING MESSAGE = 'session ' || p_session || ' is somebody else''s';
        END IF;
        RETURN payment.session_state_v1(s);
    END IF;

    -- Before its money could be there an order has neither begun nor ended.
    IF EXISTS (SELECT 1 FROM payment.escrow e
               WHERE e.order_id = ANY (ARRAY(
                   SELECT p.order_id FROM jsonb_to_recordset(v_parts) AS p(order_id uuid)))) THEN
        RAISE invalid_parameter_value USING MESSAGE = 'an order of session ' || p_session || ' is known already';
    END IF;
    SELECT a.balance INTO v_balance FROM payment.ledger_account a
    WHERE a.id = payment.account_id_v1('wallet', p_payer, NULL, p_currency) AND p_wallet_limit > 0
    FOR NO KEY UPDATE;
    v_share := greatest(least(p_wallet_limit, coalesce(v_balance, 0), s.total), 0);
    IF v_share < s.total AND p_provider IS NULL THEN
        PERFORM shared.refuse('insufficient_funds', jsonb_build_object(
            'available', payment.balance_v1('wallet', p_payer, p_currency), 'currency', p_currency));
    END IF;
    IF v_share > 0 THEN
        INSERT INTO payment.leg
            (id, session_id, position, method, currency, amount, state, created_at, settled_at, updated_at)
        VALUES (shared.uuid_v7(), s.id, 0, 'wallet', p_currency, v_share, 'settled', v_now, v_now, v_now);
        PERFORM payment.post_v1('session:' || s.id || ':wallet', 'payment', s.id, jsonb_build_array(
            jsonb_build_object('kind', 'wallet', 'owner', p_payer, 'currency', p_currency, 'amount', -v_share),
            jsonb_build_object('kind', 'session_funds', 'owner', s.id, 'currency', p_currency, 'amount', v_share)));
        UPDATE payment.session x SET settled = v_share WHERE x.id = s.id RETURNING x.* INTO s;
    END IF;
    IF v_share < s.total THEN
        PERFORM payment.start_attempt_v1(s, p_leg, p_provider, p_method, NULL);
    ELSE
        PERFORM payment.settle_v1(s.id);
    END IF;
    SELECT * INTO s FROM payment.session x WHERE x.id = s.id;
    RETURN payment.session_state_v1(s);
END $$;
