-- Money that goes back after somebody has heard of it: transfers that settle nothing and are voided at the
-- provider, and refunds of which their provider tells that they failed before anybody heard that it made them.

ALTER TABLE payment.unmatched_payment
    -- The provider's event by which it gave this back. So it counts once.
    ADD COLUMN voided_by text,
    ADD CONSTRAINT unmatched_payment_voided
        CHECK (voided_by IS NULL OR (collected AND state IN ('returned', 'credited')));
CREATE UNIQUE INDEX unmatched_payment_voided_once ON payment.unmatched_payment (provider, voided_by)
    WHERE voided_by IS NOT NULL;
-- Providers' statements know no attempts.
CREATE INDEX unmatched_payment_ref ON payment.unmatched_payment (provider, provider_ref)
    WHERE provider_ref IS NOT NULL;

ALTER TABLE payment.refund_leg
    -- When the provider told that it failed while it was on its way here, and why. It is not done then,
    -- whatever was heard before.
    ADD COLUMN failed_at timestamp,
    ADD COLUMN failure text,
    ADD CONSTRAINT refund_leg_failure CHECK (failure IS NULL OR failed_at IS NOT NULL);
