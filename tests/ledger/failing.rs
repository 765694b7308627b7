//! Refunds that fail after they were done, and sessions that are undone after a part was refunded.

use uuid::Uuid;

use super::books::{
    Books, bounced, end_of, event, part, providers_refund, refund, refund_legs, refusal,
};
use super::charge_backs::{as_it_is, bought, escrow, taken, takes};
use super::rush::at_once;

#[tokio::test]
async fn a_refund_that_fails_after_it_was_done_is_in_the_wallet_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [part(100, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    refund(&sql, "one", parts[0].order, 60)
        .await
        .expect("refunded");
    let leg = books
        .one("SELECT id::text FROM payment.refund_leg")
        .await
        .parse()
        .expect("an id");
    providers_refund(&sql).await;
    assert_eq!(
        bounced(&sql, asked.leg, Uuid::now_v7(), 60).await,
        "unknown_leg"
    );
    assert_eq!(bounced(&sql, Uuid::now_v7(), leg, 60).await, "unknown_leg");
    assert_eq!(bounced(&sql, asked.leg, leg, 61).await, "amount_mismatch");
    assert_eq!(books.balance("wallet", buyer).await, 0);
    let outcomes = at_once(&books, 6, |_, sql| async move {
        bounced(&sql, asked.leg, leg, 60).await
    })
    .await;
    let done = outcomes.iter().filter(|o| *o == "refund_failed").count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert_eq!(books.balance("wallet", buyer).await, 60);
    assert_eq!(
        refund_legs(&books, "one").await,
        [(60, "to_wallet".to_owned())]
    );
    assert_eq!(books.total("provider_clearing").await, -100);
    books.right();

    // A second refund fails too, after the bank took a part.
    refund(&sql, "two", parts[0].order, 40)
        .await
        .expect("refunded");
    providers_refund(&sql).await;
    takes(&sql, "charged_back", asked.leg, 30).await;
    let leg = books
        .one("SELECT id::text FROM payment.refund_leg WHERE state = 'done'")
        .await
        .parse()
        .expect("an id");
    assert_eq!(bounced(&sql, asked.leg, leg, 40).await, "refund_failed");
    assert_eq!(books.balance("wallet", buyer).await, 70, "10 more");
    assert_eq!(taken(&books, asked.leg).await, (30, 30, 0));
    assert_eq!(books.total("chargebacks").await, 0);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_refund_that_fails_before_anybody_heard_that_it_was_done_is_in_the_wallet_too() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [part(100, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    for (reference, amount, taken_back, in_wallet, state) in [
        ("done", 60, 0, 60, "to_wallet"),
        ("asked again", 10, 0, 70, "to_wallet"),
        ("taken back", 30, 20, 80, "to_wallet"),
    ] {
        refund(&sql, reference, parts[0].order, amount)
            .await
            .expect("refunded");
        let leg: Uuid = books
            .one("SELECT id::text FROM payment.refund_leg WHERE state = 'pending'")
            .await
            .parse()
            .expect("an id");
        assert_eq!(
            bounced(&sql, asked.leg, leg, amount + 1).await,
            "amount_mismatch"
        );
        for _ in 0..2 {
            assert_eq!(bounced(&sql, asked.leg, leg, amount).await, "ignored");
        }
        assert_eq!(
            refund_legs(&books, reference).await,
            [(amount, "pending".to_owned())]
        );
        books.right();
        if taken_back > 0 {
            takes(&sql, "charged_back", asked.leg, taken_back).await;
        }
        // What the workflow had heard before, or hears when it asks again.
        if reference == "asked again" {
            let refused = "SELECT payment.refund_leg_to_wallet_v1($1, 'it failed', NULL)";
            sql.execute(refused, &[&leg]).await.expect("in the wallet");
        } else {
            providers_refund(&sql).await;
        }
        assert_eq!(
            refund_legs(&books, reference).await,
            [(amount, state.to_owned())]
        );
        assert_eq!(books.balance("wallet", buyer).await, in_wallet);
        assert_eq!(bounced(&sql, asked.leg, leg, amount).await, "duplicate");
        books.right();
    }
    assert_eq!(books.total("provider_clearing").await, -80);
    let done = "SELECT count(*)::text FROM payment.refund WHERE state = 'done'";
    assert_eq!(books.one(done).await, "3");
    books.drop().await;
}

#[tokio::test]
async fn a_session_that_staff_refunded_a_part_of_gives_the_rest_back() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let undo = "SELECT payment.refund_all_v1($1, 'no stock')";
    let parts = [
        part(101, 0).with(7, 3, 2),
        part(50, 0).with(5, 0, 0),
        part(9, 0),
    ];
    let asked = bought(&books, buyer, &parts, 20).await;
    refund(&sql, "a part", parts[0].order, 33)
        .await
        .expect("refunded");
    refund(&sql, "all of one", parts[1].order, 50)
        .await
        .expect("refunded");
    for _ in 0..2 {
        sql.execute(undo, &[&asked.id]).await.expect("undone");
    }
    providers_refund(&sql).await;
    assert_eq!(books.balance("wallet", buyer).await, 20);
    for kind in [
        "provider_clearing",
        "promotion_expense",
        "cashback_liability",
    ] {
        assert_eq!(books.total(kind).await, 0, "{kind}");
    }
    books.right();

    // Nothing is left of it: that is undone too.
    let parts = [part(50, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    refund(&sql, "whole", parts[0].order, 50)
        .await
        .expect("refunded");
    sql.execute(undo, &[&asked.id]).await.expect("undone");
    providers_refund(&sql).await;
    // And the bank had it: it goes to nobody.
    let parts = [part(50, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    takes(&sql, "charged_back", asked.leg, 50).await;
    sql.execute(undo, &[&asked.id]).await.expect("undone");
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("refunded", false, false)
    );
    assert_eq!(books.balance("wallet", buyer).await, 20);
    assert_eq!(books.total("provider_clearing").await, 0);
    assert_eq!(books.total("chargebacks").await, 0);
    books.right();

    // What a seller has is not undone.
    let parts = [part(50, 0), part(60, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    event(&sql, "order.completed", end_of(&parts[1], buyer)).await;
    let refused = sql.execute(undo, &[&asked.id]).await.expect_err("paid out");
    assert_eq!(refusal(&refused), "wrong_state");
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("held", false, false)
    );
    books.right();
    books.drop().await;
}
