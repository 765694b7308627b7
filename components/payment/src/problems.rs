//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "insufficient_funds",
        status: 409,
        title: "Not enough money",
        detail: "The account holds less than that, in that currency; available says how much, in minor units. Nothing was moved.",
    },
    ProblemType {
        code: "balance_limit",
        status: 409,
        title: "Too much money",
        detail: "An account cannot hold as much. Nothing was moved.",
    },
    ProblemType {
        code: "provider_unusable",
        status: 422,
        title: "Cannot be paid there",
        detail: "This payment provider is not available here, or not for this currency, amount or method; reason says which.",
    },
    ProblemType {
        code: "payment_declined",
        status: 409,
        title: "Declined",
        detail: "The payment provider declined, for what reason says. Pay otherwise.",
    },
    ProblemType {
        code: "method_refused",
        status: 409,
        title: "Not kept",
        detail: "The payment provider does not keep this method for you, for what reason says. Enter it anew there. Nothing was saved.",
    },
    ProblemType {
        code: "attempt_limit",
        status: 409,
        title: "Too many attempts",
        detail: "A session may be tried 20 times. Cancel the checkout and begin again.",
    },
    ProblemType {
        code: "refund_exceeds_order",
        status: 409,
        title: "More than is left",
        detail: "A refund is at most what the buyer paid for the order less what was refunded before; left says how much that is, in minor units.",
    },
    ProblemType {
        code: "refund_reused",
        status: 409,
        title: "Reference used before",
        detail: "Another refund has this reference.",
    },
    ProblemType {
        code: "own_affair",
        status: 403,
        title: "Not in one's own affairs",
        detail: "Somebody else of the staff has to do this: it is about your own money.",
    },
    ProblemType {
        code: "not_frozen",
        status: 409,
        title: "Not frozen",
        detail: "Nothing keeps this order's money from being paid out when the order completes; escrow_status says where it stands.",
    },
    ProblemType {
        code: "not_for_wallets",
        status: 409,
        title: "No currency of a wallet",
        detail: "Wallets hold the currencies of ISO 4217; currency says what the provider calls this one. Return the money at the provider.",
    },
    ProblemType {
        code: "line_refunded",
        status: 409,
        title: "Refunded before",
        detail: "Each line of an order is refunded once; lines says which were. Nothing was refunded.",
    },
    ProblemType {
        code: "bank_account_missing",
        status: 409,
        title: "No such bank account",
        detail: "You have no such bank account in that currency, or none that is the default. Add one first.",
    },
    ProblemType {
        code: "identity_unchecked",
        status: 409,
        title: "Identity not checked",
        detail: "Money is paid out to people whose identity staff have approved; identity_status says where it stands. Submit it first, or wait. Nothing was moved.",
    },
    ProblemType {
        code: "already_saved",
        status: 409,
        title: "Saved before",
        detail: "You have this saved already, under the id in id.",
    },
    ProblemType {
        code: "saved_limit",
        status: 409,
        title: "Too many saved",
        detail: "You may save 20 of these. Delete one first.",
    },
    ProblemType {
        code: "withdrawal_minimum",
        status: 409,
        title: "Too little to withdraw",
        detail: "Less than minimum is not transferred.",
    },
    ProblemType {
        code: "withdrawal_open",
        status: 409,
        title: "A withdrawal is under way",
        detail: "One withdrawal at a time: it has to be paid, rejected or cancelled first.",
    },
    ProblemType {
        code: "rate_unavailable",
        status: 409,
        title: "No exchange rate",
        detail: "No exchange rate is known for this, or only one that is too old; missing says for which currencies.",
    },
    ProblemType {
        code: "commission_rule_limit",
        status: 409,
        title: "Too many rules",
        detail: "There may be 1,000 commission rules. Delete one first.",
    },
    ProblemType {
        code: "bad_signature",
        status: 401,
        title: "Not signed",
        detail: "The provider's signature or secret is missing, wrong, or more than five minutes old. Nothing was heard.",
    },
];
