-- An identity as the API shows it; in lists of everybody's without what is personal (`p_whole` false).
CREATE OR REPLACE FUNCTION payment.payout_identity_json_v1(i payment.payout_identity, p_whole boolean) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN jsonb_build_object(
        'id', i.id, 'account_id', i.account_id, 'state', i.state,
        'legal_name', CASE WHEN p_whole THEN i.legal_name END,
        'country', i.country,
        'birth_date', CASE WHEN p_whole THEN to_char(i.birth_date, 'YYYY-MM-DD') END,
        'document_kind', i.document_kind,
        'document_number', CASE WHEN p_whole THEN '****' || i.document_tail END,
        'reason', CASE WHEN p_whole THEN i.reason END,
        'submitted_at', shared.rfc3339(i.submitted_at), 'decided_at', shared.rfc3339(i.decided_at),
        'version', i.version);
END $$;
