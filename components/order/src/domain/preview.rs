//! What a checkout of these lines would come to, with the reason of every number.

use serde::Serialize;
use stoa_kit::money::Money;
use uuid::Uuid;

use super::plan::{Plan, PlannedLine, PlannedOrder};
use super::quote::{Quote, Share, Unused, Usage};

/// What selected lines come to with promotions. Nothing is held by it.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct CheckoutPreview {
    /// In the order of the sellers' parts.
    lines: Vec<PreviewLine>,
    /// One for each seller, as there would be orders.
    sellers: Vec<PreviewSeller>,
    /// What is used, and what of it in all.
    promotions: Vec<PreviewPromotion>,
    /// Codes and promotions that do nothing here, and why. A checkout with such a code is refused,
    /// unless its reason is `better_alternative`, or the request says `ignore_unusable_codes`.
    unused: Vec<Unused>,
    /// Lines that would not be bought.
    left_out: Vec<PreviewLeftOut>,
    /// Goods and shipping before promotions.
    list_total: Money,
    /// All that is taken off.
    discount: Money,
    /// What the buyer pays for shipping; part of the total.
    shipping: Money,
    /// What the buyer pays.
    total: Money,
    /// What comes back to the buyer's wallet when the orders have completed.
    cashback: Money,
}

/// Units of one variant, with what is taken off and by what.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewLine {
    variant_id: Uuid,
    product_id: Uuid,
    seller_id: Uuid,
    #[schema(example = "Paper lamp")]
    name: String,
    quantity: u32,
    unit_price: Money,
    /// What the seller asks for one unit, where that is in another currency: `unit_price` is that by
    /// `exchange_rate`.
    list_price: Option<Money>,
    /// What one of the seller's currency is worth, as a decimal text.
    #[schema(example = "25400.5")]
    exchange_rate: Option<String>,
    list_total: Money,
    discount: Money,
    /// What the buyer pays for it.
    total: Money,
    /// Why: the amounts are the discount.
    shares: Vec<PreviewShare>,
}

/// What one promotion takes off of one line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewShare {
    promotion_id: Uuid,
    code: Option<String>,
    title: String,
    amount: Money,
    /// How many units of the line it is about.
    units: u32,
}

/// One seller's part.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewSeller {
    seller_id: Uuid,
    list_total: Money,
    discount: Money,
    shipping: Money,
    total: Money,
    cashback: Money,
}

/// A promotion that does something here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct PreviewPromotion {
    promotion_id: Uuid,
    code: Option<String>,
    title: String,
    /// `product_discount`, `shipping_discount`, `buy_x_get_y`, `bundle` or `cashback`.
    #[schema(example = "product_discount")]
    kind: String,
    /// What it takes off in all, or brings back.
    amount: Money,
}

/// A line that would not be bought.
#[derive(Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PreviewLeftOut {
    pub variant_id: Uuid,
    /// `unknown`, `hidden`, `taken_down`, `withdrawn` or `own_goods`.
    #[schema(example = "hidden")]
    pub why: &'static str,
}

/// What a plan at list prices comes to with a quote of it.
///
/// # Errors
/// What is wrong with the quote.
pub fn preview(
    listed: Plan,
    quote: Quote,
    left_out: Vec<PreviewLeftOut>,
) -> Result<CheckoutPreview, String> {
    let unused = quote.unused.clone();
    let plan = listed.with(quote)?;
    let money = |amount| Money {
        amount,
        currency: plan.currency.clone(),
    };
    let cashback = |order: &PlannedOrder| {
        order
            .cashback_by_platform
            .saturating_add(order.cashback_by_seller)
    };
    let share = |share: &Share| {
        let usage = plan
            .usages
            .iter()
            .find(|usage| usage.promotion_id == share.promotion_id);
        PreviewShare {
            promotion_id: share.promotion_id,
            code: usage.and_then(|usage| usage.code.clone()),
            title: usage.map(|usage| usage.title.clone()).unwrap_or_default(),
            amount: money(share.amount),
            units: share.units,
        }
    };
    let line = |seller_id: Uuid, line: &PlannedLine| PreviewLine {
        variant_id: line.variant_id,
        product_id: line.product_id,
        seller_id,
        name: line.name.clone(),
        quantity: line.quantity,
        unit_price: money(line.unit_price),
        list_price: line.list_price.as_ref().map(|it| Money {
            amount: it.amount,
            currency: it.currency.clone(),
        }),
        exchange_rate: line.list_price.as_ref().map(|it| it.rate.clone()),
        list_total: money(line.list_total()),
        discount: money(line.discount),
        total: money(line.paid()),
        shares: line.shares.iter().map(share).collect(),
    };
    Ok(CheckoutPreview {
        lines: plan
            .orders
            .iter()
            .flat_map(|order| order.lines.iter().map(|it| line(order.seller_id, it)))
            .collect(),
        sellers: plan
            .orders
            .iter()
            .map(|order| PreviewSeller {
                seller_id: order.seller_id,
                list_total: money(order.list_total),
                discount: money(order.discount),
                shipping: money(order.shipping),
                total: money(order.total),
                cashback: money(cashback(order)),
            })
            .collect(),
        promotions: plan
            .usages
            .iter()
            .map(|usage: &Usage| PreviewPromotion {
                promotion_id: usage.promotion_id,
                code: usage.code.clone(),
                title: usage.title.clone(),
                kind: usage.kind.clone(),
                amount: money(usage.amount),
            })
            .collect(),
        unused,
        left_out,
        list_total: money(plan.list_total),
        discount: money(plan.discount),
        shipping: money(plan.shipping),
        total: money(plan.total),
        cashback: money(
            plan.orders
                .iter()
                .fold(0, |sum, order| sum.saturating_add(cashback(order))),
        ),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::plan::ListPrice;
    use crate::domain::quote::{Cashback, Priced};

    #[test]
    fn every_number_has_its_reason() {
        let line = PlannedLine {
            variant_id: Uuid::from_u128(1),
            product_id: Uuid::from_u128(2),
            product_version: 1,
            name: "Lamp".into(),
            sku: String::new(),
            attributes: json!({}),
            category_path: "things".into(),
            unit_price: 100,
            list_price: Some(ListPrice {
                amount: 1,
                currency: "USD".into(),
                rate: "10000".into(),
            }),
            quantity: 2,
            discount: 0,
            shares: Vec::new(),
        };
        let seller = Uuid::from_u128(3);
        let order = PlannedOrder::at_list(Uuid::from_u128(4), seller, vec![line]).expect("it fits");
        let listed = Plan::at_list("VND".into(), vec![order]).expect("it fits");
        let promotion_id = Uuid::from_u128(5);
        let quote = Quote {
            lines: vec![Priced {
                list_total: 200,
                discount: 30,
                shares: vec![Share {
                    promotion_id,
                    amount: 30,
                    units: 2,
                    by_platform: true,
                }],
            }],
            parcels: vec![Priced::at_list(0)],
            usages: vec![Usage {
                promotion_id,
                version: 1,
                code: Some("SPRING".into()),
                title: "Spring".into(),
                kind: "product_discount".into(),
                amount: 30,
            }],
            cashbacks: vec![Cashback {
                promotion_id,
                seller_id: seller,
                amount: 7,
                by_platform: false,
            }],
            unused: Vec::new(),
        };
        let left_out = vec![PreviewLeftOut {
            variant_id: Uuid::nil(),
            why: "hidden",
        }];
        let seen = preview(listed, quote, left_out).expect("it adds up");
        let seen = serde_json::to_value(&seen).expect("JSON");
        let money = |amount: i64| json!({"amount": amount, "currency": "VND"});
        assert_eq!(
            (
                &seen["lines"][0]["list_price"],
                &seen["lines"][0]["exchange_rate"]
            ),
            (&json!({"amount": 1, "currency": "USD"}), &json!("10000"))
        );
        assert_eq!(
            seen["lines"][0]["shares"],
            json!([{"promotion_id": promotion_id, "code": "SPRING", "title": "Spring", "amount": money(30), "units": 2}])
        );
        for (field, amount) in [
            ("list_total", 200),
            ("discount", 30),
            ("total", 170),
            ("cashback", 7),
        ] {
            assert_eq!(seen[field], money(amount), "{field}");
            assert_eq!(
                seen["sellers"][0][field],
                money(amount),
                "{field} of the seller"
            );
        }
        assert_eq!(seen["left_out"][0]["why"], "hidden");
    }
}
