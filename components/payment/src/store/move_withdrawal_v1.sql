-- Moves a withdrawal's money to where its step, `requested`, `paid` or `returned`, has it, once each.
CREATE OR REPLACE FUNCTION payment.move_withdrawal_v1(w payment.withdrawal, p_step text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_from text := CASE p_step WHEN 'requested' THEN 'wallet' ELSE 'pending_withdrawal' END;
    v_to text := CASE p_step WHEN 'requested' THEN 'pending_withdrawal' WHEN 'paid' THEN 'bank' ELSE 'wallet' END;
BEGIN
    PERFORM payment.post_v1(
        'withdrawal:' || w.id || ':' || p_step,
        CASE p_step WHEN 'requested' THEN 'withdrawal' WHEN 'paid' THEN 'withdrawal_paid' ELSE 'withdrawal_returned' END,
        w.id,
        jsonb_build_array(
            jsonb_build_object('kind', v_from, 'owner', w.account_id, 'currency', w.currency, 'amount', -w.amount),
            jsonb_build_object('kind', v_to, 'owner', CASE WHEN v_to <> 'bank' THEN w.account_id END,
                               'currency', w.currency, 'amount', w.amount)),
        coalesce(w.decided_by, w.account_id), w.bank_reference);
END $$;
