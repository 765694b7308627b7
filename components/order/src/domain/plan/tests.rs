#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test")]

use proptest::prelude::*;
use serde_json::json;

use super::super::quote::Cashback;
use super::*;

fn line(n: u128, unit_price: i64, quantity: u32) -> PlannedLine {
    PlannedLine {
        variant_id: Uuid::from_u128(n),
        product_id: Uuid::from_u128(n.saturating_add(1_000)),
        product_version: 1,
        name: format!("Thing {n}"),
        sku: String::new(),
        attributes: json!({}),
        category_path: if n.is_multiple_of(2) {
            "things"
        } else {
            "things/odd"
        }
        .into(),
        unit_price,
        list_price: None,
        quantity,
        discount: 0,
        shares: Vec::new(),
    }
}

/// One order for each list of prices.
fn plan(orders: &[Vec<(i64, u32)>]) -> Plan {
    let mut n = 0;
    let orders = orders
        .iter()
        .enumerate()
        .map(|(seller, lines)| {
            let lines = lines
                .iter()
                .map(|(price, quantity)| {
                    n += 1;
                    line(n, *price, *quantity)
                })
                .collect();
            let seller = u128::try_from(seller).expect("small");
            PlannedOrder::at_list(
                Uuid::from_u128(500 + seller),
                Uuid::from_u128(900 + seller),
                lines,
            )
            .expect("it fits")
        })
        .collect();
    Plan::at_list("VND".into(), orders).expect("it fits")
}

fn share(amount: i64, by_platform: bool) -> Share {
    Share {
        promotion_id: Uuid::from_u128(7),
        amount,
        units: 1,
        by_platform,
    }
}

/// A quote that takes these off of the plan's lines, in their order: by the seller, by the platform.
fn quote(plan: &Plan, off: &[(i64, i64)]) -> Quote {
    let lines = plan.orders.iter().flat_map(|order| &order.lines).zip(off);
    Quote {
        lines: lines
            .map(|(line, (seller, platform))| Priced {
                list_total: line.list_total(),
                discount: seller + platform,
                shares: vec![share(*seller, false), share(*platform, true)],
            })
            .collect(),
        parcels: plan.orders.iter().map(|_| Priced::at_list(0)).collect(),
        ..Quote::default()
    }
}

#[test]
fn what_promotions_take_off_is_told_by_line_order_and_checkout() {
    let plan = plan(&[vec![(100, 2), (50, 1)], vec![(30, 3)]]);
    let mut quote = quote(&plan, &[(20, 30), (0, 0), (0, 90)]);
    quote.cashbacks = vec![
        Cashback {
            promotion_id: Uuid::from_u128(8),
            seller_id: Uuid::from_u128(900),
            amount: 7,
            by_platform: true,
        },
        Cashback {
            promotion_id: Uuid::from_u128(9),
            seller_id: Uuid::from_u128(900),
            amount: 5,
            by_platform: false,
        },
    ];
    let plan = plan.with(quote).expect("it adds up");
    assert_eq!(
        (plan.list_total, plan.discount, plan.total),
        (340, 140, 200)
    );
    let [first, second] = plan.orders.as_slice() else {
        panic!("two orders")
    };
    assert_eq!((first.total, first.discount, first.subsidy), (200, 50, 30));
    assert_eq!(
        (first.cashback_by_platform, first.cashback_by_seller),
        (7, 5)
    );
    assert_eq!((second.total, second.discount, second.subsidy), (0, 90, 90));
    assert_eq!(first.lines[0].paid(), 150);
    let parts = plan.parts();
    assert_eq!(
        parts[0].goods,
        BTreeMap::from([("things".into(), 50), ("things/odd".into(), 150)])
    );
    assert_eq!(parts[1].goods, BTreeMap::from([("things/odd".into(), 0)]));
}

#[test]
fn a_quote_that_does_not_add_up_is_not_believed() {
    let plan = plan(&[vec![(100, 1)], vec![(30, 1)]]);
    let good = quote(&plan, &[(10, 0), (0, 0)]);
    assert!(plan.clone().with(good.clone()).is_ok());
    let spoilt: [fn(&mut Quote); 7] = [
        |q| q.lines[0].discount = 11,
        |q| q.lines[0].list_total = 99,
        |q| q.lines[0].shares[0].amount = -1,
        |q| {
            q.lines[0].discount = 101;
            q.lines[0].shares[0].amount = 101;
        },
        |q| {
            q.lines.pop();
        },
        |q| q.parcels[0].list_total = 5,
        |q| {
            q.cashbacks.push(Cashback {
                promotion_id: Uuid::nil(),
                seller_id: Uuid::nil(),
                amount: 1,
                by_platform: true,
            });
        },
    ];
    for spoil in spoilt {
        let mut bad = good.clone();
        spoil(&mut bad);
        assert!(plan.clone().with(bad.clone()).is_err(), "{bad:?}");
    }
}

#[test]
fn a_plan_is_read_back_from_the_journal_as_it_was() {
    let plan = plan(&[vec![(100, 2)], vec![(30, 3)]]);
    let off = quote(&plan, &[(20, 30), (0, 0)]);
    for plan in [plan.clone(), plan.with(off).expect("it adds up")] {
        let text = serde_json::to_string(&plan).expect("JSON");
        assert_eq!(serde_json::from_str::<Plan>(&text).expect("a plan"), plan);
    }
}

#[test]
fn only_codes_that_did_nothing_are_held_against_a_checkout() {
    let unused = |code: Option<&str>, reason: &str| super::super::quote::Unused {
        code: code.map(str::to_owned),
        promotion_id: None,
        reason: reason.into(),
    };
    let quote = Quote {
        unused: vec![
            unused(Some("SPRING"), "ended"),
            unused(Some("SMALL"), "better_alternative"),
            unused(None, "minimum_spend"),
        ],
        ..Quote::default()
    };
    assert_eq!(quote.unusable_codes(), [unused(Some("SPRING"), "ended")]);
}

proptest! {
    #[test]
    fn sums_are_exact_and_the_seller_loses_only_what_the_seller_gave(
        orders in prop::collection::vec(
            prop::collection::vec((0_i64..1_000_000, 1_u32..999, 0_u32..=100, 0_u32..=100), 1..8), 1..5),
    ) {
        let lines: Vec<Vec<(i64, u32)>> = orders.iter()
            .map(|o| o.iter().map(|(price, quantity, ..)| (*price, *quantity)).collect()).collect();
        let plan = plan(&lines);
        let off: Vec<(i64, i64)> = orders.iter().flatten().map(|(price, quantity, seller, platform)| {
            let list = price * i64::from(*quantity);
            let by_seller = list * i64::from(*seller) / 100;
            (by_seller, (list - by_seller) * i64::from(*platform) / 100)
        }).collect();
        let list = plan.total;
        let quote = quote(&plan, &off);
        let plan = plan.with(quote).expect("it adds up");
        prop_assert_eq!(plan.list_total, list);
        prop_assert_eq!(plan.total + plan.discount, list);
        prop_assert_eq!(plan.discount, off.iter().map(|(a, b)| a + b).sum::<i64>());
        prop_assert!(plan.total >= 0);
        let parts = plan.parts();
        let paid: i64 = parts.iter().map(|p| p.goods.values().sum::<i64>() + p.shipping).sum();
        prop_assert_eq!(paid, plan.total, "the parts are the total");
        for (order, part) in plan.orders.iter().zip(&parts) {
            prop_assert_eq!(order.total, order.list_total - order.discount);
            prop_assert_eq!(order.total, order.lines.iter().map(PlannedLine::paid).sum::<i64>() + order.shipping);
            let by_seller: i64 = order.lines.iter().flat_map(|l| &l.shares)
                .filter(|s| !s.by_platform).map(|s| s.amount).sum();
            prop_assert_eq!(order.total + part.subsidy, order.list_total - by_seller);
        }
    }
}
