//! What a basket would cost, and why.

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Json, Problem};
use stoa_kit::money::Money;
use stoa_kit::{Error, Result};
use utoipa::ToSchema;
use uuid::Uuid;

use super::requests::OwnerKind;
use super::validators;
use crate::domain::basket::{Basket, Line, Parcel};
use crate::domain::quote::{Priced, Quote, Reason};
use crate::domain::rule::Kind;
use crate::pricing::{Unpriced, fresh_quote};

/// A basket to be priced, for the caller as its buyer. All amounts are minor units of its currency.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "currency": "VND",
    "lines": [{
        "variant_id": "0198f0a0-0000-7000-8000-000000000001",
        "product_id": "0198f0a0-0000-7000-8000-000000000002",
        "seller_id": "0198f0a0-0000-7000-8000-000000000003",
        "category_path": "home/lamps", "quantity": 2, "unit_price": 150000
    }],
    "parcels": [{"seller_id": "0198f0a0-0000-7000-8000-000000000003", "shipping": 30000}],
    "codes": ["LAMPS10"]
}))]
pub struct BasketPreview {
    #[garde(custom(validators::currency))]
    #[schema(example = "VND")]
    currency: String,
    #[garde(length(min = 1, max = 100), dive)]
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<BasketLine>,
    #[garde(length(max = 100), dive)]
    #[serde(default)]
    #[schema(max_items = 100)]
    parcels: Vec<BasketParcel>,
    /// In any case.
    #[garde(length(max = 10), inner(length(chars, min = 1, max = 64)))]
    #[serde(default)]
    #[schema(max_items = 10)]
    codes: Vec<String>,
}

/// Units of one variant.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasketLine {
    #[garde(skip)]
    variant_id: Uuid,
    #[garde(skip)]
    product_id: Uuid,
    #[garde(skip)]
    seller_id: Uuid,
    /// Slugs of the product's category and all above it, root first.
    #[garde(length(max = 700))]
    #[serde(default)]
    #[schema(max_length = 700, example = "electronics/phones")]
    category_path: String,
    #[garde(range(min = 1, max = 999))]
    #[schema(minimum = 1, maximum = 999)]
    quantity: u32,
    /// List price of one unit.
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64)]
    unit_price: i64,
}

/// What a parcel of one seller costs to send.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BasketParcel {
    #[garde(skip)]
    seller_id: Uuid,
    #[garde(range(min = 0, max = 1_000_000_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000_000_000i64)]
    shipping: i64,
}

/// What a basket would cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricedBasket {
    /// As the basket has them.
    lines: Vec<PricedLine>,
    parcels: Vec<PricedParcel>,
    /// What is applied, in the order of application.
    applied: Vec<AppliedPromotion>,
    /// What the wallet gets once the orders have completed.
    cashbacks: Vec<PromisedCashback>,
    /// Codes and promotions that do nothing here, and why.
    unused: Vec<UnusedPromotion>,
    /// Everything that is taken off.
    discount: Money,
    /// What is to be paid.
    total: Money,
}

/// A line with what is taken off.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricedLine {
    variant_id: Uuid,
    /// Before promotions.
    list_total: Money,
    discount: Money,
    total: Money,
    /// Which promotion takes off how much; their sum is the discount.
    shares: Vec<DiscountShare>,
}

/// A parcel with what is taken off.
#[derive(Debug, Serialize, ToSchema)]
pub struct PricedParcel {
    seller_id: Uuid,
    /// Before promotions.
    list_total: Money,
    discount: Money,
    total: Money,
    shares: Vec<DiscountShare>,
}

/// What one promotion takes off one line or parcel.
#[derive(Debug, Serialize, ToSchema)]
pub struct DiscountShare {
    promotion_id: Uuid,
    title: String,
    amount: Money,
    /// Units of the line that it is about; 0 of a parcel.
    units: u32,
    /// Who pays for it.
    paid_by: OwnerKind,
}

/// A promotion that is applied.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedPromotion {
    promotion_id: Uuid,
    kind: Kind,
    title: String,
    code: Option<String>,
    /// Everything that it takes off, or promises as cashback.
    amount: Money,
}

/// Money for the wallet.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromisedCashback {
    promotion_id: Uuid,
    /// Of whose order.
    seller_id: Uuid,
    amount: Money,
    paid_by: OwnerKind,
}

/// What does nothing here.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnusedPromotion {
    /// As typed; null of one that applies by itself.
    code: Option<String>,
    promotion_id: Option<Uuid>,
    /// Stable code.
    #[schema(example = "minimum_spend")]
    reason: &'static str,
    /// The same for people.
    detail: &'static str,
}

/// Prices a basket for the caller, and explains every line. Changes nothing.
///
/// It says what promotions do to the prices that are sent; it does not know what the goods cost.
#[utoipa::path(
    post,
    path = "/v1/promotions/preview",
    tag = "promotion",
    operation_id = "preview_promotions",
    request_body = BasketPreview,
    responses(
        (status = 200, description = "What it would cost.", body = PricedBasket),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn preview(caller: Caller, Json(body): Json<BasketPreview>) -> Result<Answer> {
    let basket = body.into_basket(caller.account_id);
    let quote = stoa_kit::local(fresh_quote(&basket))
        .await
        .map_err(|e| match e {
            Unpriced::Invalid(detail) => Error::invalid("", "invalid", detail),
            Unpriced::Store(error) => error.into(),
        })?;
    Answer::json(&shown(&basket, quote))
}

impl BasketPreview {
    fn into_basket(self, buyer: Uuid) -> Basket {
        Basket {
            buyer_id: buyer,
            currency: self.currency,
            lines: self
                .lines
                .into_iter()
                .map(|line| Line {
                    variant_id: line.variant_id,
                    product_id: line.product_id,
                    seller_id: line.seller_id,
                    category_path: line.category_path,
                    quantity: line.quantity,
                    unit_price: line.unit_price,
                })
                .collect(),
            parcels: self
                .parcels
                .into_iter()
                .map(|parcel| Parcel {
                    seller_id: parcel.seller_id,
                    shipping: parcel.shipping,
                })
                .collect(),
            codes: self.codes,
        }
    }
}

fn shown(basket: &Basket, quote: Quote) -> PricedBasket {
    let money = |amount: i64| Money {
        amount,
        currency: basket.currency.clone(),
    };
    let payer = |by_platform: bool| {
        if by_platform {
            OwnerKind::Platform
        } else {
            OwnerKind::Seller
        }
    };
    let title = |id: Uuid| {
        let usage = quote.usages.iter().find(|usage| usage.promotion_id == id);
        usage.map(|usage| usage.title.clone()).unwrap_or_default()
    };
    let shares = |priced: &Priced| -> Vec<DiscountShare> {
        priced
            .shares
            .iter()
            .map(|share| DiscountShare {
                promotion_id: share.promotion_id,
                title: title(share.promotion_id),
                amount: money(share.amount),
                units: share.units,
                paid_by: payer(share.by_platform),
            })
            .collect()
    };
    let left = |priced: &Priced| priced.list_total.saturating_sub(priced.discount);
    let total = quote
        .lines
        .iter()
        .chain(&quote.parcels)
        .map(left)
        .fold(0_i64, i64::saturating_add);
    PricedBasket {
        lines: basket
            .lines
            .iter()
            .zip(&quote.lines)
            .map(|(line, priced)| PricedLine {
                variant_id: line.variant_id,
                list_total: money(priced.list_total),
                discount: money(priced.discount),
                total: money(left(priced)),
                shares: shares(priced),
            })
            .collect(),
        parcels: basket
            .parcels
            .iter()
            .zip(&quote.parcels)
            .map(|(parcel, priced)| PricedParcel {
                seller_id: parcel.seller_id,
                list_total: money(priced.list_total),
                discount: money(priced.discount),
                total: money(left(priced)),
                shares: shares(priced),
            })
            .collect(),
        applied: quote
            .usages
            .iter()
            .map(|usage| AppliedPromotion {
                promotion_id: usage.promotion_id,
                kind: usage.kind,
                title: usage.title.clone(),
                code: usage.code.clone(),
                amount: money(usage.amount),
            })
            .collect(),
        cashbacks: quote
            .cashbacks
            .iter()
            .map(|cashback| PromisedCashback {
                promotion_id: cashback.promotion_id,
                seller_id: cashback.seller_id,
                amount: money(cashback.amount),
                paid_by: payer(cashback.by_platform),
            })
            .collect(),
        unused: quote
            .unused
            .iter()
            .map(|unused| UnusedPromotion {
                code: unused.code.clone(),
                promotion_id: unused.promotion_id,
                reason: unused.reason.as_str(),
                detail: in_words(unused.reason),
            })
            .collect(),
        discount: money(quote.discount),
        total: money(total),
    }
}

fn in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::UnknownCode => "No promotion has this code.",
        Reason::Disabled => "It is switched off.",
        Reason::NotStarted => "It has not begun yet.",
        Reason::Ended => "It is over.",
        Reason::NotNow => "It is on at other hours.",
        Reason::OtherCurrency => "It is for goods of another currency.",
        Reason::Exhausted => "There is not enough left of it.",
        Reason::UsedUp => "You have used it as often as you may.",
        Reason::Segment => "It is for other accounts.",
        Reason::FirstOrderOnly => "It is for a first order only.",
        Reason::NotApplicable => "It is not about what is in this basket.",
        Reason::MinimumSpend => "What it is about costs too little in this basket.",
        Reason::BetterAlternative => "Other promotions give you more.",
    }
}
