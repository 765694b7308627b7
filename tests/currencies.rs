//! Goods of several currencies in one checkout: converted by rates that stay what they were.

mod frozen;

use std::time::Duration;

use serde_json::{Value, json};
use stoa_order::domain::order_state::OrderStatus;
use uuid::Uuid;

use crate::checkouts::{at_provider, becomes, begin, stock_is, wallet_is};
use crate::orders::Sale;
use crate::promotions::{a_tenth_off, code};
use crate::rates::set;
use crate::support::app::{App, shared, text};
use crate::support::goods::{Goods, goods, goods_in, reconciled, stock};
use crate::support::money::{give, ledger_is_clean, pay};
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, staff};

/// A seller with a lamp for 40,000 dong, and one with a cup in another currency.
struct Market {
    lamps: Actor,
    cups: Actor,
    buyer: Actor,
    admin: Actor,
    lamp: Goods,
    cup: Goods,
}

impl Market {
    async fn open(app: &App, cup: (i64, &str)) -> Market {
        let (lamps, cups) = (app.someone("An").await, app.someone("Ben").await);
        Market {
            buyer: app.someone("Chi").await,
            admin: staff(app, "admin").await,
            lamp: goods(app, &lamps, "Lamp", 40_000, 5).await,
            cup: goods_in(app, &cups, "Cup", cup, 5).await,
            lamps,
            cups,
        }
    }

    /// A lamp and two cups, with this in the body of the checkout.
    fn both(&self, extra: Value) -> Value {
        let lines = [(self.lamp.variant.as_str(), 1), (&self.cup.variant, 2)];
        at_provider(&lines, extra)
    }

    async fn preview(&self, extra: Value) -> Reply {
        let mut body = json!({"lines": [
            {"variant_id": self.lamp.variant, "quantity": 1},
            {"variant_id": self.cup.variant, "quantity": 2},
        ]});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(extra.as_object().expect("an object").clone());
        self.buyer.post("/v1/cart/preview", body).await
    }

    /// The order of a seller in a placed checkout.
    fn order_of(seller: &Actor, checkout: &Value) -> String {
        let orders = checkout["orders"].as_array().expect("orders");
        let order = orders
            .iter()
            .find(|order| order["seller_id"] == json!(seller.id))
            .unwrap_or_else(|| panic!("no order of {}: {checkout}", seller.username));
        text(&order["id"]).to_owned()
    }
}

/// The line of a variant, wherever in the document it is.
fn line<'a>(document: &'a Value, variant: &str) -> &'a Value {
    let own = document["lines"].as_array().into_iter().flatten();
    let orders = document["orders"].as_array().into_iter().flatten();
    let of_orders = orders.flat_map(|order| order["lines"].as_array().into_iter().flatten());
    own.chain(of_orders)
        .find(|line| line["variant_id"] == variant)
        .unwrap_or_else(|| panic!("no line of {variant}: {document}"))
}

/// Minor units of a line's price, what the seller asked, and the rate between them.
fn price(document: &Value, variant: &str) -> (Value, Value, Value) {
    let line = line(document, variant);
    (
        line["unit_price"].clone(),
        line["list_price"].clone(),
        line["exchange_rate"].clone(),
    )
}

fn vnd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "VND"})
}

async fn check_out(buyer: &Actor, key: &str, body: &Value) -> Reply {
    buyer.post_keyed("/v1/checkouts", key, body).await
}

fn new_key() -> String {
    Uuid::new_v4().to_string()
}

/// What the sandbox gave back of a checkout.
async fn given(app: &App, checkout: &Value) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT coalesce(sum(r.amount), 0)::bigint
             FROM payment.sandbox_refund r
             JOIN payment.sandbox_payment p ON p.id = r.payment_id
             JOIN payment.leg l ON l.id = p.leg_id
             WHERE l.session_id = $1::text::uuid",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the sandbox's books")
        .get(0)
}

#[tokio::test]
async fn two_sellers_are_paid_in_one_currency_by_the_rate_of_the_checkout() {
    let app = shared();
    let market = Market::open(app, (1_999, "USD")).await;
    let (lamp, cup) = (&market.lamp.variant, &market.cup.variant);
    set(&market.admin, "USD/VND", "25400.5").await.expect(200);
    give(&market.admin, &market.buyer, 100_000, "VND").await;

    // What it would come to now: 507,755.995 dong are 507,756.
    let seen = market.preview(json!({"currency": "VND"})).await.expect(200);
    assert_eq!(seen["total"], vnd(40_000 + 2 * 507_756));
    let dollars = json!({"amount": 1_999, "currency": "USD"});
    assert_eq!(
        price(&seen, cup),
        (vnd(507_756), dollars.clone(), json!("25400.5"))
    );
    assert_eq!(price(&seen, lamp), (vnd(40_000), Value::Null, Value::Null));
    for extra in [json!({}), json!({"codes": []})] {
        let mixed = market.preview(extra).await;
        mixed.expect_problem(422, "mixed_currencies");
        assert_eq!(mixed.body["currencies"], json!(["USD", "VND"]));
    }
    check_out(&market.buyer, &new_key(), &market.both(json!({})))
        .await
        .expect_problem(422, "mixed_currencies");

    // It is another rate when it is bought, and another one when it is paid.
    set(&market.admin, "USD/VND", "26000").await.expect(200);
    let total = 40_000 + 2 * 519_740;
    let body = market.both(json!({"currency": "VND", "use_wallet": true}));
    let key = new_key();
    let first = begin(&market.buyer, &key, &body).await.expect(202);
    assert_eq!(first["total"], vnd(total));
    assert_eq!(first["payment"]["from_wallet"], vnd(100_000));
    assert_eq!(first["rate_snapshot_id"], first["id"]);
    let converted = (vnd(519_740), dollars, json!("26000"));
    assert_eq!(price(&first, cup), converted);
    set(&market.admin, "USD/VND", "30000").await.expect(200);
    let again = check_out(&market.buyer, &key, &body).await;
    assert_eq!((again.status, &again.body), (202, &first));

    pay(&market.buyer, &first, "pay").await;
    let placed = becomes(&market.buyer, &first, "placed").await;
    assert_eq!(placed["total"], vnd(total));
    assert_eq!(price(&placed, cup), converted);
    assert_eq!(price(&placed, lamp), price(&first, lamp));
    let again = check_out(&market.buyer, &key, &body).await;
    assert_eq!((again.status, &again.body), (201, &placed));

    // Buyer and seller read the same, and the buyer the rates.
    let of_cups = Market::order_of(&market.cups, &placed);
    for (actor, path) in [(&market.buyer, "orders"), (&market.cups, "sales")] {
        let order = actor
            .get(&format!("/v1/{path}/{of_cups}"))
            .await
            .expect(200);
        assert_eq!(order["total"], vnd(2 * 519_740));
        assert_eq!(order["rate_snapshot_id"], placed["id"]);
        assert_eq!(price(&order, cup), converted);
    }
    let rates = format!("/v1/exchange-rates/snapshots/{}", text(&placed["id"]));
    let snapshot = market.buyer.get(&rates).await.expect(200);
    assert_eq!(
        (&snapshot["base"], &snapshot["quote"], &snapshot["rates"]),
        (&Value::Null, &json!("VND"), &json!({"USD": "26000"}))
    );
    let convert = async |pair: &str| {
        let path = format!("{rates}/conversion?amount=1999&{pair}");
        market.buyer.get(&path).await
    };
    let conversion = convert("from=USD&to=VND").await.expect(200);
    assert_eq!(conversion["to"], vnd(519_740));
    convert("to=VND")
        .await
        .expect_problem(422, "validation_failed");
    for pair in ["from=USD&to=EUR", "from=EUR&to=VND"] {
        convert(pair).await.expect_problem(409, "rate_unavailable");
    }
    market
        .cups
        .get(&rates)
        .await
        .expect_problem(404, "not_found");

    // What comes back is what was paid, whatever the rate is by then.
    let decline = format!("/v1/sales/{of_cups}/decline");
    let reason = json!({"reason": "cracked"});
    market.cups.post(&decline, reason).await.expect(200);
    let cancel = format!(
        "/v1/orders/{}/cancel",
        Market::order_of(&market.lamps, &placed)
    );
    market.buyer.post(&cancel, json!({})).await.expect(200);
    until("the sandbox gave back", Duration::from_secs(30), || async {
        (given(app, &placed).await == total - 100_000).then_some(())
    })
    .await;
    wallet_is(app, &market.buyer, 100_000).await;
    assert_eq!(available(&market.buyer, "USD").await, 0);
    stock_is(app, lamp, 5, 0).await;
    stock_is(app, cup, 5, 0).await;
    app.events_settled().await;
    reconciled(app).await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn a_seller_gets_the_currency_in_which_the_buyer_paid() {
    let app = shared();
    // 12.50 dollars of Singapore.
    let market = Market::open(app, (1_250, "SGD")).await;
    set(&market.admin, "SGD/VND", "19000").await.expect(200);
    // A promotion is in one currency, and it is the checkout's that counts.
    let offer = |currency: &str| {
        let code = code();
        (
            code.clone(),
            a_tenth_off(json!({"code": code, "currency": currency})),
        )
    };
    let ((theirs, in_sgd), (ours, in_vnd)) = (offer("SGD"), offer("VND"));
    for body in [in_sgd, in_vnd] {
        market.cups.post("/v1/promotions", body).await.expect(201);
    }
    let seen = market
        .preview(json!({"currency": "VND", "codes": [theirs, ours]}))
        .await
        .expect(200);
    assert_eq!(seen["unused"][0]["code"], theirs);
    assert_eq!(seen["unused"][0]["reason"], "other_currency");
    assert_eq!(seen["discount"], vnd(47_500));

    let body = market.both(json!({
        "currency": "VND", "codes": [ours], "provider": "sandbox_instant",
    }));
    let placed = begin(&market.buyer, &new_key(), &body).await.expect(201);
    assert_eq!(placed["total"], seen["total"]);
    assert_eq!(placed["total"], vnd(40_000 + 2 * 237_500 - 47_500));
    let sale = Sale {
        order: Market::order_of(&market.cups, &placed),
        variant: market.cup.variant.clone(),
        seller: market.cups,
        buyer: market.buyer,
    };
    sale.lead_to(app, OrderStatus::Completed).await;
    let path = format!("/v1/escrows/{}", sale.order);
    let escrow = until("it is paid out", Duration::from_secs(30), || async {
        let escrow = sale.seller.try_get(&path).await?.body;
        (escrow["state"] == "released").then_some(escrow)
    })
    .await;
    assert_eq!(escrow["currency"], "VND");
    let payout = escrow["payout"].as_i64().expect("a number");
    assert!(payout > 0 && payout <= 427_500, "{escrow}");
    wallet_is(app, &sale.seller, payout).await;
    assert_eq!(available(&sale.seller, "SGD").await, 0);
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn without_a_rate_nothing_is_sold_and_the_key_stays_free() {
    let app = shared();
    let market = Market::open(app, (3_500, "THB")).await;
    let body = market.both(json!({"currency": "VND", "provider": "cod"}));
    let key = new_key();
    for _ in 0..2 {
        for reply in [
            check_out(&market.buyer, &key, &body).await,
            market.preview(json!({"currency": "VND"})).await,
        ] {
            reply.expect_problem(409, "rate_unavailable");
            assert_eq!(reply.body["missing"], json!(["THB"]));
        }
    }
    assert_eq!(stock(app, &market.lamp.variant).await, (5, 0));
    assert_eq!(stock(app, &market.cup.variant).await, (5, 0));
    for currency in ["XXZ", "vnd", "", "VNDX"] {
        let body = market.both(json!({"currency": currency, "provider": "cod"}));
        let reply = check_out(&market.buyer, &new_key(), &body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(
            reply.body["errors"][0]["pointer"], "/currency",
            "{}",
            reply.raw
        );
    }

    // The price that a buyer has seen is the seller's.
    set(&market.admin, "THB/VND", "700").await.expect(200);
    let mut wrong = body.clone();
    wrong["lines"][1]["unit_price"] = 24_500.into();
    let changed = check_out(&market.buyer, &new_key(), &wrong).await;
    changed.expect_problem(409, "price_changed");
    assert_eq!(
        changed.body["lines"][0]["new"],
        json!({"amount": 3_500, "currency": "THB"})
    );
    let mut right = body.clone();
    right["lines"][1]["unit_price"] = 3_500.into();
    let placed = check_out(&market.buyer, &new_key(), &right)
        .await
        .expect(201);
    assert_eq!(placed["total"], vnd(40_000 + 2 * 24_500));
    let placed = check_out(&market.buyer, &key, &body).await.expect(201);
    assert_eq!(placed["total"], vnd(40_000 + 2 * 24_500));

    // Where all lines have the currency already, no rates are kept.
    let lamp = [(market.lamp.variant.as_str(), 1)];
    for currency in [json!("VND"), Value::Null] {
        let body = at_provider(&lamp, json!({"currency": currency, "provider": "cod"}));
        let placed = check_out(&market.buyer, &new_key(), &body)
            .await
            .expect(201);
        assert_eq!(placed["rate_snapshot_id"], Value::Null);
        assert_eq!(placed["total"], vnd(40_000));
        let path = format!("/v1/exchange-rates/snapshots/{}", text(&placed["id"]));
        market
            .buyer
            .get(&path)
            .await
            .expect_problem(404, "not_found");
    }
}

#[tokio::test]
async fn a_cart_of_two_currencies_is_bought_in_a_third() {
    let app = shared();
    let market = Market::open(app, (1_050, "MYR")).await;
    set(&market.admin, "MYR/TWD", "7.15").await.expect(200);
    set(&market.admin, "VND/TWD", "0.00125").await.expect(200);
    for (variant, quantity) in [(&market.lamp.variant, 1), (&market.cup.variant, 2)] {
        let line = json!({"variant_id": variant, "quantity": quantity});
        market.buyer.post("/v1/cart/lines", line).await.expect(200);
    }
    let of_cart = json!({"lines": null, "cart": true, "provider": "cod"});
    let mut body = at_provider(&[], of_cart);
    check_out(&market.buyer, &new_key(), &body)
        .await
        .expect_problem(422, "mixed_currencies");
    body["currency"] = "TWD".into();
    let seen = market
        .buyer
        .post("/v1/cart/preview", json!({"currency": "TWD"}))
        .await
        .expect(200);
    // 10.50 ringgit are 75.075 new dollars, and 40,000 dong are 50.
    let total = json!({"amount": 2 * 7_508 + 5_000, "currency": "TWD"});
    assert_eq!(seen["total"], total);
    let placed = check_out(&market.buyer, &new_key(), &body)
        .await
        .expect(201);
    assert_eq!(placed["total"], total);
    assert_eq!(
        line(&placed, &market.lamp.variant)["list_price"],
        vnd(40_000)
    );
    let cart = market.buyer.get("/v1/cart").await.expect(200);
    assert_eq!(cart["lines"], json!([]));
}
