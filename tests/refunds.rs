//! Staff give money back: each line once, never more than was paid, by the ways it came.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, shared, text};
use crate::support::goods::{checkout, goods};
use crate::support::money::give;
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, staff};

/// An order of two lines, 30,000 and 70,000 VND, that is paid.
struct Paid {
    order: String,
    buyer: Actor,
    seller: Actor,
    moderator: Actor,
}

/// `from_wallet`: what the buyer has there, and uses. The rest is paid at the provider.
async fn paid(app: &App, from_wallet: i64, provider: Option<&str>) -> Paid {
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let (buyer, seller) = (app.someone("Buyer").await, app.someone("Seller").await);
    if from_wallet > 0 {
        give(&admin, &buyer, from_wallet, "VND").await;
    }
    let cup = goods(app, &seller, "Cup", 30_000, 5).await;
    let vase = goods(app, &seller, "Vase", 70_000, 5).await;
    let mut body = checkout(&[(&cup.variant, 1), (&vase.variant, 1)]);
    body["use_wallet"] = (from_wallet > 0).into();
    match provider {
        Some(provider) => body["provider"] = provider.into(),
        None => {
            body.as_object_mut().expect("an object").remove("provider");
        }
    }
    let key = Uuid::new_v4().to_string();
    let placed = buyer
        .post_keyed("/v1/checkouts", &key, &body)
        .await
        .expect(201);
    Paid {
        order: text(&placed["orders"][0]["id"]).to_owned(),
        buyer,
        seller,
        moderator,
    }
}

impl Paid {
    /// Asks for a refund, as its moderator, with a key of its own.
    async fn refund(&self, what: Value, destination: &str) -> Reply {
        let mut body = what;
        body["reason"] = "arrived broken".into();
        body["destination"] = destination.into();
        let path = format!("/v1/escrows/{}/refunds", self.order);
        let key = Uuid::new_v4().to_string();
        self.moderator.post_keyed(&path, &key, &body).await
    }

    async fn escrow(&self, actor: &Actor) -> Value {
        actor
            .get(&format!("/v1/escrows/{}", self.order))
            .await
            .expect(200)
    }

    /// The refund once the buyer has all of it.
    async fn done(&self, refund: &Value) -> Value {
        let path = format!("/v1/refunds/{}", text(&refund["id"]));
        until("the refund is done", Duration::from_secs(15), || async {
            let now = self.buyer.try_get(&path).await?.body;
            (now["state"] == "done").then_some(now)
        })
        .await
    }
}

fn line(line: u32, amount: i64) -> Value {
    json!({"lines": [{"line": line, "amount": amount}]})
}

/// What the sandbox says that it gave back for an order's payment.
async fn given(app: &App, order: &str) -> i64 {
    app.sql()
        .await
        .query_one(
            "SELECT coalesce(sum(r.amount), 0)::bigint
             FROM payment.sandbox_refund r
             JOIN payment.sandbox_payment p ON p.id = r.payment_id
             JOIN payment.leg l ON l.id = p.leg_id
             JOIN payment.escrow e ON e.session_id = l.session_id
             WHERE e.order_id = $1::text::uuid",
            &[&order],
        )
        .await
        .expect("the sandbox's books")
        .get(0)
}

#[tokio::test]
async fn a_line_is_refunded_once_and_an_order_never_beyond_what_was_paid() {
    let app = shared();
    let sale = paid(app, 150_000, None).await;
    assert_eq!(available(&sale.buyer, "VND").await, 50_000);

    let refund = sale.refund(line(1, 30_000), "original").await.expect(201);
    let refund = &refund["items"][0];
    assert_eq!(
        (&refund["state"], &refund["amount"]["amount"]),
        (&json!("done"), &json!(30_000))
    );
    assert_eq!(available(&sale.buyer, "VND").await, 80_000);

    let again = sale.refund(line(1, 10_000), "original").await;
    again.expect_problem(409, "line_refunded");
    assert_eq!(again.body["lines"], json!([1]));
    let both = json!({"lines": [{"line": 1, "amount": 1}, {"line": 2, "amount": 1}]});
    sale.refund(both, "wallet")
        .await
        .expect_problem(409, "line_refunded");
    let much = sale.refund(line(2, 70_001), "original").await;
    much.expect_problem(409, "refund_exceeds_order");
    assert_eq!(much.body["left"], 70_000);
    sale.refund(
        json!({"amount": 5, "lines": [{"line": 2, "amount": 1}]}),
        "wallet",
    )
    .await
    .expect_problem(422, "validation_failed");
    assert_eq!(available(&sale.buyer, "VND").await, 80_000);

    sale.refund(json!({"amount": 20_000}), "wallet")
        .await
        .expect(201);
    sale.refund(line(2, 50_000), "original").await.expect(201);
    assert_eq!(available(&sale.buyer, "VND").await, 150_000);
    let escrow = sale.escrow(&sale.buyer).await;
    assert_eq!(
        (&escrow["state"], &escrow["refunded"]),
        (&json!("refunded"), &json!(100_000))
    );
    let list = sale.buyer.get("/v1/refunds").await.expect(200);
    assert_eq!(list["items"].as_array().map(Vec::len), Some(3));
}

#[tokio::test]
async fn buyer_and_seller_see_their_side_of_an_escrow_and_others_nothing() {
    let app = shared();
    let sale = paid(app, 100_000, None).await;
    let buyers = sale.escrow(&sale.buyer).await;
    assert_eq!(buyers["goods"], 100_000);
    assert!(buyers["commission"].is_null() && buyers["payout"].is_null());
    let sellers = sale.escrow(&sale.seller).await;
    let number = |name: &str| sellers[name].as_i64().expect("a number");
    assert_eq!(number("payout"), 100_000 - number("commission"));
    assert_eq!(
        sale.escrow(&sale.moderator).await["payout"],
        sellers["payout"]
    );

    let refund = sale.refund(line(1, 10_000), "wallet").await.expect(201);
    let path = format!("/v1/refunds/{}", text(&refund["items"][0]["id"]));
    sale.moderator.get(&path).await.expect(200);
    let stranger = app.someone("Stranger").await;
    for foreign in [
        stranger.get(&format!("/v1/escrows/{}", sale.order)).await,
        stranger.get(&path).await,
        sale.seller.get(&path).await,
    ] {
        foreign.expect_problem(404, "not_found");
    }
    let body = json!({"amount": 1, "reason": "x", "destination": "wallet"});
    let path = format!("/v1/escrows/{}/refunds", sale.order);
    for actor in [&sale.buyer, &sale.seller, &stranger] {
        actor
            .post_keyed(&path, "mine", &body)
            .await
            .expect_problem(403, "forbidden");
    }
    sale.moderator
        .post(&path, body.clone())
        .await
        .expect_problem(400, "idempotency_key_required");
    let nowhere = format!("/v1/escrows/{}/refunds", Uuid::now_v7());
    sale.moderator
        .post_keyed(&nowhere, "nowhere", &body)
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn a_moderator_refunds_no_order_of_their_own() {
    let app = shared();
    let mut sale = paid(app, 100_000, None).await;
    app.grant(&sale.buyer, "moderator").await;
    sale.buyer.sign_in().await;
    sale.moderator = sale.buyer.clone();
    sale.refund(json!({"amount": 1}), "wallet")
        .await
        .expect_problem(403, "own_affair");
}

#[tokio::test]
async fn money_goes_back_the_way_it_came_the_last_first() {
    let app = shared();
    let sale = paid(app, 40_000, Some("sandbox_instant")).await;
    assert_eq!(available(&sale.buyer, "VND").await, 0);
    // 60,000 came by the sandbox, after 40,000 of the wallet.
    let asked = sale.refund(line(2, 70_000), "original").await.expect(201);
    let refund = sale.done(&asked["items"][0]).await;
    assert_eq!(given(app, &sale.order).await, 60_000);
    assert_eq!(available(&sale.buyer, "VND").await, 10_000);
    let legs: Vec<(&str, i64, &str)> = refund["legs"]
        .as_array()
        .expect("legs")
        .iter()
        .map(|leg| {
            (
                text(&leg["method"]),
                leg["amount"].as_i64().expect("a number"),
                text(&leg["state"]),
            )
        })
        .collect();
    assert_eq!(
        legs,
        [("provider", 60_000, "done"), ("wallet", 10_000, "done")]
    );

    let asked = sale.refund(line(1, 30_000), "original").await.expect(201);
    sale.done(&asked["items"][0]).await;
    assert_eq!(available(&sale.buyer, "VND").await, 40_000);
    assert_eq!(given(app, &sale.order).await, 60_000);
}

#[tokio::test]
async fn what_a_provider_will_not_take_goes_to_the_wallet() {
    let app = shared();
    let sale = paid(app, 0, Some("sandbox_instant")).await;
    let changed = app
        .sql()
        .await
        .execute(
            "UPDATE payment.sandbox_payment p SET refunded = p.taken
             FROM payment.leg l JOIN payment.escrow e ON e.session_id = l.session_id
             WHERE p.leg_id = l.id AND e.order_id = $1::text::uuid",
            &[&sale.order],
        )
        .await
        .expect("the sandbox has nothing left");
    assert_eq!(changed, 1);
    let asked = sale.refund(line(1, 30_000), "original").await.expect(201);
    let refund = sale.done(&asked["items"][0]).await;
    assert_eq!(refund["legs"][0]["state"], "to_wallet");
    assert_eq!(available(&sale.buyer, "VND").await, 30_000);
    assert_eq!(given(app, &sale.order).await, 0);
}

/// On an app of its own: the refund waits for a person for good.
#[tokio::test]
async fn giving_up_a_refund_moves_nothing_while_its_provider_is_not_set_up() {
    let app = App::own("refunds-not-set-up", &[]);
    let sale = paid(&app, 0, Some("sandbox_instant")).await;
    // It was paid at Stripe, when Stripe was set up here.
    app.sql()
        .await
        .execute(
            "UPDATE payment.leg l SET provider = 'stripe', provider_ref = 'pi_gone'
             FROM payment.escrow e WHERE e.session_id = l.session_id AND e.order_id = $1::text::uuid",
            &[&sale.order],
        )
        .await
        .expect("another provider");
    let asked = sale.refund(line(1, 30_000), "original").await.expect(201);
    let refund = text(&asked["items"][0]["id"]);
    let path = format!("/v1/workflows/payment/{refund}");
    let workflow = |what: &'static str, holds: fn(&Value) -> bool| {
        let (moderator, path) = (&sale.moderator, &path);
        async move {
            until(what, Duration::from_secs(30), || async {
                let now = moderator.try_get(path).await?.body;
                holds(&now).then_some(now)
            })
            .await
        }
    };
    workflow("it cannot ask", |now| now["last_error"].is_string()).await;
    let reply = sale
        .moderator
        .post(&format!("{path}/cancel"), json!({}))
        .await;
    assert!(reply.status < 300, "{}", reply.raw);
    let stuck = workflow("it is stuck", |now| now["status"] == "stuck").await;
    let error = text(&stuck["last_error"]);
    assert!(
        error.contains("stripe is not set up here") && error.contains("set it up again"),
        "{error}"
    );
    let now = sale
        .buyer
        .get(&format!("/v1/refunds/{refund}"))
        .await
        .expect(200);
    assert_eq!(now["legs"][0]["state"], "pending");
    assert_eq!(available(&sale.buyer, "VND").await, 0);
}

#[tokio::test]
async fn a_hundred_refunds_at_once_give_each_line_once() {
    let app = shared();
    let sale = paid(app, 40_000, Some("sandbox_instant")).await;
    let replies = join_all((0..100).map(|n| {
        let line = line(1 + n % 2, if n % 2 == 0 { 30_000 } else { 70_000 });
        let destination = if n % 3 == 0 { "wallet" } else { "original" };
        sale.refund(line, destination)
    }))
    .await;
    let mut refunded = 0;
    for reply in replies {
        match reply.status {
            201 => {
                let refund = sale.done(&reply.body["items"][0]).await;
                refunded += refund["amount"]["amount"].as_i64().expect("a number");
            }
            503 => {}
            _ => reply.expect_problem(409, "line_refunded"),
        }
    }
    assert_eq!(refunded, 100_000);
    let back = available(&sale.buyer, "VND").await + given(app, &sale.order).await;
    assert_eq!(back, 100_000);
    assert_eq!(sale.escrow(&sale.buyer).await["state"], "refunded");
}
