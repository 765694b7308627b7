//! Who is told what of orders, carts, shelves and money. The events are made by hand: what happens before
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

fn vnd(amount: i64) -> Value {
    json!({"amount": amount, "currency": "VND"})
}

#[tokio::test]
async fn what_becomes_of_a_payment_is_told_to_who_pays() {
    let app = shared();
    let buyer = app.someone("Lan").await;
    let id = Uuid::now_v7();
    let of = |more: Value| {
        let mut data = json!({"checkout_id": id, "session_id": id, "refund_id": id, "order_id": id,
                              "buyer_id": buyer.id, "payer_id": buyer.id});
        data.as_object_mut()
            .expect("an object")
            .extend(more.as_object().expect("an object").clone());
        data
    };
    let outcomes = outcomes(
        app,
        &[
            event(
                "checkout.reminder_due",
                of(json!({"total": vnd(240_000), "reminder": 1, "expires_at": "2026-01-09T03:04:05.000Z"})),
            ),
            event("checkout.expired", of(json!({"total": vnd(240_000)}))),
            event(
                "payment.failed",
                of(json!({"provider": "stripe", "reason": "card_declined"})),
            ),
            event(
                "payment.late",
                of(json!({"provider": "vnpay", "amount": vnd(5_000)})),
            ),
            event("payment.refunded", of(json!({"amount": vnd(5_000)}))),
        ],
    )
    .await;
    assert!(outcomes.iter().all(|o| o == "done"), "{outcomes:?}");
    let [checkout, session, refund] = ["checkouts", "payment-sessions", "refunds"]
        .map(|collection| format!("/v1/{collection}/{id}"));
    is(
        &told(&buyer, id, "en").await,
        &[
            [
                "checkout.expired",
                "Order expired",
                "Your order of 240,000 VND was not paid in time.",
                &checkout,
            ],
            [
                "checkout.reminder_due",
                "Your order waits for payment",
                "Pay your order of 240,000 VND by 9 January 2026, 03:04 (UTC), or it expires.",
                &checkout,
            ],
            [
                "payment.failed",
                "Payment failed",
                "Your payment with Stripe failed: card_declined. You can try again, or pay in another way.",
                &session,
            ],
            [
                "payment.late",
                "Payment came too late",
                "Your payment of 5,000 VND with VNPAY came when the order had already ended. The money goes back to you.",
                &session,
            ],
            [
                "payment.refunded",
                "Refund",
                "5,000 VND came back to you.",
                &refund,
            ],
        ],
    );
    let vietnamese = told(&buyer, id, "vi").await;
    assert_eq!(vietnamese.len(), 5);
    assert_eq!(vietnamese[0][1], "Đơn hàng đã hết hạn");
}

#[tokio::test]
async fn payouts_withdrawals_and_spent_promotions_are_told_to_their_owners() {
    let app = shared();
    let seller = app.someone("Minh").await;
    let id = Uuid::now_v7();
    // Through the outboxes: who consumes these kinds is a matter of the subscriptions.
    let released = json!({"order_id": id, "seller_id": seller.id, "amount": vnd(95_000), "commission": vnd(5_000)});
    publish(app, "payment", "payout.released", id, 1, released).await;
    let withdrawal = Uuid::now_v7();
    for (sequence, kind) in [(2, "approved"), (3, "rejected"), (4, "paid")] {
        let data = json!({"withdrawal_id": withdrawal, "account_id": seller.id, "amount": vnd(90_000),
                          "reason": "wrong name"});
        let kind = format!("withdrawal.{kind}");
        publish(app, "payment", &kind, withdrawal, sequence, data).await;
    }
    let promotion = Uuid::now_v7();
    let spent = json!({"promotion_id": promotion, "owner_id": seller.id, "title": "Tet 2026"});
    publish(app, "promotion", "promotion.exhausted", promotion, 1, spent).await;
    for (kind, about) in [
        ("payout.released", id),
        ("withdrawal.paid", withdrawal),
        ("promotion.exhausted", promotion),
    ] {
        notified(&seller, kind, &about.to_string()).await;
    }
    let link = format!("/v1/sales/{id}");
    is(
        &told(&seller, id, "en").await,
        &[[
            "payout.released",
            "Payout",
            "95,000 VND for an order went to your wallet. The commission was 5,000 VND.",
            &link,
        ]],
    );
    let link = format!("/v1/withdrawals/{withdrawal}");
    is(
        &told(&seller, withdrawal, "en").await,
        &[
            [
                "withdrawal.approved",
                "Withdrawal approved",
                "Your withdrawal of 90,000 VND was approved and goes to your bank.",
                &link,
            ],
            [
                "withdrawal.paid",
                "Withdrawal paid",
                "90,000 VND went to your bank account.",
                &link,
            ],
            [
                "withdrawal.rejected",
                "Withdrawal rejected",
                "Your withdrawal of 90,000 VND was rejected; the money is in your wallet again. Reason: wrong name",
                &link,
            ],
        ],
    );
    let link = format!("/v1/promotions/{promotion}");
    is(
        &told(&seller, promotion, "vi").await,
        &[[
            "promotion.exhausted",
            "Khuyến mãi đã hết",
            "“Tet 2026” đã dùng hết ngân sách hoặc số lượt.",
            &link,
        ]],
    );
}

#[tokio::test]
async fn of_money_without_an_owner_nobody_is_told_and_it_is_rejected() {
    let app = shared();
    let seller = app.someone("Minh").await;
    let id = Uuid::now_v7();
    let outcomes = outcomes(
        app,
        &[
            event("payout.released", json!({"order_id": id})),
            event("payment.late", json!({"payer_id": seller.id})),
            event("withdrawal.paid", json!({"withdrawal_id": id})),
            event("checkout.expired", json!({"checkout_id": id})),
            event("promotion.exhausted", json!({"owner_id": seller.id})),
            // One of the platform: nobody to tell, and nothing wrong.
            event(
                "promotion.exhausted",
                json!({"promotion_id": id, "owner_id": null, "title": "Tet"}),
            ),
        ],
    )
    .await;
    assert_eq!(
        outcomes,
        ["reject", "reject", "reject", "reject", "reject", "done"]
    );
    assert!(told(&seller, id, "en").await.is_empty());
}
