//! Escrow: paying out and giving back, to the last unit.

use uuid::Uuid;

use super::books::{
    Books, cancel, end_of, event, open, paid, part, providers_refund, refund, session,
};

/// What the seller gets of 100,003 goods with 10,001 shipping and 7,001 of the platform, less 5 percent
/// and 13 of cashback.
const PAYOUT: i64 = 100_003 + 10_001 + 7_001 - 5_000 - 13;

async fn sold(books: &Books, buyer: Uuid, wallet: i64) -> (super::books::Session, i64) {
    let sql = books.module().await;
    let total = 110_004;
    let mut asked = session(buyer, &[part(100_003, 10_001).with(7_001, 11, 13)]);
    if wallet > 0 {
        books.give(buyer, wallet).await;
    }
    asked.wallet = wallet;
    open(&sql, &asked).await.expect("opened");
    let rest = total - wallet;
    assert_eq!(
        paid(&sql, &asked.leg.to_string(), asked.leg, rest, "VND").await,
        "settled"
    );
    (asked, total)
}

#[tokio::test]
async fn an_order_is_paid_out_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let (asked, _) = sold(&books, buyer, 0).await;
    let part = &asked.parts[0];
    for _ in 0..3 {
        assert_eq!(
            event(&sql, "order.completed", end_of(part, buyer)).await,
            "done"
        );
    }
    assert_eq!(books.balance("wallet", part.seller).await, PAYOUT);
    assert_eq!(books.balance("wallet", buyer).await, 24, "the cashback");
    assert_eq!(books.total("platform_revenue").await, 5_000);
    assert_eq!(books.total("promotion_expense").await, -7_012);
    assert_eq!(books.total("cashback_liability").await, 0);
    let told = books
        .one("SELECT string_agg(data::text, '') FROM payment.outbox WHERE kind = 'payout.released'")
        .await;
    assert!(told.contains(&format!("\"amount\": {PAYOUT}")), "{told}");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn refunds_go_back_the_way_they_came_and_never_exceed_what_was_paid() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let (asked, total) = sold(&books, buyer, 30_000).await;
    let order = asked.parts[0].order;
    assert_eq!(
        refund(&sql, "all and one", order, total + 1).await,
        Err("refund_exceeds_order".into())
    );
    assert_eq!(
        refund(&sql, "most", order, i64::MAX).await,
        Err("refund_exceeds_order".into())
    );
    assert_eq!(
        refund(&sql, "nobody's", Uuid::now_v7(), 1).await,
        Err("not_found".into())
    );
    // The provider's leg came last and goes first: 80,004, of which 80,000 are taken here.
    let first = refund(&sql, "line:1", order, 80_000)
        .await
        .expect("refunded");
    assert_eq!(first["state"], "pending");
    let again = refund(&sql, "line:1", order, 80_000)
        .await
        .expect("the same");
    assert_eq!(
        (&again["id"], &again["repeated"]),
        (&first["id"], &true.into())
    );
    assert_eq!(
        refund(&sql, "line:1", order, 1).await,
        Err("refund_reused".into())
    );
    refund(&sql, "line:2", order, 30_003)
        .await
        .expect("refunded");
    assert_eq!(
        books.balance("wallet", buyer).await,
        29_999,
        "what the provider's leg has no more"
    );
    assert_eq!(
        refund(&sql, "line:3", order, 2).await,
        Err("refund_exceeds_order".into())
    );
    refund(&sql, "line:3", order, 1)
        .await
        .expect("the last unit");
    providers_refund(&sql).await;
    assert_eq!(books.balance("wallet", buyer).await, 30_000);
    assert_eq!(books.balance("escrow", order).await, 0);
    for kind in [
        "provider_clearing",
        "promotion_expense",
        "platform_revenue",
        "cashback_liability",
    ] {
        assert_eq!(books.total(kind).await, 0, "{kind}");
    }
    // Nothing is left to be paid out or given back.
    for kind in ["order.completed", "order.cancelled"] {
        assert_eq!(
            event(&sql, kind, end_of(&asked.parts[0], buyer)).await,
            "done"
        );
    }
    assert_eq!(books.balance("wallet", asked.parts[0].seller).await, 0);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_part_that_was_refunded_takes_its_share_of_commission_and_subsidy() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let (asked, total) = sold(&books, buyer, 0).await;
    let part = &asked.parts[0];
    refund(&sql, "half", part.order, total / 2)
        .await
        .expect("refunded");
    event(&sql, "order.completed", end_of(part, buyer)).await;
    // Of 7,001, 5,000, 11 and 13 the half goes, rounded half to even: 3,500 (3,500.5), 2,500, 6 (5.5) and
    // 6 (6.5).
    let left = total / 2 + 3_501 - 2_500 - 7;
    assert_eq!(books.balance("wallet", part.seller).await, left);
    assert_eq!(books.total("platform_revenue").await, 2_500);
    assert_eq!(books.balance("wallet", buyer).await, 5 + 7);

    // The rest after the payout: the seller owes what they have spent, and later payouts clear it.
    let spend = serde_json::json!([
        {"kind": "wallet", "owner": part.seller, "currency": "VND", "amount": 1_000 - left},
        {"kind": "bank", "currency": "VND", "amount": left - 1_000},
    ]);
    super::books::post(&sql, "spent", &spend)
        .await
        .expect("spent");
    refund(&sql, "rest", part.order, total / 2)
        .await
        .expect("refunded");
    assert_eq!(books.balance("wallet", part.seller).await, 0);
    assert_eq!(
        books.balance("seller_debt", part.seller).await,
        left - 1_000
    );
    assert_eq!(
        books.balance("wallet", buyer).await,
        0,
        "cashback goes back with it"
    );
    assert_eq!(books.total("platform_revenue").await, 0);
    assert_eq!(books.total("promotion_expense").await, 0);
    books.right();

    let mut next = super::books::part(200_000, 0);
    next.seller = part.seller;
    next.body["seller_id"] = part.seller.to_string().into();
    let asked = session(buyer, &[next]);
    open(&sql, &asked).await.expect("opened");
    paid(&sql, "next", asked.leg, 200_000, "VND").await;
    event(&sql, "order.completed", end_of(&asked.parts[0], buyer)).await;
    assert_eq!(books.balance("seller_debt", part.seller).await, 0);
    assert_eq!(
        books.balance("wallet", part.seller).await,
        190_000 - (left - 1_000)
    );
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_cancelled_order_leaves_nothing_and_its_sibling_alone() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [
        part(1_000, 10).with(7, 3, 2),
        part(500, 0),
        part(0, 0).with(90, 0, 0),
    ];
    let asked = session(buyer, &parts);
    open(&sql, &asked).await.expect("opened");
    paid(&sql, "paid", asked.leg, 1_510, "VND").await;
    for kind in ["order.declined", "order.cancelled"] {
        assert_eq!(event(&sql, kind, end_of(&parts[0], buyer)).await, "done");
    }
    // Nothing was paid for the last one, and what the platform added comes back all the same.
    event(&sql, "order.cancelled", end_of(&parts[2], buyer)).await;
    providers_refund(&sql).await;
    assert_eq!(books.total("promotion_expense").await, 0);
    assert_eq!(books.total("provider_clearing").await, -500);
    assert_eq!(books.balance("escrow", parts[1].order).await, 500);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_session_that_became_no_orders_goes_back_as_a_whole() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let (asked, _) = sold(&books, buyer, 4).await;
    let undo = "SELECT payment.refund_all_v1($1, 'no stock')";
    for _ in 0..2 {
        sql.execute(undo, &[&asked.id]).await.expect("undone");
    }
    providers_refund(&sql).await;
    assert_eq!(books.balance("wallet", buyer).await, 4);
    assert_eq!(books.total("provider_clearing").await, 0);
    assert_eq!(books.total("promotion_expense").await, 0);
    books.right();

    // An open one is cancelled, an unknown one buried, and what was paid out stays.
    let open_one = session(buyer, &[part(10, 0)]);
    open(&sql, &open_one).await.expect("opened");
    sql.execute(undo, &[&open_one.id]).await.expect("cancelled");
    let unknown = Uuid::now_v7();
    sql.execute(undo, &[&unknown]).await.expect("buried");
    assert!(cancel(&sql, unknown).await && cancel(&sql, open_one.id).await);
    let (moved, _) = sold(&books, buyer, 0).await;
    event(&sql, "order.completed", end_of(&moved.parts[0], buyer)).await;
    let refused = sql
        .execute(undo, &[&moved.id])
        .await
        .expect_err("orders exist");
    assert_eq!(super::books::refusal(&refused), "wrong_state");
    books.drop().await;
}

#[tokio::test]
async fn the_largest_amount_there_is_goes_in_and_out_exactly() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let asked = session(buyer, &[part(i64::MAX - 1, 1)]);
    open(&sql, &asked).await.expect("opened");
    assert_eq!(
        paid(&sql, "all there is", asked.leg, i64::MAX, "VND").await,
        "settled"
    );
    let part = &asked.parts[0];
    assert_eq!(books.balance("escrow", part.order).await, i64::MAX);
    refund(&sql, "most", part.order, i64::MAX - 3)
        .await
        .expect("refunded");
    event(&sql, "order.completed", end_of(part, buyer)).await;
    // What is left of a commission of 5 percent is 0.15, and that is nothing.
    assert_eq!(books.balance("wallet", part.seller).await, 3);
    assert_eq!(books.total("platform_revenue").await, 0);
    books.right();

    // More than fits is refused, and nothing of it stays.
    let too_much = session(
        buyer,
        &[super::books::part(i64::MAX, 0), super::books::part(1, 0)],
    );
    assert!(open(&sql, &too_much).await.is_err());
    let held = "SELECT count(*)::text FROM payment.session WHERE id <> '{}'";
    let held = held.replace("{}", &asked.id.to_string());
    assert_eq!(books.one(&held).await, "0");
    books.drop().await;
}

#[tokio::test]
async fn shares_are_exact_and_rounded_half_to_even() {
    let books = Books::new().await;
    let max = i64::MAX;
    for (amount, part, whole, share) in [
        (5, 1, 2, 2),
        (7, 1, 2, 4),
        (1, 1, 3, 0),
        (2, 1, 3, 1),
        (9, 0, 7, 0),
        (9, 7, 7, 9),
        (0, 0, 0, 0),
        (max, max, max, max),
        (max, max - 1, max, max - 1),
        (max, 5_000, 10_000, max / 2 + 1),
        (max - 2, 5_000, 10_000, max / 2 - 1),
    ] {
        let sql = format!("SELECT payment.share_v1({amount}, {part}, {whole})::text");
        assert_eq!(
            books.one(&sql).await,
            share.to_string(),
            "{amount} * {part} / {whole}"
        );
    }
    books.drop().await;
}
