//! Who is told what of orders, carts and shelves. The events are made by hand: what happens before
//! them is other tests' matter.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::first_sale::notified;
use crate::support::app::{App, shared, text};
use crate::support::events::{self, publish};
use crate::support::{Actor, until};

/// A seller and a buyer whose names have arrived where notifications are made.
async fn parties(app: &App) -> (Actor, Actor) {
    let (seller, buyer) = (app.someone("Minh").await, app.someone("Lan").await);
    let sql = app.sql().await;
    let both = vec![seller.id, buyer.id];
    until(
        "both names have arrived",
        Duration::from_secs(15),
        || async {
            let known = "SELECT count(*) FROM notification.person WHERE id = ANY ($1)";
            let row = sql.query_one(known, &[&both]).await.ok()?;
            (row.get::<_, i64>(0) == 2).then_some(())
        },
    )
    .await;
    (seller, buyer)
}

/// How notification ended with events that it was handed past the relay.
async fn outcomes(app: &App, events: &[Value]) -> Vec<String> {
    events::consume(app, "notification", events)
        .await
        .iter()
        .map(|o| text(&o["outcome"]).to_owned())
        .collect()
}

fn event(kind: &str, data: Value) -> Value {
    events::event(Uuid::now_v7(), kind, Uuid::now_v7(), 1, data)
}

/// What somebody was told about a thing, in a language: `[kind, title, text, link]`, by kind, since
/// what was made within one millisecond is listed in any order.
async fn told(actor: &Actor, about: Uuid, language: &str) -> Vec<[String; 4]> {
    let list = actor
        .get(&format!("/v1/notifications?limit=100&locale={language}"))
        .await
        .expect(200);
    let mut told: Vec<[String; 4]> = list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|n| n["data"].to_string().contains(&about.to_string()))
        .map(|n| ["kind", "title", "text", "link"].map(|name| text(&n[name]).to_owned()))
        .collect();
    told.sort();
    told
}

fn is(told: &[[String; 4]], expected: &[[&str; 4]]) {
    assert_eq!(told, expected);
}

fn of_order(order: Uuid, seller: &Actor, buyer: &Actor, more: Value) -> Value {
    let mut data = json!({"order_id": order, "buyer_id": buyer.id, "seller_id": seller.id});
    data.as_object_mut()
        .expect("an object")
        .extend(more.as_object().expect("an object").clone());
    data
}

#[tokio::test]
async fn the_later_life_of_an_order_is_told_to_the_right_side_in_its_language() {
    let app = shared();
    let (seller, buyer) = parties(app).await;
    let order = Uuid::now_v7();
    let of = |more| of_order(order, &seller, &buyer, more);
    let shipped = of(json!({"carrier": "GHTK", "tracking_number": "S1.A2"}));
    let delivered = of(json!({"reported_by": "seller", "complete_by": "2026-01-09T03:04:05.000Z"}));
    let completed = of(json!({"completed_by": "buyer", "lines": []}));
    publish(app, "order", "order.shipped", order, 3, shipped).await;
    publish(app, "order", "order.delivered", order, 4, delivered).await;
    publish(app, "order", "order.completed", order, 5, completed).await;

    // One order's events arrive in their order, so the last one ends the waiting.
    notified(&seller, "order.completed", &order.to_string()).await;
    let link = format!("/v1/orders/{order}");
    is(
        &told(&buyer, order, "en").await,
        &[
            [
                "order.delivered",
                "Order delivered",
                "Minh says that your order was delivered. Confirm that you have it; otherwise it completes by itself on 9 January 2026 (UTC).",
                &link,
            ],
            [
                "order.shipped",
                "Order shipped",
                "Minh shipped your order with GHTK. Tracking number: S1.A2",
                &link,
            ],
        ],
    );
    is(
        &told(&buyer, order, "vi").await,
        &[
            [
                "order.delivered",
                "Đơn hàng đã được giao",
                "Minh cho biết đơn hàng của bạn đã được giao. Hãy xác nhận bạn đã nhận hàng; nếu không, đơn sẽ tự hoàn tất vào ngày 09/01/2026 (UTC).",
                &link,
            ],
            [
                "order.shipped",
                "Đơn hàng đã được gửi đi",
                "Minh đã gửi đơn hàng của bạn qua GHTK. Mã vận đơn: S1.A2",
                &link,
            ],
        ],
    );
    let link = format!("/v1/sales/{order}");
    is(
        &told(&seller, order, "en").await,
        &[[
            "order.completed",
            "Order completed",
            "Lan completed the order.",
            &link,
        ]],
    );
}

#[tokio::test]
async fn what_the_buyer_received_and_what_ended_by_itself_is_told_to_the_other_side_and_to_both() {
    let app = shared();
    let (seller, buyer) = parties(app).await;
    let order = Uuid::now_v7();
    let of = |more| of_order(order, &seller, &buyer, more);
    let outcomes = outcomes(
        app,
        &[
            event("order.delivered", of(json!({"reported_by": "buyer"}))),
            event(
                "order.completed",
                of(json!({"completed_by": "system", "lines": []})),
            ),
        ],
    )
    .await;
    assert_eq!(outcomes, ["done", "done"]);
    let link = format!("/v1/sales/{order}");
    is(
        &told(&seller, order, "vi").await,
        &[
            [
                "order.completed",
                "Đơn hàng đã hoàn tất",
                "Đơn hàng của Lan đã tự hoàn tất vì đã hết thời hạn khiếu nại.",
                &link,
            ],
            [
                "order.delivered",
                "Đơn hàng đã được giao",
                "Lan đã nhận được hàng.",
                &link,
            ],
        ],
    );
    let link = format!("/v1/orders/{order}");
    is(
        &told(&buyer, order, "en").await,
        &[[
            "order.completed",
            "Order completed",
            "Your order from Minh completed by itself: the time to object is over.",
            &link,
        ]],
    );
}

#[tokio::test]
async fn a_forgotten_cart_and_a_low_shelf_are_told_to_their_owners() {
    let app = shared();
    let (seller, buyer) = parties(app).await;
    let (cart, variant) = (Uuid::now_v7(), Uuid::now_v7());
    let forgotten = json!({"cart_id": cart, "account_id": buyer.id, "line_count": 2, "units": 7});
    let low =
        json!({"variant_id": variant, "seller_id": seller.id, "available": 3, "threshold": 5});
    publish(app, "order", "cart.abandoned", cart, 4, forgotten).await;
    publish(app, "inventory", "inventory.low", variant, 9, low).await;
    notified(&buyer, "cart.abandoned", &cart.to_string()).await;
    notified(&seller, "inventory.low", &variant.to_string()).await;
    is(
        &told(&buyer, cart, "en").await,
        &[[
            "cart.abandoned",
            "Your cart is waiting",
            "You left 7 items in your cart.",
            "/v1/cart",
        ]],
    );
    is(
        &told(&buyer, cart, "vi").await,
        &[[
            "cart.abandoned",
            "Giỏ hàng đang chờ bạn",
            "Bạn còn 7 sản phẩm trong giỏ hàng.",
            "/v1/cart",
        ]],
    );
    let link = format!("/v1/stock/{variant}");
    is(
        &told(&seller, variant, "en").await,
        &[[
            "inventory.low",
            "Stock is low",
            "A variant of yours is down to 3 units; you asked to be told at 5.",
            &link,
        ]],
    );
    is(
        &told(&seller, variant, "vi").await,
        &[[
            "inventory.low",
            "Sắp hết hàng",
            "Một phân loại hàng của bạn chỉ còn 3 sản phẩm (ngưỡng báo: 5).",
            &link,
        ]],
    );
    assert!(told(&seller, cart, "en").await.is_empty());
    assert!(told(&buyer, variant, "en").await.is_empty());
}

#[tokio::test]
async fn doubled_events_notify_once() {
    let app = shared();
    let (seller, buyer) = parties(app).await;
    let thing = Uuid::now_v7();
    let of = |more| of_order(thing, &seller, &buyer, more);
    let mut events = vec![
        event("order.shipped", of(json!({"carrier": null}))),
        event("order.delivered", of(json!({"reported_by": "seller"}))),
        event("order.completed", of(json!({"completed_by": "system"}))),
        event(
            "cart.abandoned",
            json!({"cart_id": thing, "account_id": buyer.id, "line_count": 1, "units": 1}),
        ),
        event(
            "inventory.low",
            json!({"variant_id": thing, "seller_id": seller.id, "available": 0, "threshold": 5}),
        ),
    ];
    events.extend(events.clone());
    for _ in 0..2 {
        let outcomes = outcomes(app, &events).await;
        assert!(outcomes.iter().all(|o| o == "done"), "{outcomes:?}");
    }
    let kinds = async |actor| -> Vec<String> {
        told(actor, thing, "en")
            .await
            .into_iter()
            .map(|[kind, ..]| kind)
            .collect()
    };
    assert_eq!(
        kinds(&buyer).await,
        [
            "cart.abandoned",
            "order.completed",
            "order.delivered",
            "order.shipped"
        ]
    );
    assert_eq!(kinds(&seller).await, ["inventory.low", "order.completed"]);
}

#[tokio::test]
async fn an_event_that_says_not_whom_it_concerns_is_rejected_and_tells_nobody() {
    let app = shared();
    let (seller, buyer) = parties(app).await;
    let thing = Uuid::now_v7();
    let of = |more| of_order(thing, &seller, &buyer, more);
    let outcomes = outcomes(
        app,
        &[
            event("order.delivered", of(json!({"reported_by": "postman"}))),
            event("order.completed", of(json!({}))),
            event(
                "order.shipped",
                json!({"order_id": thing, "seller_id": seller.id}),
            ),
            event("cart.abandoned", json!({"cart_id": thing, "units": 1})),
            event(
                "inventory.low",
                json!({"seller_id": seller.id, "available": 0}),
            ),
        ],
    )
    .await;
    assert!(outcomes.iter().all(|o| o == "reject"), "{outcomes:?}");
    for actor in [&seller, &buyer] {
        assert!(told(actor, thing, "en").await.is_empty());
    }
}
