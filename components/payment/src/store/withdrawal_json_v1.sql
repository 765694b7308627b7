-- A withdrawal as the API shows it; `p_staff` sees where to transfer it to.
CREATE OR REPLACE FUNCTION payment.withdrawal_json_v1(w payment.withdrawal, p_staff boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    b payment.bank_account;
BEGIN
    SELECT * INTO b FROM payment.bank_account x WHERE x.id = w.bank_account_id;
    RETURN jsonb_build_object(
        'id', w.id, 'account_id', w.account_id, 'amount', shared.money(w.amount, w.currency),
        'bank_account', payment.bank_account_json_v1(b, p_staff) - 'is_default' - 'created_at',
        'identity_id', w.identity_id,
        'holder_matches', (SELECT payment.same_name_v1(b.holder, i.legal_name)
                           FROM payment.payout_identity i WHERE i.id = w.identity_id),
        'scheduled_on', to_char(w.scheduled_on, 'YYYY-MM-DD'),
        'state', w.state, 'reason', w.reason, 'bank_reference', w.bank_reference,
        'requested_at', shared.rfc3339(w.requested_at), 'decided_at', shared.rfc3339(w.decided_at),
        'paid_at', shared.rfc3339(w.paid_at), 'version', w.version);
END $$;
