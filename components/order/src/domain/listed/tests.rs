#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use proptest::prelude::*;
use serde_json::json;

use super::*;

const CHECKOUT: Uuid = Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001);

fn line(n: u128, seller: u128, price: i64, currency: &str, quantity: u32) -> ListedLine {
    ListedLine {
        seller: Uuid::from_u128(seller),
        currency: currency.into(),
        line: PlannedLine {
            variant_id: Uuid::from_u128(n),
            product_id: Uuid::from_u128(n + 1_000),
            product_version: 1,
            name: format!("Thing {n}"),
            sku: String::new(),
            attributes: json!({}),
            category_path: "things".into(),
            unit_price: price,
            list_price: None,
            quantity,
            discount: 0,
            shares: Vec::new(),
        },
    }
}

fn listed(currency: &str, lines: Vec<ListedLine>) -> Listed {
    Listed {
        currency: currency.into(),
        lines,
    }
}

fn rates(rates: &[(&str, &str)]) -> Rates {
    Rates {
        snapshot: Some(CHECKOUT),
        rates: rates
            .iter()
            .map(|(base, rate)| ((*base).into(), (*rate).into()))
            .collect(),
    }
}

/// The price of one unit of the only line.
fn unit_price(price: i64, from: &str, to: &str, rate: &str) -> Result<i64, Refusal> {
    let plan = listed(to, vec![line(1, 5, price, from, 1)]).plan(CHECKOUT, &rates(&[(from, rate)]));
    plan.map(|plan| plan.orders[0].lines[0].unit_price)
}

#[test]
fn lines_are_converted_by_the_unit_and_say_what_they_were() {
    let lines = vec![
        line(1, 5, 40_000, "VND", 2),
        line(2, 6, 1_999, "USD", 3),
        line(3, 6, 500, "JPY", 1),
    ];
    let plan = listed("VND", lines)
        .plan(CHECKOUT, &rates(&[("USD", "25400.5"), ("JPY", "170.25")]))
        .expect("a plan");
    assert_eq!(plan.currency, "VND");
    assert_eq!(plan.rate_snapshot_id, Some(CHECKOUT));
    // 507,755.995 and 85,125: each unit is rounded, and then there are three of them.
    assert_eq!(plan.total, 80_000 + 3 * 507_756 + 85_125);
    let mut seen: Vec<(i64, Option<ListPrice>)> = plan
        .orders
        .iter()
        .flat_map(|order| &order.lines)
        .map(|line| (line.unit_price, line.list_price.clone()))
        .collect();
    seen.sort_by_key(|(price, _)| *price);
    let was = |amount, currency: &str, rate: &str| {
        Some(ListPrice {
            amount,
            currency: currency.into(),
            rate: rate.into(),
        })
    };
    assert_eq!(
        seen,
        [
            (40_000, None),
            (85_125, was(500, "JPY", "170.25")),
            (507_756, was(1_999, "USD", "25400.5")),
        ]
    );
    // As the journal keeps it.
    let text = serde_json::to_string(&plan).expect("JSON");
    assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
}

#[test]
fn where_nothing_is_converted_the_plan_says_nothing_of_rates() {
    let plan = listed("VND", vec![line(1, 5, 40_000, "VND", 2)])
        .plan(CHECKOUT, &rates(&[("VND", "2"), ("USD", "25400.5")]))
        .expect("a plan");
    assert_eq!((plan.total, plan.rate_snapshot_id), (80_000, None));
    let text = serde_json::to_string(&plan).expect("JSON");
    assert!(
        !text.contains("rate") && !text.contains("list_price"),
        "{text}"
    );
}

#[test]
fn no_currency_makes_anything_cheaper() {
    // 1.49 cents, 270,002.5 dong, 1.000000000001 dong.
    assert_eq!(unit_price(379, "VND", "USD", "0.00003937"), Ok(2));
    assert_eq!(unit_price(1_000, "EUR", "VND", "27000.25"), Ok(270_003));
    assert_eq!(unit_price(1, "JPY", "VND", "1.000000000001"), Ok(2));
    assert_eq!(unit_price(1, "VND", "USD", "0.00003937"), Ok(1));
    assert_eq!(unit_price(100, "VND", "USD", "0.00003937"), Ok(1));
    assert_eq!(unit_price(400, "VND", "USD", "0.00003937"), Ok(2));
    assert_eq!(unit_price(0, "VND", "USD", "0.00003937"), Ok(0));
}

#[test]
fn a_rate_that_is_not_there_is_named_and_nothing_is_guessed() {
    let lines = vec![
        line(1, 5, 1, "USD", 1),
        line(2, 5, 1, "JPY", 1),
        line(3, 5, 1, "EUR", 1),
    ];
    assert_eq!(
        listed("VND", lines).plan(CHECKOUT, &rates(&[("JPY", "170")])),
        Err(Refusal::RateUnavailable(
            ["EUR".to_owned(), "USD".to_owned()].into()
        ))
    );
}

#[test]
fn what_does_not_fit_64_bits_is_refused_and_the_last_that_does_is_not() {
    assert_eq!(unit_price(i64::MAX, "USD", "EUR", "1"), Ok(i64::MAX));
    assert_eq!(
        unit_price(i64::MAX, "USD", "EUR", "1.000000000001"),
        Err(Refusal::TooMuch)
    );
    let two = |prices: [i64; 2]| {
        let lines = vec![
            line(1, 5, prices[0], "USD", 1),
            line(2, 6, prices[1], "EUR", 1),
        ];
        let plan = listed("EUR", lines).plan(CHECKOUT, &rates(&[("USD", "1")]));
        plan.map(|plan| plan.total)
    };
    assert_eq!(two([i64::MAX - 1, 1]), Ok(i64::MAX));
    assert_eq!(two([i64::MAX, 1]), Err(Refusal::TooMuch));
    let many = listed("VND", vec![line(1, 5, i64::MAX / 1_000, "USD", 999)]);
    assert_eq!(
        many.plan(CHECKOUT, &rates(&[("USD", "101")])),
        Err(Refusal::TooMuch)
    );
}

proptest! {
    #[test]
    fn sums_are_exact_whatever_the_order_and_nothing_is_negative(
        lines in prop::collection::vec(
            (2_u128..6, 0_i64..1_000_000_000, prop::sample::select(vec!["VND", "USD", "JPY", "KWD"]), 1_u32..999),
            1..20),
        usd in 1_i64..1_000_000_000, jpy in 1_i64..1_000_000_000, kwd in 1_i64..1_000_000_000,
        scale in 0_u32..=12, turn in 0_usize..20,
    ) {
        let text = |mantissa: i64| {
            let whole = 10_i64.pow(scale.min(9));
            let digits = usize::try_from(scale.min(9)).expect("small");
            if digits == 0 {
                mantissa.to_string()
            } else {
                format!("{}.{:0digits$}", mantissa / whole, mantissa % whole)
            }
        };
        let rates = rates(&[("USD", &text(usd)), ("JPY", &text(jpy)), ("KWD", &text(kwd))]);
        let lines: Vec<ListedLine> = lines.iter().zip(1_u128..)
            .map(|((seller, price, currency, quantity), n)| line(n, *seller, *price, currency, *quantity))
            .collect();
        let mut turned = lines.clone();
        turned.rotate_left(turn % lines.len());
        turned.reverse();
        let wanted = lines.clone();
        match (listed("VND", lines).plan(CHECKOUT, &rates), listed("VND", turned).plan(CHECKOUT, &rates)) {
            (Ok(plan), Ok(other)) => {
                let all = |plan: &Plan| {
                    let mut all: Vec<PlannedLine> = plan.orders.iter().flat_map(|o| o.lines.clone()).collect();
                    all.sort_by_key(|line| line.variant_id);
                    all
                };
                let seen = all(&plan);
                prop_assert_eq!(&seen, &all(&other));
                prop_assert_eq!(plan.total, other.total);
                let sums = |plan: &Plan| plan.orders.iter().map(|o| (o.id, o.total)).collect::<Vec<_>>();
                prop_assert_eq!(sums(&plan), sums(&other));
                let sum: i128 = seen.iter()
                    .map(|line| i128::from(line.unit_price) * i128::from(line.quantity)).sum();
                prop_assert_eq!(i128::from(plan.total), sum);
                prop_assert_eq!(sum, plan.orders.iter().map(|o| i128::from(o.total)).sum::<i128>());
                for (was, now) in wanted.iter().zip(&seen) {
                    prop_assert!(now.unit_price >= 0);
                    prop_assert_eq!(now.unit_price == 0, was.line.unit_price == 0);
                    prop_assert_eq!(now.list_price.is_some(), was.currency != "VND");
                    let price = now.list_price.as_ref().map_or(now.unit_price, |it| it.amount);
                    prop_assert_eq!(price, was.line.unit_price);
                }
            }
            (one, other) => {
                prop_assert_eq!(one.err(), Some(Refusal::TooMuch));
                prop_assert_eq!(other.err(), Some(Refusal::TooMuch));
            }
        }
    }
}
