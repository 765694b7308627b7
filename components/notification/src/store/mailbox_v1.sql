-- The newest `p_limit` letters in the mailbox, all or those to an address:
-- `[{"to", "channel", "template", "locale", "data", "sealed", "sent_at"}]`.
CREATE OR REPLACE FUNCTION notification.mailbox_v1(p_to text, p_limit integer) RETURNS jsonb
LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_seqs bigint[];
BEGIN
    IF p_to IS NULL THEN
        v_seqs := ARRAY(SELECT b.seq FROM notification.mailbox b ORDER BY b.seq DESC LIMIT p_limit);
    ELSE
        v_seqs := ARRAY(SELECT b.seq FROM notification.mailbox b WHERE b.address = lower(p_to)
                        ORDER BY b.seq DESC LIMIT p_limit);
    END IF;
    RETURN (
        SELECT coalesce(jsonb_agg(jsonb_build_object(
                   'to', b.address, 'channel', m.channel, 'template', m.template, 'locale', m.locale,
                   'data', m.data, 'sealed', b.sealed, 'sent_at', shared.rfc3339(b.delivered_at))
                   ORDER BY x.n), '[]')
        FROM unnest(v_seqs) WITH ORDINALITY AS x(seq, n)
        JOIN notification.mailbox b ON b.seq = x.seq
        JOIN notification.message m ON m.id = b.message_id);
END $$;
