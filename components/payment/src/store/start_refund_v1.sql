-- Sets a refund going whose legs are there: what goes to the wallet goes at once, and where a provider has
-- something to do the workflow does it. Without anything left the refund is done.
CREATE OR REPLACE FUNCTION payment.start_refund_v1(p_refund uuid, p_trace text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    r payment.refund;
    t record;
BEGIN
    SELECT * INTO STRICT r FROM payment.refund x WHERE x.id = p_refund;
    FOR t IN
        SELECT g.id, CASE l.method WHEN 'wallet' THEN 'done' ELSE 'to_wallet' END AS state
        FROM payment.refund_leg g JOIN payment.leg l ON l.id = g.leg_id
        WHERE g.refund_id = p_refund AND g.state = 'pending'
          AND (l.method = 'wallet' OR r.destination = 'wallet')
        ORDER BY g.position
    LOOP
        PERFORM payment.settle_refund_leg_v1(t.id, t.state, NULL, NULL);
    END LOOP;
    IF EXISTS (SELECT 1 FROM payment.refund_leg g WHERE g.refund_id = p_refund AND g.state = 'pending') THEN
        PERFORM payment.workflow_start(
            p_refund, 'refund', 1, r.payer_id, jsonb_build_object('refund_id', p_refund), p_trace, 0);
    END IF;
END $$;
