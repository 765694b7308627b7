//! The life of an order after it was placed, as both sides see it and hear of it.

use std::time::Duration;

use futures::future::join;
use serde_json::{Value, json};
use stoa_order::domain::order_state::{Action, OrderStatus, Side};

use crate::first_sale::notified;
use crate::support::app::{App, shared, text};
use crate::support::goods::{buy, goods, reconciled, stock};
use crate::support::{Actor, Reply, until};

/// An order of two units, of the five that there were.
pub struct Sale {
    pub seller: Actor,
    pub buyer: Actor,
    pub order: String,
    pub variant: String,
}

/// An order that awaits its seller's confirmation.
pub async fn placed(app: &App, name: &str) -> Sale {
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let goods = goods(app, &seller, name, 70_000, 5).await;
    let checkout = buy(&buyer, &[(&goods.variant, 2)]).await.expect(201);
    Sale {
        order: text(&checkout["orders"][0]["id"]).to_owned(),
        variant: goods.variant,
        seller,
        buyer,
    }
}

/// Where a side's action is, if there is a route for it, and what is sent.
pub fn route(side: Side, action: Action, order: &str) -> Option<(String, Value)> {
    let body = match (side, action) {
        (Side::Buyer, Action::Cancel | Action::Receive | Action::Complete)
        | (Side::Seller, Action::Confirm | Action::Ship | Action::Deliver) => json!({}),
        (Side::Seller, Action::Decline | Action::Cancel) => json!({"reason": "sold out"}),
        _ => return None,
    };
    let list = if side == Side::Buyer {
        "orders"
    } else {
        "sales"
    };
    Some((format!("/v1/{list}/{order}/{}", action.as_str()), body))
}

impl Sale {
    pub fn actor(&self, side: Side) -> &Actor {
        if side == Side::Buyer {
            &self.buyer
        } else {
            &self.seller
        }
    }

    pub async fn act(&self, side: Side, action: Action) -> Reply {
        let (path, body) = route(side, action, &self.order).expect("a route");
        self.actor(side).post(&path, body).await
    }

    /// What the buyer sees; the seller sees the same, but for the payout, which may come at any moment
    /// after the order's completion and is left out here, the version that it makes too.
    pub async fn seen(&self) -> Value {
        let both = || async {
            let (buyer, seller) = join(
                self.buyer.get(&format!("/v1/orders/{}", self.order)),
                self.seller.get(&format!("/v1/sales/{}", self.order)),
            )
            .await;
            let (buyer, seller) = (buyer.expect(200), seller.expect(200));
            (buyer["version"] == seller["version"]).then_some((buyer, seller))
        };
        let (mut buyer, mut seller) =
            until("both see the same version", Duration::from_secs(15), both).await;
        assert_eq!(buyer["payout"], Value::Null, "nobody else's business");
        if !seller["payout"].is_null() {
            let version = seller["version"].as_i64().expect("a version") - 1;
            buyer["version"] = version.into();
            seller["version"] = version.into();
        }
        for field in ["payout", "payout_at"] {
            seller[field] = Value::Null;
        }
        assert_eq!(buyer, seller);
        buyer
    }

    /// Leads a new order to a state.
    pub async fn lead_to(&self, app: &App, state: OrderStatus) {
        let way: &[(Side, Action)] = &[
            (Side::Seller, Action::Confirm),
            (Side::Seller, Action::Ship),
            (Side::Seller, Action::Deliver),
            (Side::Buyer, Action::Complete),
        ];
        let steps = match state {
            OrderStatus::AwaitingConfirmation => 0,
            OrderStatus::Confirmed => 1,
            OrderStatus::Shipped => 2,
            OrderStatus::Delivered => 3,
            OrderStatus::Completed => 4,
            OrderStatus::Cancelled => {
                self.act(Side::Buyer, Action::Cancel).await.expect(200);
                return;
            }
            OrderStatus::Refunded => {
                // No way leads there yet.
                app.sql()
                    .await
                    .execute(
                        "UPDATE \"order\".\"order\" SET status = 'refunded' WHERE id = $1::text::uuid",
                        &[&self.order],
                    )
                    .await
                    .expect("the state is set");
                return;
            }
        };
        for (side, action) in &way[..steps] {
            self.act(*side, *action).await.expect(200);
        }
        assert_eq!(self.seen().await["status"], state.as_str());
    }

    /// The states that it was in.
    pub async fn history(&self) -> Vec<String> {
        let seen = self.seen().await;
        let history = seen["history"].as_array().expect("a history");
        assert_eq!(seen["version"], history.len(), "a version for each state");
        history.iter().map(|h| text(&h["to"]).to_owned()).collect()
    }
}

/// The kinds of everything that somebody heard about an order, sorted.
async fn heard(actor: &Actor, order: &str) -> Vec<String> {
    let list = actor.get("/v1/notifications?limit=100").await.expect(200);
    let mut kinds: Vec<String> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|n| n["data"]["order_id"] == order && text(&n["kind"]).starts_with("order."))
        .map(|n| text(&n["kind"]).to_owned())
        .collect();
    kinds.sort();
    kinds
}

#[tokio::test]
async fn an_order_is_sent_arrives_and_completes_and_each_side_hears_of_it_once() {
    let app = shared();
    let sale = placed(app, "Paper lamp").await;
    let path = format!("/v1/sales/{}", sale.order);
    assert_eq!(sale.seen().await["shipment"], Value::Null);
    sale.act(Side::Seller, Action::Confirm).await.expect(200);

    let body = json!({"carrier": "Viettel Post", "tracking_number": "VTP-0042"});
    let shipped = sale
        .seller
        .post_keyed(&format!("{path}/ship"), "sent", &body)
        .await;
    let again = sale
        .seller
        .post_keyed(&format!("{path}/ship"), "sent", &body)
        .await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((shipped.status, again.body), (200, shipped.body.clone()));
    assert_eq!(shipped.body["status"], "shipped");
    assert_eq!(shipped.body["shipment"], body);
    assert_eq!(shipped.body["shipped_at"], shipped.body["updated_at"]);
    let told = notified(&sale.buyer, "order.shipped", &sale.order).await;
    assert!(told.to_string().contains("VTP-0042"), "{told}");

    let delivered = sale.act(Side::Seller, Action::Deliver).await.expect(200);
    assert_eq!(delivered["status"], "delivered");
    let window: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT extract(epoch FROM $1::text::timestamp - $2::text::timestamp)::bigint",
            &[
                &text(&delivered["complete_by"]),
                &text(&delivered["delivered_at"]),
            ],
        )
        .await
        .expect("two times")
        .get(0);
    assert_eq!(window, 7 * 24 * 60 * 60);
    assert_eq!(delivered["completed_at"], Value::Null);

    let completed = sale.act(Side::Buyer, Action::Complete).await.expect(200);
    assert_eq!(completed["status"], "completed");
    assert_eq!(completed["completed_at"], completed["updated_at"]);
    assert_eq!(completed["shipment"], body, "as it was sent");
    assert_eq!(
        sale.history().await,
        [
            "awaiting_confirmation",
            "confirmed",
            "shipped",
            "delivered",
            "completed"
        ]
    );

    app.events_settled().await;
    assert_eq!(
        heard(&sale.seller, &sale.order).await,
        ["order.completed", "order.placed"]
    );
    assert_eq!(
        heard(&sale.buyer, &sale.order).await,
        ["order.confirmed", "order.delivered", "order.shipped"]
    );
    assert_eq!(stock(app, &sale.variant).await, (3, 0), "sold is sold");
    reconciled(app).await;
}

#[tokio::test]
async fn the_buyer_may_be_the_first_to_say_that_it_arrived() {
    let app = shared();
    let sale = placed(app, "Parcel").await;
    sale.lead_to(app, OrderStatus::Shipped).await;
    let nothing_said = json!({"carrier": null, "tracking_number": null});
    assert_eq!(sale.seen().await["shipment"], nothing_said);
    let received = sale.act(Side::Buyer, Action::Receive).await.expect(200);
    assert_eq!(received["status"], "delivered");
    assert_eq!(received["history"][3]["by"], "buyer");
    sale.act(Side::Seller, Action::Deliver)
        .await
        .expect_problem(409, "wrong_state");
    app.events_settled().await;
    assert_eq!(
        heard(&sale.seller, &sale.order).await,
        ["order.delivered", "order.placed"]
    );
    assert_eq!(
        heard(&sale.buyer, &sale.order).await,
        ["order.confirmed", "order.shipped"]
    );
}

#[tokio::test]
async fn a_shipment_says_what_there_is_to_say_within_limits() {
    let app = shared();
    let sale = placed(app, "Box").await;
    sale.lead_to(app, OrderStatus::Confirmed).await;
    let path = format!("/v1/sales/{}/ship", sale.order);
    for (body, pointer) in [
        (json!({"carrier": ""}), "/carrier"),
        (json!({"carrier": "x".repeat(101)}), "/carrier"),
        (
            json!({"tracking_number": "x".repeat(65)}),
            "/tracking_number",
        ),
        (json!({"tracking_number": "a\u{0}b"}), "/tracking_number"),
        (json!({"tracking_number": 5}), "/tracking_number"),
    ] {
        let reply = sale.seller.post(&path, body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{}", reply.raw);
    }
    let long = json!({"carrier": "ồ".repeat(100), "tracking_number": "9".repeat(64)});
    let shipped = sale.seller.post(&path, long.clone()).await.expect(200);
    assert_eq!(shipped["shipment"], long);
}

async fn becomes(sale: &Sale, state: &str) -> Value {
    until(
        &format!("it is {state}"),
        Duration::from_secs(40),
        || async {
            let seen = sale.seen().await;
            (seen["status"] == state).then_some(seen)
        },
    )
    .await
}

#[tokio::test]
async fn time_cancels_an_unanswered_order_and_completes_a_delivered_one() {
    let app = App::own("order-times", &[]);
    let (silent, quick) = join(placed(&app, "Silence"), placed(&app, "Content")).await;
    quick.lead_to(&app, OrderStatus::Delivered).await;

    app.pass("47 hours").await;
    let late = placed(&app, "Later").await;
    app.pass("61 minutes").await;
    let cancelled = becomes(&silent, "cancelled").await;
    assert_eq!(cancelled["ended_by"], "system");
    assert_eq!(cancelled["reason"], "not confirmed in time");
    assert_eq!(cancelled["history"][1]["by"], "system");
    assert_eq!(late.seen().await["status"], "awaiting_confirmation");
    late.lead_to(&app, OrderStatus::Shipped).await;
    assert_eq!(quick.seen().await["status"], "delivered");

    app.pass("119 hours 58 minutes").await;
    late.act(Side::Buyer, Action::Receive).await.expect(200);
    app.pass("2 minutes").await;
    let completed = becomes(&quick, "completed").await;
    assert_eq!(completed["history"][4]["by"], "system");
    assert!(text(&completed["completed_at"]) >= text(&completed["complete_by"]));
    assert_eq!(late.seen().await["status"], "delivered", "its own window");

    until("the stock is back", Duration::from_secs(15), || async {
        (stock(&app, &silent.variant).await == (5, 0)).then_some(())
    })
    .await;
    app.events_settled().await;
    for (actor, sale, kinds) in [
        (
            &silent.seller,
            &silent,
            &["order.cancelled", "order.placed"][..],
        ),
        (&silent.buyer, &silent, &["order.cancelled"]),
        (&quick.seller, &quick, &["order.completed", "order.placed"]),
        (
            &quick.buyer,
            &quick,
            &[
                "order.completed",
                "order.confirmed",
                "order.delivered",
                "order.shipped",
            ],
        ),
    ] {
        assert_eq!(heard(actor, &sale.order).await, kinds);
    }
    reconciled(&app).await;
}
