-- A withdrawal as the API shows it; `p_staff` sees where to transfer it to.
CREATE OR REPLACE FUNCTION payment.withdrawal_json_v1(w payment.withdrawal, p_staff boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', w.id, 'account_id', w.account_id, 'amount', shared.money(w.amount, w.currency),
        'bank_account', (SELECT payment.bank_account_json_v1(b, p_staff) - 'is_default' - 'created_at'
                         FROM payment.bank_account b WHERE b.id = w.bank_account_id),
        'state', w.state, 'reason', w.reason, 'bank_reference', w.bank_reference,
        'requested_at', shared.rfc3339(w.requested_at), 'decided_at', shared.rfc3339(w.decided_at),
        'paid_at', shared.rfc3339(w.paid_at), 'version', w.version);
END $$;
