//! The problems that only this module answers.

use stoa_kit::http::ProblemType;

/// By their codes; the SQL functions, `domain::checkout` and `flows` refuse with the same ones.
pub const PROBLEMS: &[ProblemType] = &[
    ProblemType {
        code: "line_unavailable",
        status: 409,
        title: "Not for sale",
        detail: "Some lines cannot be bought any more; lines says which and why. Leave them out and repeat the request, with a new Idempotency-Key.",
    },
    ProblemType {
        code: "own_goods",
        status: 409,
        title: "Your own goods",
        detail: "Nobody buys from themselves; lines says which variants are the caller's own.",
    },
    ProblemType {
        code: "price_changed",
        status: 409,
        title: "Price changed",
        detail: "Some lines cost something else now; lines has the old and the new prices. Show the buyer the new ones, and repeat the request with them or without unit_price; of a cart, put the lines again first.",
    },
    ProblemType {
        code: "mixed_currencies",
        status: 422,
        title: "One currency at a time",
        detail: "These lines have their prices in several currencies; currencies says in which. Name the one to pay in as currency: what is in another one is converted.",
    },
    ProblemType {
        code: "rate_unavailable",
        status: 409,
        title: "No exchange rate",
        detail: "No exchange rate is known for this, or only one that is too old; missing says for which currencies.",
    },
    ProblemType {
        code: "insufficient_stock",
        status: 409,
        title: "Not enough in stock",
        detail: "There are fewer units than asked for; shortages says of which variants, and how many are left.",
    },
    ProblemType {
        code: "promotion_gone",
        status: 409,
        title: "Promotion changed",
        detail: "Promotions that were to be used changed, ended, or have nothing left; promotions says which. Show the buyer the new price (POST /v1/cart/preview), and repeat the request.",
    },
    ProblemType {
        code: "code_unusable",
        status: 409,
        title: "Code does nothing",
        detail: "Some codes do nothing for these goods and this buyer; codes says which and why. Leave them out, or say ignore_unusable_codes.",
    },
    ProblemType {
        code: "insufficient_funds",
        status: 409,
        title: "Not enough money",
        detail: "The account holds less than that, in that currency; available says how much, in minor units. Nothing was moved.",
    },
    ProblemType {
        code: "payment_declined",
        status: 409,
        title: "Declined",
        detail: "The payment provider declined, for what reason says. Pay otherwise.",
    },
    ProblemType {
        code: "provider_unusable",
        status: 422,
        title: "Cannot be paid there",
        detail: "This payment provider is not available here, or not for this currency, amount or method; reason says which.",
    },
    ProblemType {
        code: "cart_empty",
        status: 409,
        title: "Nothing selected",
        detail: "No line of the cart is selected. Put something in, or select what is there.",
    },
    ProblemType {
        code: "cart_full",
        status: 409,
        title: "Cart is full",
        detail: "A cart holds as many lines as most_lines says. Take some out, and repeat the request.",
    },
    ProblemType {
        code: "quantity_limits",
        status: 409,
        title: "Too few or too many",
        detail: "Of some products in the cart there are fewer or more units than one order may have; lines says which, and the limits. Change the lines, and repeat the request.",
    },
];
