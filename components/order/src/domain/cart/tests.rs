use proptest::prelude::*;

use super::*;
use crate::domain::checkout::Listing;

const READER: Uuid = Uuid::from_u128(1);

/// Variant `n` at `seller`, put in at `price`.
fn kept(n: u128, seller: u128, quantity: u32, price: i64) -> KeptLine {
    KeptLine {
        variant_id: Uuid::from_u128(n),
        product_id: Uuid::from_u128(n.saturating_add(1_000)),
        seller_id: Uuid::from_u128(seller),
        name: format!("Old name {n}"),
        quantity,
        selected: true,
        unit_price: price,
        currency: "VND".into(),
    }
}

/// Variant `n` at `seller` as the shop has it now.
fn offer(n: u128, seller: u128, price: i64) -> Offer {
    Offer {
        variant: Uuid::from_u128(n),
        product: Uuid::from_u128(n.saturating_add(1_000)),
        seller: Uuid::from_u128(seller),
        name: format!("Thing {n}"),
        sku: format!("T-{n}"),
        attributes: json!({"colour": "red"}),
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

fn vnd(amount: i64) -> Money {
    super::price(amount, "VND")
}

fn seen(kept: Vec<KeptLine>, offers: &[Offer], stock: &[(u128, u32)]) -> Cart {
    let stock = stock
        .iter()
        .map(|(n, left)| (Uuid::from_u128(*n), *left))
        .collect();
    view(Some(READER), 7, kept, offers, &stock)
}

#[test]
fn a_line_is_shown_as_the_shop_has_it_now() {
    let cart = seen(vec![kept(10, 5, 2, 100)], &[offer(10, 5, 100)], &[(10, 9)]);
    let line = &cart.lines[0];
    assert_eq!(cart.version, 7);
    assert_eq!(
        (line.name.as_str(), line.sku.as_str()),
        ("Thing 10", "T-10")
    );
    assert_eq!((line.status, line.available), (CartLineStatus::Ok, 9));
    assert_eq!(
        (line.unit_price.clone(), line.total.clone()),
        (Some(vnd(100)), Some(vnd(200)))
    );
    assert_eq!((line.why, &line.old, &line.new), (None, &None, &None));
}

#[test]
fn another_price_is_shown_beside_the_old_one_and_counts() {
    let cart = seen(vec![kept(10, 5, 2, 100)], &[offer(10, 5, 130)], &[(10, 1)]);
    let line = &cart.lines[0];
    assert_eq!(
        line.status,
        CartLineStatus::PriceChanged,
        "before being short"
    );
    assert_eq!(
        (line.old.clone(), line.new.clone()),
        (Some(vnd(100)), Some(vnd(130)))
    );
    assert_eq!(cart.totals[0].total, vnd(260));
}

#[test]
fn a_line_is_short_of_what_it_wants() {
    let lines = vec![kept(10, 5, 3, 1), kept(11, 5, 1, 1)];
    let cart = seen(lines, &[offer(10, 5, 1), offer(11, 5, 1)], &[(10, 2)]);
    assert_eq!(
        (cart.lines[0].status, cart.lines[0].available),
        (CartLineStatus::Short, 2)
    );
    assert_eq!(
        (cart.lines[1].status, cart.lines[1].available),
        (CartLineStatus::Short, 0)
    );
}

#[test]
fn what_left_the_shop_is_shown_as_the_buyer_knew_it() {
    let gone = |n, listing| Offer {
        listing,
        ..offer(n, 5, 1)
    };
    let withdrawn = Offer {
        enabled: false,
        ..offer(13, 5, 1)
    };
    let offers = [
        gone(10, Listing::Hidden),
        gone(11, Listing::TakenDown),
        gone(12, Listing::Draft),
        withdrawn,
    ];
    let lines = (10..15).map(|n| kept(n, 5, 1, 1)).collect();
    let cart = seen(
        lines,
        &offers,
        &[(10, 5), (11, 5), (12, 5), (13, 5), (14, 5)],
    );
    let whys: Vec<&str> = cart.lines.iter().filter_map(|l| l.why).collect();
    assert_eq!(
        whys,
        ["hidden", "taken_down", "unknown", "withdrawn", "unknown"]
    );
    for line in &cart.lines {
        assert_eq!(
            (line.status, line.available),
            (CartLineStatus::Unavailable, 0)
        );
        assert_eq!((&line.unit_price, &line.total), (&None, &None));
        let withdrawn = line.why == Some("withdrawn");
        assert_eq!(line.name.starts_with("Thing"), withdrawn, "{}", line.name);
    }
    assert!(cart.totals.is_empty());
}

#[test]
fn own_goods_are_marked_for_their_seller_and_for_nobody_else() {
    let lines = vec![kept(10, 1, 1, 5)];
    let offers = [offer(10, 1, 5)];
    let stock = BTreeMap::from([(Uuid::from_u128(10), 3)]);
    let own = view(Some(READER), 1, lines.clone(), &offers, &stock);
    assert_eq!(own.lines[0].status, CartLineStatus::OwnGoods);
    assert!(own.totals.is_empty());
    let guest = view(None, 1, lines, &offers, &stock);
    assert_eq!(guest.lines[0].status, CartLineStatus::Ok);
}

#[test]
fn totals_are_by_currency_and_seller() {
    let dollars = Offer {
        currency: "USD".into(),
        ..offer(12, 6, 7)
    };
    let in_dollars = KeptLine {
        currency: "USD".into(),
        ..kept(12, 6, 2, 7)
    };
    let unselected = KeptLine {
        selected: false,
        ..kept(13, 5, 1, 1)
    };
    let lines = vec![
        kept(10, 5, 2, 10),
        kept(11, 6, 1, 5),
        in_dollars,
        unselected,
    ];
    let offers = [offer(10, 5, 10), offer(11, 6, 5), dollars, offer(13, 5, 1)];
    let cart = seen(lines, &offers, &[]);
    assert_eq!(cart.totals.len(), 2);
    assert_eq!(
        (cart.totals[0].total.clone(), cart.totals[0].units),
        (super::price(14, "USD"), 2)
    );
    assert_eq!(
        (cart.totals[1].total.clone(), cart.totals[1].units),
        (vnd(25), 3)
    );
    let sellers: Vec<(Uuid, i64)> = cart.totals[1]
        .sellers
        .iter()
        .map(|s| (s.seller_id, s.total.amount))
        .collect();
    assert_eq!(sellers, [(Uuid::from_u128(5), 20), (Uuid::from_u128(6), 5)]);
}

#[test]
fn the_limit_of_lines_is_the_same_in_the_store() {
    for sql in [
        include_str!("../../store/write_cart_line_v1.sql"),
        include_str!("../../store/merge_cart_v1.sql"),
    ] {
        assert!(
            sql.contains(&format!("'most_lines', {MOST_LINES}")),
            "{sql}"
        );
    }
}

proptest! {
    /// What the view promises of a line is what a checkout of it does.
    #[test]
    fn the_view_and_the_checkout_agree(
        seller in 1_u128..3, listed in 0_u8..4, enabled: bool, price in 0_i64..3, quantity in 1_u32..999,
        known: bool, left in 0_u32..999,
    ) {
        use crate::domain::checkout::{Wanted, list};
        let listing = [Listing::Draft, Listing::Active, Listing::Hidden, Listing::TakenDown][usize::from(listed)];
        let offers: Vec<Offer> = known
            .then(|| Offer { listing, enabled, ..offer(10, seller, price) })
            .into_iter()
            .collect();
        let cart = seen(vec![kept(10, seller, quantity, 1)], &offers, &[(10, left)]);
        let wanted = Wanted { variant: Uuid::from_u128(10), quantity, unit_price: Some(1) };
        let planned = list(READER, &[wanted], &offers, None).is_ok();
        let good = matches!(cart.lines[0].status, CartLineStatus::Ok | CartLineStatus::Short);
        prop_assert_eq!(planned, good);
        prop_assert_eq!(cart.lines[0].status == CartLineStatus::Ok, good && left >= quantity);
    }

    #[test]
    fn totals_are_the_sum_of_the_selected_lines(
        lines in prop::collection::btree_map(10_u128..60, (2_u128..6, 1_u32..1_000, 0_i64..1_000_000, any::<bool>()), 0..40),
    ) {
        let put: Vec<KeptLine> = lines
            .iter()
            .map(|(n, (seller, quantity, price, selected))| KeptLine { selected: *selected, ..kept(*n, *seller, *quantity, *price) })
            .collect();
        let offers: Vec<Offer> = lines.iter().rev().map(|(n, (seller, _, price, _))| offer(*n, *seller, *price)).collect();
        let cart = seen(put, &offers, &[]);
        let (mut sum, mut units) = (0_i64, 0_u32);
        for (_, quantity, price, _) in lines.values().filter(|(_, _, _, selected)| *selected) {
            sum = sum.saturating_add(i64::from(*quantity).saturating_mul(*price));
            units = units.saturating_add(*quantity);
        }
        let total: i64 = cart.totals.iter().map(|t| t.total.amount).sum();
        prop_assert_eq!((total, cart.totals.iter().map(|t| t.units).sum::<u32>()), (sum, units));
        for t in &cart.totals {
            prop_assert_eq!(t.sellers.iter().map(|s| s.total.amount).sum::<i64>(), t.total.amount);
            prop_assert!(t.sellers.windows(2).all(|w| w[0].seller_id < w[1].seller_id));
        }
    }
}
