//! Money that a provider takes back, gives back again, or could not give back to a buyer after all: to the
//! last unit, and whoever bears it, nobody gets it twice.

use tokio_postgres::Client;
use uuid::Uuid;

use super::books::{
    Books, Part, Session, bounced, end_of, event, open, paid, part, providers_refund, refund,
    refund_legs, refusal, session, told,
};
use super::rush::at_once;

/// A session of these parts, paid at the sandbox but for what comes from the wallet.
pub async fn bought(books: &Books, buyer: Uuid, parts: &[Part], wallet: i64) -> Session {
    let sql = books.module().await;
    let mut asked = session(buyer, parts);
    if wallet > 0 {
        books.give(buyer, wallet).await;
    }
    asked.wallet = wallet;
    open(&sql, &asked).await.expect("opened");
    let leg = format!(
        "SELECT amount::text FROM payment.leg WHERE id = '{}'",
        asked.leg
    );
    let amount = books.one(&leg).await.parse().expect("a number");
    let outcome = paid(
        &sql,
        &format!("paid {}", asked.leg),
        asked.leg,
        amount,
        "VND",
    )
    .await;
    assert_eq!(outcome, "settled");
    asked
}

/// The provider takes back, or gives back again.
pub async fn takes(sql: &Client, kind: &str, leg: Uuid, amount: i64) -> String {
    told(sql, &Uuid::now_v7().to_string(), kind, leg, amount, "VND").await
}

/// `charged_back`, `covered` and `recovered` of a leg.
pub async fn taken(books: &Books, leg: Uuid) -> (i64, i64, i64) {
    let row = books
        .owner
        .query_one(
            "SELECT charged_back, covered, recovered FROM payment.leg WHERE id = $1",
            &[&leg],
        )
        .await
        .expect("a leg");
    (row.get(0), row.get(1), row.get(2))
}

/// An escrow's state, whether it is frozen, and whether it is to be paid out then.
pub async fn escrow(books: &Books, part: &Part) -> (String, bool, bool) {
    let row = books
        .owner
        .query_one(
            "SELECT state, frozen_at IS NOT NULL, release_due FROM payment.escrow WHERE order_id = $1",
            &[&part.order],
        )
        .await
        .expect("an escrow");
    (row.get(0), row.get(1), row.get(2))
}

pub fn as_it_is(state: &str, frozen: bool, due: bool) -> (String, bool, bool) {
    (state.to_owned(), frozen, due)
}

/// Staff pay an order's seller all the same.
async fn thaw(sql: &Client, order: Uuid) -> Result<String, String> {
    let thaw =
        "SELECT body FROM payment.thaw_escrow_v1($1, $2, 'hash', $3, NULL, $4, 'by the test')";
    let key = Uuid::now_v7().to_string();
    let row = sql
        .query_one(thaw, &[&Uuid::now_v7(), &key, &Uuid::now_v7(), &order])
        .await;
    row.map(|row| row.get(0)).map_err(|e| refusal(&e))
}

#[tokio::test]
async fn what_was_taken_back_is_set_off_against_refunds_and_never_comes_to_the_wallet() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    // 110 at the provider, 40 from the wallet.
    let parts = [part(90, 10).with(10, 3, 2), part(50, 0)];
    let asked = bought(&books, buyer, &parts, 40).await;
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 60).await,
        "charged_back"
    );
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 51).await,
        "amount_mismatch"
    );
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 0).await,
        "amount_mismatch"
    );
    for part in &parts {
        assert_eq!(escrow(&books, part).await, as_it_is("held", true, false));
    }
    books.right();

    // The first 60 they have: wherever a refund should go, the bank was there before.
    refund(&sql, "one", parts[0].order, 45)
        .await
        .expect("refunded");
    assert_eq!(
        refund_legs(&books, "one").await,
        [(45, "charged_back".to_owned())]
    );
    event(&sql, "order.cancelled", end_of(&parts[0], buyer)).await;
    let cancelled = format!("order:{}:cancelled", parts[0].order);
    assert_eq!(
        refund_legs(&books, &cancelled).await,
        [(15, "charged_back".to_owned()), (40, "pending".to_owned())]
    );
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("refunded", false, false)
    );
    assert_eq!(taken(&books, asked.leg).await, (60, 60, 0));
    // While that is on its way, the bank takes the rest.
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 50).await,
        "charged_back"
    );
    sql.execute(
        "SELECT payment.refund_leg_to_wallet_v1(id, 'disputed', NULL) FROM payment.refund_leg
         WHERE state = 'pending'",
        &[],
    )
    .await
    .expect("the provider would not");
    assert_eq!(taken(&books, asked.leg).await, (110, 100, 0));
    assert_eq!(books.balance("wallet", buyer).await, 0);
    // Of the other order 10 came by the provider, and 40 from the wallet.
    refund(&sql, "two", parts[1].order, 50)
        .await
        .expect("refunded");
    assert_eq!(
        refund_legs(&books, "two").await,
        [(10, "charged_back".to_owned()), (40, "done".to_owned())]
    );
    assert_eq!(books.balance("wallet", buyer).await, 40);
    for kind in ["chargebacks", "provider_clearing", "promotion_expense"] {
        assert_eq!(books.total(kind).await, 0, "{kind}");
    }
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn what_was_refunded_before_is_lost_and_the_books_say_so() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [part(100, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    refund(&sql, "all", parts[0].order, 100)
        .await
        .expect("refunded");
    providers_refund(&sql).await;
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 100).await,
        "charged_back"
    );
    assert_eq!(books.total("chargebacks").await, -100);
    assert_eq!(books.total("provider_clearing").await, 100);
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("refunded", false, false)
    );
    books.right();

    // Paid out before, and refunded by staff then: the seller bears it.
    let parts = [part(100, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    event(&sql, "order.completed", end_of(&parts[0], buyer)).await;
    assert_eq!(books.balance("wallet", parts[0].seller).await, 95);
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 100).await,
        "charged_back"
    );
    refund(&sql, "borne", parts[0].order, 100)
        .await
        .expect("refunded");
    assert_eq!(books.balance("wallet", parts[0].seller).await, 0);
    assert_eq!(books.balance("wallet", buyer).await, 0);
    assert_eq!(books.total("chargebacks").await, -100, "that of before");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_frozen_order_is_paid_out_once_when_the_money_is_back_or_staff_say_so() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [part(100, 0), part(200, 0), part(300, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 250).await,
        "charged_back"
    );
    for _ in 0..2 {
        event(&sql, "order.completed", end_of(&parts[0], buyer)).await;
        event(&sql, "order.completed", end_of(&parts[1], buyer)).await;
    }
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("held", true, true)
    );
    assert_eq!(
        escrow(&books, &parts[2]).await,
        as_it_is("held", true, false)
    );
    assert_eq!(books.balance("wallet", parts[0].seller).await, 0);
    books.right();

    // Staff: this one, whatever becomes of the dispute.
    let seen = thaw(&sql, parts[0].order).await.expect("thawed");
    assert!(seen.contains("\"state\": \"released\""), "{seen}");
    assert_eq!(thaw(&sql, parts[0].order).await, Err("not_frozen".into()));
    assert_eq!(thaw(&sql, Uuid::now_v7()).await, Err("not_found".into()));
    assert_eq!(books.balance("wallet", parts[0].seller).await, 95);
    assert_eq!(
        escrow(&books, &parts[1]).await,
        as_it_is("held", true, true)
    );
    // One that is not complete is only not frozen any more, until the bank takes more.
    thaw(&sql, parts[2].order).await.expect("thawed");
    assert_eq!(
        escrow(&books, &parts[2]).await,
        as_it_is("held", false, false)
    );
    books.right();
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 50).await,
        "charged_back"
    );
    assert_eq!(
        escrow(&books, &parts[2]).await,
        as_it_is("held", true, false)
    );
    books.right();

    // The dispute is won, in two parts: with the last the rest thaws, and what is complete is paid out.
    assert_eq!(
        takes(&sql, "reinstated", asked.leg, 299).await,
        "reinstated"
    );
    assert_eq!(
        escrow(&books, &parts[1]).await,
        as_it_is("held", true, true)
    );
    assert_eq!(takes(&sql, "reinstated", asked.leg, 2).await, "too_early");
    assert_eq!(takes(&sql, "reinstated", asked.leg, 1).await, "reinstated");
    assert_eq!(
        escrow(&books, &parts[1]).await,
        as_it_is("released", false, false)
    );
    assert_eq!(
        escrow(&books, &parts[2]).await,
        as_it_is("held", false, false)
    );
    assert_eq!(books.balance("wallet", parts[1].seller).await, 190);
    assert_eq!(taken(&books, asked.leg).await, (0, 0, 0));
    assert_eq!(books.total("chargebacks").await, 0);
    let payouts = "SELECT count(*)::text FROM payment.outbox WHERE kind = 'payout.released'";
    assert_eq!(books.one(payouts).await, "2");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn what_comes_back_of_what_refunds_were_set_off_against_is_the_platforms() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let parts = [part(100, 0), part(50, 0)];
    let asked = bought(&books, buyer, &parts, 0).await;
    takes(&sql, "charged_back", asked.leg, 150).await;
    event(&sql, "order.cancelled", end_of(&parts[0], buyer)).await;
    event(&sql, "order.completed", end_of(&parts[1], buyer)).await;
    assert_eq!(
        takes(&sql, "reinstated", asked.leg, 120).await,
        "reinstated"
    );
    assert_eq!(taken(&books, asked.leg).await, (100, 100, 70));
    assert_eq!(
        escrow(&books, &parts[1]).await,
        as_it_is("released", false, false)
    );
    assert_eq!(books.total("chargebacks").await, 70);
    books.right();
    // It is gone again: what came back goes first, and then there is nothing more to take.
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 120).await,
        "charged_back"
    );
    assert_eq!(taken(&books, asked.leg).await, (150, 100, 0));
    assert_eq!(
        takes(&sql, "charged_back", asked.leg, 1).await,
        "amount_mismatch"
    );
    assert_eq!(books.balance("wallet", buyer).await, 0);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn what_comes_back_before_it_is_taken_is_told_again() {
    let books = Books::new().await;
    let sql = books.module().await;
    let parts = [part(100, 0)];
    let asked = bought(&books, Uuid::now_v7(), &parts, 0).await;
    let leg = asked.leg;
    let back = async || told(&sql, "won", "reinstated", leg, 60, "VND").await;
    assert_eq!(takes(&sql, "reinstated", leg, 101).await, "amount_mismatch");
    for _ in 0..2 {
        assert_eq!(back().await, "too_early");
    }
    assert_eq!(books.total("chargebacks").await, 0);
    assert_eq!(takes(&sql, "charged_back", leg, 60).await, "charged_back");
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("held", true, false)
    );
    let outcomes = at_once(&books, 6, |_, sql| async move {
        told(&sql, "won", "reinstated", leg, 60, "VND").await
    })
    .await;
    let done = outcomes.iter().filter(|o| *o == "reinstated").count();
    assert_eq!(done, 1, "{outcomes:?}");
    assert_eq!(back().await, "duplicate");
    assert_eq!(taken(&books, leg).await, (0, 0, 0));
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("held", false, false)
    );
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn banks_providers_staff_and_sellers_at_once() {
    let books = Books::new().await;
    let buyer = Uuid::now_v7();
    let seller = Uuid::now_v7();
    for _ in 0..4 {
        let mut parts = [part(90, 10).with(10, 3, 2), part(50, 0), part(60, 0)];
        for part in &mut parts {
            part.seller = seller;
            part.body["seller_id"] = seller.to_string().into();
        }
        let asked = bought(&books, buyer, &parts, 40).await;
        at_once(&books, 24, |i, sql| {
            let (parts, leg) = (&parts, asked.leg);
            async move {
                for j in 0..4 {
                    let part = &parts[(i + j) % 3];
                    match (i + j) % 8 {
                        0 => drop(takes(&sql, "charged_back", leg, 37).await),
                        1 => drop(takes(&sql, "reinstated", leg, 21).await),
                        2 => drop(event(&sql, "order.completed", end_of(part, buyer)).await),
                        3 if j == 3 => {
                            drop(event(&sql, "order.cancelled", end_of(part, buyer)).await)
                        }
                        4 => {
                            if let Err(code) = thaw(&sql, part.order).await {
                                assert_eq!(code, "not_frozen");
                            }
                        }
                        5 => fails(&sql, leg).await,
                        6 => providers_refund(&sql).await,
                        _ => {
                            let reference = format!("refund:{}:{i}:{j}", part.order);
                            if let Err(code) = refund(&sql, &reference, part.order, 17).await {
                                assert_eq!(code, "refund_exceeds_order");
                            }
                        }
                    }
                }
            }
        })
        .await;
        books.right();
    }
    books.drop().await;
}

/// Refunds that a provider made, or is to make, fail there.
async fn fails(sql: &Client, leg: Uuid) {
    let done = "SELECT id, amount FROM payment.refund_leg WHERE leg_id = $1 AND state IN ('done', 'pending') LIMIT 1";
    for row in sql.query(done, &[&leg]).await.expect("legs") {
        bounced(sql, leg, row.get(0), row.get(1)).await;
    }
}
