-- Money that a provider takes back, gives back again, or could not give a buyer back after all.

ALTER TABLE payment.leg
    -- What the provider has taken back.
    ADD COLUMN charged_back bigint NOT NULL DEFAULT 0,
    -- Of that, what refunds have been set off against: the payer had it from their bank already.
    ADD COLUMN covered bigint NOT NULL DEFAULT 0,
    -- Of what is covered, what the provider has given back all the same: the platform's, until somebody
    -- decides.
    ADD COLUMN recovered bigint NOT NULL DEFAULT 0,
    ADD CONSTRAINT leg_taken_back CHECK (
        0 <= recovered AND recovered <= covered AND covered <= charged_back AND charged_back <= amount);

-- `charged_back`: the payer has it by their bank, and nothing went to the wallet.
ALTER TABLE payment.refund_leg
    DROP CONSTRAINT refund_leg_state_check,
    ADD CONSTRAINT refund_leg_state_check
        CHECK (state IN ('pending', 'done', 'to_wallet', 'charged_back'));
-- A provider's refund is of one part of one refund. `refund_leg_provider_ref` stays: providers' statements
-- know no legs.
CREATE UNIQUE INDEX refund_leg_ref_once ON payment.refund_leg (leg_id, provider_ref)
    WHERE provider_ref IS NOT NULL;

ALTER TABLE payment.escrow
    -- Money of its session was taken back: nothing is paid out before somebody decides.
    ADD COLUMN frozen_at timestamp,
    -- The order is complete: pay out when it thaws.
    ADD COLUMN release_due boolean NOT NULL DEFAULT false,
    -- The last time that staff decided to pay it out all the same, and why.
    ADD COLUMN thawed_at timestamp,
    ADD COLUMN thawed_by uuid,
    ADD COLUMN thaw_reason text,
    ADD CONSTRAINT escrow_frozen CHECK (frozen_at IS NULL OR state = 'held'),
    ADD CONSTRAINT escrow_release_due CHECK (NOT release_due OR frozen_at IS NOT NULL),
    ADD CONSTRAINT escrow_thawed CHECK ((thawed_at IS NULL) = (thawed_by IS NULL)
        AND (thawed_at IS NULL) = (thaw_reason IS NULL));
