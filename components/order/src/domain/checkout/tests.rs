use proptest::prelude::*;
use serde_json::json;

use super::super::listed::Rates;
use super::super::order_id::order_id;
use super::super::plan::Plan;
use super::*;

const CHECKOUT: Uuid = Uuid::from_u128(0x018f_0000_0000_7000_8000_0000_0000_0001);
const BUYER: Uuid = Uuid::from_u128(1);

fn want(variant: u128, quantity: u32) -> Wanted {
    Wanted {
        variant: Uuid::from_u128(variant),
        quantity,
        unit_price: None,
    }
}

/// Variant `n` at `seller`, of a product of its own.
fn offer(n: u128, seller: u128, price: i64) -> Offer {
    Offer {
        variant: Uuid::from_u128(n),
        product: Uuid::from_u128(n.saturating_add(1_000)),
        seller: Uuid::from_u128(seller),
        name: format!("Thing {n}"),
        sku: String::new(),
        attributes: json!({}),
        price,
        currency: "VND".into(),
        listing: Listing::Active,
        enabled: true,
        version: 1,
        min: 1,
        max: 0,
        category_path: "things".into(),
    }
}

fn plan(checkout: Uuid, buyer: Uuid, wanted: &[Wanted], offers: &[Offer]) -> Result<Plan, Refusal> {
    list(buyer, wanted, offers, None)?.plan(checkout, &Rates::default())
}

fn refusal(wanted: &[Wanted], offers: &[Offer]) -> Refusal {
    plan(CHECKOUT, BUYER, wanted, offers).expect_err("a refusal")
}

#[test]
fn every_seller_gets_one_order_with_its_lines() {
    let wanted = [want(10, 2), want(11, 1), want(12, 3)];
    let offers = [offer(12, 5, 7), offer(10, 5, 100), offer(11, 6, 50)];
    let plan = plan(CHECKOUT, BUYER, &wanted, &offers).expect("a plan");
    assert_eq!(plan.currency, "VND");
    assert_eq!(plan.orders.len(), 2);
    for order in &plan.orders {
        assert_eq!(order.id, order_id(CHECKOUT, order.seller_id));
        let (total, lines) = if order.seller_id == Uuid::from_u128(5) {
            (221, 2)
        } else {
            (50, 1)
        };
        assert_eq!((order.total, order.lines.len()), (total, lines));
    }
}

#[test]
fn what_is_not_for_sale_is_named_with_the_reason() {
    let hidden = Offer {
        listing: Listing::Hidden,
        ..offer(10, 5, 1)
    };
    let taken_down = Offer {
        listing: Listing::TakenDown,
        ..offer(11, 5, 1)
    };
    let withdrawn = Offer {
        enabled: false,
        ..offer(12, 5, 1)
    };
    let draft = Offer {
        listing: Listing::Draft,
        ..offer(13, 5, 1)
    };
    let wanted = [
        want(10, 1),
        want(11, 1),
        want(12, 1),
        want(13, 1),
        want(14, 1),
        want(15, 1),
    ];
    let refusal = refusal(
        &wanted,
        &[hidden, taken_down, withdrawn, draft, offer(14, 5, 1)],
    );
    let id = Uuid::from_u128;
    assert_eq!(
        refusal,
        Refusal::Unavailable(vec![
            (id(10), "hidden"),
            (id(11), "taken_down"),
            (id(12), "withdrawn"),
            (id(13), "unknown"),
            (id(15), "unknown"),
        ])
    );
}

#[test]
fn nobody_buys_from_themselves() {
    let refusal = refusal(
        &[want(10, 1), want(11, 1)],
        &[offer(10, 1, 5), offer(11, 2, 5)],
    );
    assert_eq!(refusal, Refusal::OwnGoods(vec![Uuid::from_u128(10)]));
}

#[test]
fn a_price_that_the_buyer_has_not_seen_is_refused_with_old_and_new() {
    let seen = Wanted {
        unit_price: Some(90),
        ..want(10, 1)
    };
    let same = Wanted {
        unit_price: Some(100),
        ..want(11, 1)
    };
    let refusal = refusal(&[seen, same], &[offer(10, 5, 100), offer(11, 5, 100)]);
    assert_eq!(
        refusal,
        Refusal::PriceChanged(vec![NewPrice {
            variant: Uuid::from_u128(10),
            old: 90,
            new: 100,
            currency: "VND".into(),
        }])
    );
    let Error::Problem { code, facts } = refusal.into_error(Asked::InRequest) else {
        panic!("a problem")
    };
    assert_eq!(code, "price_changed");
    assert_eq!(
        facts["lines"][0]["new"],
        json!({"amount": 100, "currency": "VND"})
    );
}

#[test]
fn currencies_do_not_mix() {
    let dollars = Offer {
        currency: "USD".into(),
        ..offer(11, 5, 1)
    };
    let refusal = refusal(&[want(10, 1), want(11, 1)], &[offer(10, 5, 1), dollars]);
    assert!(matches!(refusal, Refusal::MixedCurrencies(c) if c.len() == 2));
}

#[test]
fn lines_of_any_currency_may_be_paid_in_one_that_is_named() {
    let dollars = |n, price| Offer {
        currency: "USD".into(),
        ..offer(n, 5, price)
    };
    let wanted = [want(10, 1), want(11, 1)];
    let offers = [offer(10, 5, 40_000), dollars(11, 1_999)];
    let foreign = |currency| {
        let listed = list(BUYER, &wanted, &offers, Some(currency)).expect("a list");
        assert_eq!(listed.currency, currency);
        listed.foreign().into_iter().collect::<Vec<_>>().join(" ")
    };
    assert_eq!(foreign("VND"), "USD");
    assert_eq!(foreign("USD"), "VND");
    assert_eq!(foreign("EUR"), "USD VND");
    // What they all have already needs no rate.
    let listed = list(BUYER, &wanted[..1], &offers, Some("VND")).expect("a list");
    assert!(listed.foreign().is_empty());
}

#[test]
fn the_price_that_a_buyer_has_seen_is_the_sellers_whatever_they_pay_in() {
    let dollars = Offer {
        currency: "USD".into(),
        ..offer(11, 5, 1_999)
    };
    let seen = |unit_price| Wanted {
        unit_price: Some(unit_price),
        ..want(11, 1)
    };
    let offers = [dollars];
    assert!(list(BUYER, &[seen(1_999)], &offers, Some("VND")).is_ok());
    assert_eq!(
        list(BUYER, &[seen(507_756)], &offers, Some("VND")),
        Err(Refusal::PriceChanged(vec![NewPrice {
            variant: Uuid::from_u128(11),
            old: 507_756,
            new: 1_999,
            currency: "USD".into(),
        }]))
    );
}

#[test]
fn units_of_all_variants_of_a_product_count_together() {
    let limits = |n| Offer {
        product: Uuid::from_u128(99),
        min: 2,
        max: 4,
        ..offer(n, 5, 1)
    };
    let offers = [limits(10), limits(11)];
    assert!(plan(CHECKOUT, BUYER, &[want(10, 1), want(11, 1)], &offers).is_ok());
    let few = refusal(&[want(10, 1)], &offers);
    let Error::Invalid(few) = few.into_error(Asked::InRequest) else {
        panic!("too few")
    };
    assert_eq!(
        (few[0].pointer.as_str(), few[0].code.as_str()),
        ("/lines/0/quantity", "below_minimum")
    );
    let many = refusal(&[want(10, 3), want(11, 2)], &offers);
    let Error::Invalid(fields) = many.clone().into_error(Asked::InRequest) else {
        panic!("too many")
    };
    assert_eq!(fields.len(), 2);
    assert_eq!(fields[1].code, "above_maximum");
    // Nothing is wrong with a request that only names the cart.
    let Error::Problem { code, facts } = many.into_error(Asked::InCart) else {
        panic!("a problem")
    };
    assert_eq!(code, "quantity_limits");
    assert_eq!(
        facts["lines"][1],
        json!({"variant_id": Uuid::from_u128(11), "units": 5, "min_per_order": 2, "max_per_order": 4})
    );
}

#[test]
fn a_guest_may_put_in_what_an_account_may_not() {
    let own = offer(10, 1, 5);
    let variant = own.variant;
    assert!(check_for_sale(None, variant, Some(&own)).is_ok());
    assert_eq!(
        check_for_sale(Some(BUYER), variant, Some(&own)).err(),
        Some(Refusal::OwnGoods(vec![variant]))
    );
    assert_eq!(
        check_for_sale(None, variant, None).err(),
        Some(Refusal::Unavailable(vec![(variant, "unknown")]))
    );
}

#[test]
fn a_total_that_does_not_fit_is_refused() {
    let refusal = refusal(&[want(10, 2)], &[offer(10, 5, i64::MAX)]);
    assert_eq!(refusal, Refusal::TooMuch);
}

#[test]
fn a_variant_stands_in_one_line() {
    assert!(check_once_each(&[want(1, 1), want(2, 1)]).is_ok());
    let Err(Error::Invalid(errors)) = check_once_each(&[want(1, 1), want(2, 1), want(1, 5)]) else {
        panic!("a refusal")
    };
    assert_eq!(errors.len(), 1);
    assert_eq!(errors[0].pointer, "/lines/2/variant_id");
}

proptest! {
    #[test]
    fn no_unit_is_lost_or_doubled(lines in prop::collection::btree_map(10_u128..60, (2_u128..6, 1_u32..999, 0_i64..1_000_000), 1..40)) {
        let wanted: Vec<Wanted> = lines.iter().map(|(n, (_, quantity, _))| want(*n, *quantity)).collect();
        let offers: Vec<Offer> = lines.iter().rev().map(|(n, (seller, _, price))| offer(*n, *seller, *price)).collect();
        let plan = plan(CHECKOUT, BUYER, &wanted, &offers).expect("a plan");
        let mut planned: Vec<(Uuid, u32)> = plan.orders.iter().flat_map(|o| &o.lines).map(|l| (l.variant_id, l.quantity)).collect();
        planned.sort_unstable();
        let asked: Vec<(Uuid, u32)> = wanted.iter().map(|w| (w.variant, w.quantity)).collect();
        prop_assert_eq!(planned, asked);
        let sum: i64 = lines.values().map(|(_, quantity, price)| i64::from(*quantity).saturating_mul(*price)).sum();
        prop_assert_eq!(plan.orders.iter().map(|o| o.total).sum::<i64>(), sum);
        prop_assert!(plan.orders.windows(2).all(|w| w[0].id < w[1].id));
        let sellers: BTreeSet<Uuid> = plan.orders.iter().map(|o| o.seller_id).collect();
        prop_assert_eq!(sellers.len(), plan.orders.len());
    }
}
