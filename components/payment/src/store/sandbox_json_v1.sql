-- A payment of the sandbox.
CREATE OR REPLACE FUNCTION payment.sandbox_json_v1(p payment.sandbox_payment) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', p.id, 'leg', p.leg_id, 'session', p.session_id, 'amount', p.amount, 'currency', p.currency,
        'description', p.description, 'return_url', p.return_url, 'choice', p.choice, 'state', p.state,
        'taken', p.taken, 'refunded', p.refunded);
END $$;
