-- Publishes an event, in the transaction of the change it speaks of.
CREATE OR REPLACE FUNCTION "{{schema}}".publish(
    p_kind text, p_subject uuid, p_sequence bigint, p_data jsonb, p_traceparent text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_seq bigint;
BEGIN
    INSERT INTO "{{schema}}".outbox (id, kind, subject, sequence, occurred_at, traceparent, data)
    VALUES (shared.uuid_v7(), p_kind, p_subject, p_sequence, shared.now(), p_traceparent, p_data)
    RETURNING seq INTO v_seq;
    INSERT INTO "{{schema}}".delivery (seq, consumer, subject, due_at)
    SELECT v_seq, consumer, p_subject, shared.real_now() + delay
    FROM shared.subscription WHERE kind = p_kind;
END $$;
