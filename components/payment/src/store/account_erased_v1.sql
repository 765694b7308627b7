-- An account is gone: it is charged by no saved method and paid out by no schedule any more. Bank accounts and
-- identities are forgotten that no withdrawal names; the books need the others, of which the day of birth goes.
-- What its wallet holds stays its own.
CREATE OR REPLACE FUNCTION payment.account_erased_v1(p_account uuid) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_now timestamp := shared.now();
    i payment.payout_identity;
BEGIN
    -- First: what a schedule is just asking for names the others.
    DELETE FROM payment.payout_schedule s WHERE s.account_id = p_account;
    PERFORM payment.hold_saved_v1('saved_method', p_account);
    DELETE FROM payment.saved_method m WHERE m.account_id = p_account;
    PERFORM payment.hold_saved_v1('bank_account', p_account);
    DELETE FROM payment.bank_account b
    WHERE b.account_id = p_account
      AND NOT EXISTS (SELECT FROM payment.withdrawal w WHERE w.bank_account_id = b.id);
    UPDATE payment.bank_account b SET deleted_at = v_now, is_default = false
    WHERE b.account_id = p_account AND b.deleted_at IS NULL;
    PERFORM payment.hold_saved_v1('payout_identity', p_account);
    FOR i IN SELECT * FROM payment.payout_identity x WHERE x.account_id = p_account ORDER BY x.id FOR UPDATE LOOP
        IF EXISTS (SELECT FROM payment.withdrawal w WHERE w.identity_id = i.id) THEN
            UPDATE payment.payout_identity x
            SET state = CASE x.state WHEN 'approved' THEN 'ended' ELSE x.state END, birth_date = NULL,
                decided_at = CASE x.state WHEN 'approved' THEN v_now ELSE x.decided_at END,
                kept_at = coalesce(x.kept_at, v_now), version = x.version + 1
            WHERE x.id = i.id;
        ELSE
            DELETE FROM payment.payout_identity x WHERE x.id = i.id;
            PERFORM payment.log_identity_v1(i, NULL, 'erased');
        END IF;
    END LOOP;
END $$;
