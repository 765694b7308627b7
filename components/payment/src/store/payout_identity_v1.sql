-- An identity for whose it is, or for staff, who see all of the document's number (`sealed`) while it waits and
-- what was done with it; that they have read it is written down. No row: there is none for them.
CREATE OR REPLACE FUNCTION payment.payout_identity_v1(p_caller uuid, p_staff boolean, p_id uuid)
RETURNS TABLE (body text, sealed text)
LANGUAGE plpgsql AS $$
DECLARE
    i payment.payout_identity;
BEGIN
    SELECT * INTO i FROM payment.payout_identity x
    WHERE x.id = p_id AND (p_staff OR x.account_id = p_caller);
    IF NOT FOUND THEN
        RETURN;
    ELSIF i.account_id = p_caller THEN
        RETURN QUERY SELECT payment.payout_identity_json_v1(i, true)::text, NULL::text;
        RETURN;
    END IF;
    PERFORM payment.log_identity_v1(i, p_caller, 'read');
    RETURN QUERY SELECT
        (payment.payout_identity_json_v1(i, true) || jsonb_build_object('log', (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                       'action', l.action, 'actor_id', l.actor_id, 'at', shared.rfc3339(l.at)) ORDER BY l.id), '[]')
            FROM (SELECT * FROM payment.payout_identity_log x
                  WHERE x.identity_id = i.id ORDER BY x.id DESC LIMIT 100) l)))::text,
        i.document_sealed;
END $$;
