//! From many sides at once.

use std::future::Future;

use futures::future::join_all;
use uuid::Uuid;

use super::books::{
    Books, cancel, end_of, event, open, paid, part, providers_refund, refund, session,
};

/// Runs `act` on `n` connections at the same moment.
pub async fn at_once<T, F, Fut>(books: &Books, n: usize, act: F) -> Vec<T>
where
    F: Fn(usize, tokio_postgres::Client) -> Fut,
    Fut: Future<Output = T>,
{
    let clients = join_all((0..n).map(|_| books.module())).await;
    join_all(clients.into_iter().enumerate().map(|(i, sql)| act(i, sql))).await
}

#[tokio::test]
async fn sixty_four_sessions_share_a_wallet_and_it_is_spent_once() {
    let books = Books::new().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 10_050).await;
    let opened = at_once(&books, 32, |i, sql| async move {
        let mut results = Vec::new();
        for j in 0..2 {
            let mut asked = session(buyer, &[part(1_000, 0)]);
            asked.wallet = i64::MAX;
            // A half of them would pay the rest elsewhere.
            asked.provider = ((i + j) % 2 == 0).then_some("sandbox");
            results.push(open(&sql, &asked).await);
        }
        results
    })
    .await;
    let taken: i64 = opened
        .iter()
        .flatten()
        .flatten()
        .map(|session| session["from_wallet"].as_i64().expect("a share"))
        .sum();
    assert_eq!(books.balance("wallet", buyer).await, 10_050 - taken);
    assert_eq!(taken, 10_050, "all of it, and no more");
    let whole = opened
        .iter()
        .flatten()
        .flatten()
        .filter(|session| session["state"] == "settled")
        .count();
    assert_eq!(whole, 10);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_webhook_against_a_cancellation_against_another_webhook() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 20 * 300).await;
    for round in 0..20 {
        let mut asked = session(buyer, &[part(900, 100)]);
        asked.wallet = 300;
        open(&sql, &asked).await.expect("opened");
        let (id, leg) = (asked.id, asked.leg);
        let outcomes = at_once(&books, 6, |i, sql| async move {
            match i {
                0 | 1 => cancel(&sql, id).await.to_string(),
                2 => paid(&sql, &format!("alone {leg}"), leg, 700, "VND").await,
                3 => paid(&sql, &format!("wrong {leg}"), leg, 701, "VND").await,
                _ => paid(&sql, &format!("twice {leg}"), leg, 700, "VND").await,
            }
        })
        .await;
        let effects = outcomes
            .iter()
            .filter(|o| *o == "settled" || *o == "late")
            .count();
        assert_eq!(effects, 1, "round {round}: {outcomes:?}");
        let cancelled = outcomes.iter().any(|o| o == "true");
        let settled = outcomes.iter().any(|o| o == "settled");
        assert!(cancelled != settled, "round {round}: {outcomes:?}");
    }
    providers_refund(&sql).await;
    let in_escrow: i64 = books
        .one("SELECT coalesce(sum(balance), 0)::text FROM payment.ledger_account WHERE kind = 'escrow'")
        .await
        .parse()
        .expect("a number");
    let clearing = -books.total("provider_clearing").await;
    assert_eq!(
        books.balance("wallet", buyer).await + in_escrow,
        20 * 300 + clearing
    );
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_hundred_refunds_cancellations_and_payouts_of_one_order_each_happen_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    for round in 0..3 {
        let buyer = Uuid::now_v7();
        books.give(buyer, 4_000).await;
        let parts = [part(9_001, 999).with(777, 11, 13), part(5_000, 0)];
        let mut asked = session(buyer, &parts);
        asked.wallet = 4_000;
        open(&sql, &asked).await.expect("opened");
        paid(&sql, &format!("paid {round}"), asked.leg, 11_000, "VND").await;
        let (order, end) = (parts[0].order, end_of(&parts[0], buyer));
        let outcomes = at_once(&books, 50, |i, sql| {
            let end = end.clone();
            async move {
                let mut amounts = 0;
                for j in 0..2 {
                    match (i + j + round) % 5 {
                        0 => drop(event(&sql, "order.completed", end.clone()).await),
                        1 if i % 10 == 1 => drop(event(&sql, "order.cancelled", end.clone()).await),
                        // Each line's refund is asked for by several.
                        _ => {
                            let line = i % 25;
                            let amount = 300 + i64::try_from(line).expect("small");
                            let asked =
                                refund(&sql, &format!("line:{order}:{line}"), order, amount).await;
                            match asked {
                                Ok(made) if made["repeated"] == false => amounts += amount,
                                Ok(_) => {}
                                Err(code) => assert!(code == "refund_exceeds_order", "{code}"),
                            }
                        }
                    }
                }
                amounts
            }
        })
        .await;
        // Whoever was busy comes again.
        event(&sql, "order.completed", end.clone()).await;
        providers_refund(&sql).await;
        let by_lines: i64 = outcomes.iter().sum();
        let refunded: i64 = books
            .one(&format!(
                "SELECT refunded::text FROM payment.escrow WHERE order_id = '{order}'"
            ))
            .await
            .parse()
            .expect("a number");
        assert!(
            by_lines <= refunded && refunded <= 10_000,
            "{by_lines} of {refunded}"
        );
        assert_eq!(books.balance("escrow", order).await, 0);
        assert_eq!(books.balance("escrow", parts[1].order).await, 5_000);
        let payouts = format!(
            "SELECT count(*)::text FROM payment.outbox WHERE kind = 'payout.released' AND subject = '{order}'"
        );
        assert!(["0", "1"].contains(&books.one(&payouts).await.as_str()));
        books.right();
    }
    books.drop().await;
}

#[tokio::test]
async fn sellers_and_buyers_of_one_another_lock_nobody_out() {
    let books = Books::new().await;
    let people: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
    for person in &people {
        books.give(*person, 50_000).await;
    }
    at_once(&books, 16, |i, sql| {
        let people = &people;
        async move {
            for j in 0..6 {
                let (buyer, seller) = (people[(i + j) % 4], people[(i + 1 + j * 2) % 4]);
                if buyer == seller {
                    continue;
                }
                let mut sold = part(400, 7).with(31, 3, 2);
                sold.seller = seller;
                sold.body["seller_id"] = seller.to_string().into();
                let mut asked = session(buyer, &[sold]);
                (asked.wallet, asked.provider) = (i64::MAX, None);
                open(&sql, &asked).await.expect("opened");
                let sold = &asked.parts[0];
                while event(&sql, "order.completed", end_of(sold, buyer)).await != "done" {}
                refund(&sql, &format!("{}", asked.id), sold.order, 200)
                    .await
                    .expect("refunded");
            }
        }
    })
    .await;
    books.right();
    books.drop().await;
}
