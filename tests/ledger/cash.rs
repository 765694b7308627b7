//! Cash on delivery: the seller has the money, and owes what is not theirs.

use serde_json::{Value, json};
use uuid::Uuid;

use super::books::{Books, Part, end_of, event, part, refund};

/// What `order.placed` says of a cash order.
fn placed(part: &Part, buyer: Uuid, paid: i64, shipping: i64) -> Value {
    json!({
        "order_id": part.order, "checkout_id": Uuid::now_v7(), "buyer_id": buyer, "seller_id": part.seller,
        "total": {"amount": paid + shipping, "currency": "VND"}, "provider": "cod", "shipping": shipping,
        "subsidy": 100, "cashback_by_platform": 7, "cashback_by_seller": 5,
        "lines": [{"variant_id": Uuid::now_v7(), "product_id": Uuid::now_v7(), "name": "Lamp", "quantity": 2,
                   "unit_price": {"amount": paid, "currency": "VND"}, "paid": paid,
                   "category_path": "home/lamps"}],
    })
}

#[tokio::test]
async fn the_seller_who_has_the_cash_owes_the_commission() {
    let books = Books::new().await;
    let sql = books.module().await;
    let (buyer, order) = (Uuid::now_v7(), part(0, 0));
    let end = end_of(&order, buyer);
    sql.batch_execute(
        "INSERT INTO payment.commission_rule (category_slug, basis_points, updated_at)
         VALUES ('lamps', 1000, shared.now()), ('home', 1, shared.now())",
    )
    .await
    .expect("rules");
    for _ in 0..2 {
        assert_eq!(
            event(&sql, "order.placed", placed(&order, buyer, 10_000, 500)).await,
            "done"
        );
    }
    books.right();
    assert_eq!(
        refund(&sql, "unpaid", order.order, 1).await,
        Err("wrong_state".into())
    );
    event(&sql, "order.delivered", end.clone()).await;
    event(&sql, "order.delivered", end.clone()).await;
    assert_eq!(books.total("cod_receivable").await, -10_500);
    assert_eq!(books.balance("escrow", order.order).await, 10_600);
    books.right();
    event(&sql, "order.completed", end.clone()).await;
    assert_eq!(books.total("cod_receivable").await, 0);
    assert_eq!(
        books.total("platform_revenue").await,
        1_000,
        "of the nearest category"
    );
    assert_eq!(
        books.balance("seller_debt", order.seller).await,
        1_000 + 5 - 100
    );
    assert_eq!(books.balance("wallet", buyer).await, 12);
    books.right();

    // A refund then is the seller's too, and the buyer gets it into the wallet.
    refund(&sql, "all of it", order.order, 10_500)
        .await
        .expect("refunded");
    assert_eq!(books.balance("seller_debt", order.seller).await, 10_500);
    assert_eq!(books.balance("wallet", buyer).await, 10_500);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn cash_that_is_refunded_before_the_end_is_owed_at_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    let (buyer, order) = (Uuid::now_v7(), part(0, 0));
    let end = end_of(&order, buyer);
    books.give(order.seller, 3_000).await;
    event(&sql, "order.placed", placed(&order, buyer, 10_000, 500)).await;
    event(&sql, "order.delivered", end.clone()).await;
    refund(&sql, "half", order.order, 5_250)
        .await
        .expect("refunded");
    assert_eq!(books.balance("wallet", order.seller).await, 0);
    assert_eq!(books.balance("seller_debt", order.seller).await, 2_250);
    assert_eq!(books.total("cod_receivable").await, -5_250);
    books.right();
    refund(&sql, "the rest", order.order, 5_250)
        .await
        .expect("refunded");
    event(&sql, "order.completed", end).await;
    assert_eq!(books.balance("seller_debt", order.seller).await, 7_500);
    assert_eq!(books.balance("wallet", buyer).await, 10_500);
    for kind in [
        "cod_receivable",
        "promotion_expense",
        "platform_revenue",
        "cashback_liability",
    ] {
        assert_eq!(books.total(kind).await, 0, "{kind}");
    }
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_cash_order_that_ends_early_comes_to_nothing_in_either_order() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let (one, other) = (part(0, 0), part(0, 0));
    event(&sql, "order.placed", placed(&one, buyer, 10_000, 0)).await;
    event(&sql, "order.cancelled", end_of(&one, buyer)).await;
    event(&sql, "order.declined", end_of(&other, buyer)).await;
    event(&sql, "order.placed", placed(&other, buyer, 10_000, 0)).await;
    for order in [&one, &other] {
        event(&sql, "order.completed", end_of(order, buyer)).await;
        assert_eq!(books.balance("wallet", order.seller).await, 0);
    }
    assert_eq!(
        books
            .one("SELECT string_agg(DISTINCT state, ',') FROM payment.escrow")
            .await,
        "void"
    );
    assert_eq!(
        books
            .one("SELECT count(*)::text FROM payment.ledger_entry")
            .await,
        "0"
    );
    // What nobody has heard of is no order: somebody has to look.
    let stranger = end_of(&part(0, 0), buyer);
    assert_eq!(
        event(&sql, "order.completed", stranger.clone()).await,
        "reject"
    );
    assert_eq!(event(&sql, "order.delivered", stranger).await, "reject");
    books.right();
    books.drop().await;
}
