-- Counts the uses of a hold whose row the caller has (see `hold_v1`), or refuses. `p_again`: they were
-- promised before and lapsed, so that only what is left counts, and no version.
CREATE OR REPLACE FUNCTION promotion.take_v1(
    p_account uuid, p_currency text, p_uses jsonb, p_again boolean
) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    v_uses jsonb;
    v_row promotion.promotion;
    v_spent uuid[] := '{}';
    v_gone uuid[] := '{}';
    u record;
BEGIN
    WITH counted AS (
        INSERT INTO promotion.account_usage AS a (promotion_id, account_id, uses)
        SELECT x.promotion_id, p_account, 1
        FROM jsonb_to_recordset(p_uses) AS x(promotion_id uuid)
        ORDER BY x.promotion_id
        ON CONFLICT (promotion_id, account_id) DO UPDATE SET uses = a.uses + 1
        RETURNING a.promotion_id, a.uses
    )
    SELECT jsonb_object_agg(c.promotion_id, c.uses) INTO v_uses FROM counted c;

    -- Each promotion is locked and judged by one statement; what refuses undoes all of it.
    FOR u IN
        SELECT x.promotion_id, x.version, x.amount, (v_uses->>x.promotion_id::text)::integer AS uses
        FROM jsonb_to_recordset(p_uses) AS x(promotion_id uuid, version bigint, amount bigint)
        ORDER BY x.promotion_id
    LOOP
        UPDATE promotion.promotion p
        SET used_amount = p.used_amount + u.amount, used_uses = p.used_uses + 1
        WHERE p.id = u.promotion_id
          AND coalesce(p.used_amount + u.amount <= p.budget, true)
          AND coalesce(p.used_uses < p.usage_limit, true)
          AND coalesce(u.uses <= promotion.account_limit_v1(p), true)
          AND (p_again OR (p.version = u.version AND p.currency = p_currency AND p.enabled
                           AND p.deleted_at IS NULL AND p.starts_at <= v_now
                           AND coalesce(p.ends_at > v_now, true)))
        RETURNING p.* INTO v_row;
        IF NOT FOUND THEN
            v_gone := v_gone || u.promotion_id;
        ELSIF promotion.spent_v1(v_row) AND NOT v_row.exhausted_told THEN
            v_spent := v_spent || u.promotion_id;
        END IF;
    END LOOP;
    IF cardinality(v_gone) > 0 THEN
        PERFORM shared.refuse('gone', jsonb_build_object('promotions', v_gone));
    END IF;

    IF cardinality(v_spent) > 0 THEN
        FOR v_row IN
            UPDATE promotion.promotion p SET exhausted_told = true WHERE p.id = ANY (v_spent)
            RETURNING p.*
        LOOP
            PERFORM promotion.publish('promotion.exhausted', v_row.id, v_row.version, jsonb_build_object(
                'promotion_id', v_row.id, 'owner_id', v_row.owner_id, 'title', v_row.title));
        END LOOP;
    END IF;
END $$;
