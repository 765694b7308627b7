-- The way back of a refund whose money is in the session's funds: by the legs it came by, the last first,
-- by none more than is left of it. What a leg's provider took back, and no refund has covered, is set off
-- first, since the payer has it. The caller holds the session.
CREATE OR REPLACE FUNCTION payment.refund_by_legs_v1(p_refund uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_covered numeric;
    v_taken_back uuid[];
    v_leg uuid;
    r payment.refund;
BEGIN
    SELECT * INTO STRICT r FROM payment.refund x WHERE x.id = p_refund;
    WITH locked AS MATERIALIZED (
        SELECT l.id, l.position, l.amount - l.refunded AS remains, l.charged_back - l.covered AS taken_back
        FROM payment.leg l
        WHERE l.session_id = r.session_id AND l.state = 'settled'
        ORDER BY l.id
        FOR UPDATE
    ), counted AS (
        SELECT k.*, sum(k.remains) OVER (ORDER BY k.position DESC) AS upto FROM locked k
    ), part AS (
        SELECT c.id, c.position, c.taken_back, least(c.remains, r.amount - (c.upto - c.remains)) AS amount
        FROM counted c WHERE c.remains > 0 AND c.upto - c.remains < r.amount
    ), piece AS MATERIALIZED (
        SELECT shared.uuid_v7() AS id, p.id AS leg_id, x.amount, x.taken_back,
               row_number() OVER (ORDER BY p.position DESC, x.taken_back DESC) AS position
        FROM part p
        CROSS JOIN LATERAL (VALUES
            (true, least(p.amount, p.taken_back)),
            (false, p.amount - least(p.amount, p.taken_back))) AS x(taken_back, amount)
        WHERE x.amount > 0
    ), taken AS (
        UPDATE payment.leg l SET refunded = l.refunded + p.amount, updated_at = v_now
        FROM part p WHERE l.id = p.id
        RETURNING l.id
    ), placed AS (
        INSERT INTO payment.refund_leg (id, refund_id, leg_id, position, amount, state, updated_at)
        SELECT p.id, r.id, p.leg_id, p.position, p.amount, 'pending', v_now
        FROM piece p JOIN taken t ON t.id = p.leg_id
        RETURNING amount
    )
    SELECT (SELECT sum(p.amount) FROM placed p),
           (SELECT coalesce(array_agg(p.id ORDER BY p.position), '{}') FROM piece p WHERE p.taken_back)
    INTO v_covered, v_taken_back;
    IF v_covered IS DISTINCT FROM r.amount THEN
        RAISE check_violation USING
            MESSAGE = 'the legs of session ' || r.session_id || ' do not cover the refund ' || r.reference,
            CONSTRAINT = 'refund_by_legs', TABLE = 'refund', SCHEMA = 'payment';
    END IF;
    UPDATE payment.session x SET refunded = x.refunded + r.amount, version = x.version + 1
    WHERE x.id = r.session_id;
    FOREACH v_leg IN ARRAY v_taken_back LOOP
        PERFORM payment.settle_refund_leg_v1(v_leg, 'to_wallet', NULL, 'the bank took it back');
    END LOOP;
    PERFORM payment.start_refund_v1(r.id, p_trace);
END $$;
