-- The way back of a refund whose money is in the session's funds: by the legs it came by, the last first,
-- by none more than is left of it. The caller holds the session.
CREATE OR REPLACE FUNCTION payment.refund_by_legs_v1(p_refund uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_covered numeric;
    r payment.refund;
BEGIN
    SELECT * INTO STRICT r FROM payment.refund x WHERE x.id = p_refund;
    WITH locked AS MATERIALIZED (
        SELECT l.id, l.position, l.amount - l.refunded AS remains FROM payment.leg l
        WHERE l.session_id = r.session_id AND l.state = 'settled'
        ORDER BY l.id
        FOR UPDATE
    ), counted AS (
        SELECT k.*, sum(k.remains) OVER (ORDER BY k.position DESC) AS upto FROM locked k
    ), part AS (
        SELECT c.id, c.position, least(c.remains, r.amount - (c.upto - c.remains)) AS amount
        FROM counted c WHERE c.remains > 0 AND c.upto - c.remains < r.amount
    ), taken AS (
        UPDATE payment.leg l SET refunded = l.refunded + p.amount, updated_at = v_now
        FROM part p WHERE l.id = p.id
        RETURNING l.id
    ), placed AS (
        INSERT INTO payment.refund_leg (id, refund_id, leg_id, position, amount, state, updated_at)
        SELECT shared.uuid_v7(), r.id, p.id, row_number() OVER (ORDER BY p.position DESC), p.amount,
               'pending', v_now
        FROM part p JOIN taken t ON t.id = p.id
        RETURNING amount
    )
    SELECT sum(p.amount) INTO v_covered FROM placed p;
    IF v_covered IS DISTINCT FROM r.amount THEN
        RAISE check_violation USING
            MESSAGE = 'the legs of session ' || r.session_id || ' do not cover the refund ' || r.reference,
            CONSTRAINT = 'refund_by_legs', TABLE = 'refund', SCHEMA = 'payment';
    END IF;
    UPDATE payment.session x SET refunded = x.refunded + r.amount, version = x.version + 1
    WHERE x.id = r.session_id;
    PERFORM payment.start_refund_v1(r.id, p_trace);
END $$;
