-- Webhooks that were heard.
CREATE OR REPLACE FUNCTION payment.sandbox_sent_v1(p_ids text[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE payment.sandbox_webhook w SET sent_at = shared.real_now()
    WHERE w.id = ANY (p_ids::uuid[]) AND w.sent_at IS NULL;
END $$;
