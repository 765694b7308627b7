//! Withdrawals: the money is in one place at every moment, and nobody decides about their own.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::app::{App, shared, text};
use crate::support::money::{give, identified};
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, bank_account, staff, wallet};

/// Somebody whose identity is approved, with a bank account and money.
pub async fn funded(app: &App, admin: &Actor, amount: i64) -> Actor {
    let actor = app.someone("Payee").await;
    identified(app, &actor, "Trần Văn An").await;
    bank_account(&actor, "VND", "56789").await;
    give(admin, &actor, amount, "VND").await;
    actor
}

/// Asks for a withdrawal, with a key of its own.
pub async fn withdraw(actor: &Actor, amount: i64) -> Reply {
    let key = Uuid::new_v4().to_string();
    let body = json!({"amount": amount, "currency": "VND"});
    actor.post_keyed("/v1/withdrawals", &key, &body).await
}

/// Its address.
pub fn path(withdrawal: &Value) -> String {
    format!("/v1/withdrawals/{}", text(&withdrawal["id"]))
}

/// Approves, as staff do.
pub async fn approve(staff: &Actor, withdrawal: &Value) -> Reply {
    let path = format!("{}/approve", path(withdrawal));
    staff
        .post(&path, json!({"bank_reference": "FT26001234"}))
        .await
}

async fn reject(staff: &Actor, withdrawal: &Value) -> Reply {
    let path = format!("{}/reject", path(withdrawal));
    staff
        .post(&path, json!({"reason": "The holder is another."}))
        .await
}

async fn cancel(actor: &Actor, withdrawal: &Value) -> Reply {
    actor
        .post(&format!("{}/cancel", path(withdrawal)), json!({}))
        .await
}

/// Waits for the state.
pub async fn reaches(actor: &Actor, withdrawal: &Value, state: &str) -> Value {
    let path = path(withdrawal);
    until(
        &format!("the withdrawal is {state}"),
        Duration::from_secs(15),
        || async {
            let now = actor.try_get(&path).await?.body;
            (now["state"] == state).then_some(now)
        },
    )
    .await
}

/// `(available, pending)`.
pub async fn money(actor: &Actor) -> (i64, i64) {
    let wallet = wallet(actor, "VND").await;
    let number = |name: &str| wallet[name].as_i64().expect("a number");
    (number("available"), number("pending_withdrawal"))
}

/// Kinds of the events about a withdrawal, in order.
async fn events(app: &App, withdrawal: &Value) -> Vec<String> {
    app.sql()
        .await
        .query(
            "SELECT kind FROM payment.outbox WHERE subject = $1::text::uuid ORDER BY seq",
            &[&text(&withdrawal["id"])],
        )
        .await
        .expect("the outbox")
        .iter()
        .map(|row| row.get(0))
        .collect()
}

#[tokio::test]
async fn an_approved_withdrawal_leaves_the_books_once() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let payee = funded(app, &admin, 300_000).await;
    let asked = withdraw(&payee, 200_000).await.expect(201);
    assert_eq!(asked["state"], "requested");
    assert_eq!(asked["bank_account"]["number"], "****6789");
    assert_eq!(money(&payee).await, (100_000, 200_000));

    let queue = moderator
        .get("/v1/withdrawals?state=requested&all=true&limit=100")
        .await
        .expect(200);
    assert!(queue["items"].is_array());
    let seen = moderator.get(&path(&asked)).await.expect(200);
    assert_eq!(seen["bank_account"]["number"], "0123456789");

    let approved = approve(&moderator, &asked).await.expect(200);
    assert_eq!(approved["state"], "approved");
    assert_eq!(approved["bank_reference"], "FT26001234");
    let paid = reaches(&payee, &asked, "paid").await;
    assert!(paid["paid_at"].is_string());
    assert_eq!(money(&payee).await, (100_000, 0));
    for late in [
        approve(&moderator, &asked).await,
        reject(&moderator, &asked).await,
        cancel(&payee, &asked).await,
    ] {
        late.expect_problem(409, "wrong_state");
        assert_eq!(late.body["withdrawal_status"], "paid");
    }
    assert_eq!(money(&payee).await, (100_000, 0));
    assert_eq!(
        events(app, &asked).await,
        [
            "withdrawal.requested",
            "withdrawal.approved",
            "withdrawal.paid"
        ]
    );
}

#[tokio::test]
async fn what_is_rejected_or_cancelled_is_back_at_once() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let payee = funded(app, &admin, 100_000).await;

    let first = withdraw(&payee, 60_000).await.expect(201);
    let rejected = reject(&moderator, &first).await.expect(200);
    assert_eq!(rejected["state"], "rejected");
    assert_eq!(money(&payee).await, (100_000, 0));
    let seen = payee.get(&path(&first)).await.expect(200);
    assert_eq!(seen["reason"], "The holder is another.");

    let second = withdraw(&payee, 100_000).await.expect(201);
    assert_eq!(money(&payee).await, (0, 100_000));
    let cancelled = cancel(&payee, &second).await.expect(200);
    assert_eq!(cancelled["state"], "cancelled");
    assert_eq!(money(&payee).await, (100_000, 0));
    cancel(&payee, &second)
        .await
        .expect_problem(409, "wrong_state");

    let list = payee.get("/v1/withdrawals").await.expect(200);
    let states: Vec<&str> = list["items"]
        .as_array()
        .expect("withdrawals")
        .iter()
        .map(|withdrawal| text(&withdrawal["state"]))
        .collect();
    assert_eq!(states, ["cancelled", "rejected"]);
    let only = payee
        .get("/v1/withdrawals?state=rejected")
        .await
        .expect(200);
    assert_eq!(only["items"].as_array().map(Vec::len), Some(1));
    let kinds = events(app, &first).await;
    assert_eq!(kinds, ["withdrawal.requested", "withdrawal.rejected"]);
}

#[tokio::test]
async fn nobody_decides_about_their_own_and_strangers_see_nothing() {
    let app = shared();
    let (admin, other) = (staff(app, "admin").await, staff(app, "moderator").await);
    let mut payee = funded(app, &admin, 100_000).await;
    let stranger = app.someone("Stranger").await;
    let asked = withdraw(&payee, 60_000).await.expect(201);
    app.grant(&payee, "moderator").await;
    payee.sign_in().await;
    approve(&payee, &asked)
        .await
        .expect_problem(403, "own_affair");
    reject(&payee, &asked)
        .await
        .expect_problem(403, "own_affair");

    stranger
        .get(&path(&asked))
        .await
        .expect_problem(404, "not_found");
    cancel(&stranger, &asked)
        .await
        .expect_problem(404, "not_found");
    cancel(&other, &asked)
        .await
        .expect_problem(404, "not_found");
    for refused in [
        approve(&stranger, &asked).await,
        reject(&stranger, &asked).await,
        stranger.get("/v1/withdrawals?all=true").await,
    ] {
        refused.expect_problem(403, "forbidden");
    }
    assert_eq!(money(&payee).await, (40_000, 60_000));
    approve(&other, &asked).await.expect(200);
    reaches(&payee, &asked, "paid").await;
}

#[tokio::test]
async fn a_withdrawal_needs_an_identity_money_a_bank_account_a_minimum_and_no_other() {
    let app = shared();
    let admin = staff(app, "admin").await;
    let payee = app.someone("Payee").await;
    give(&admin, &payee, 200_000, "VND").await;
    let unchecked = withdraw(&payee, 60_000).await;
    unchecked.expect_problem(409, "identity_unchecked");
    assert_eq!(unchecked.body["identity_status"], "missing");
    identified(app, &payee, "Trần Văn An").await;
    withdraw(&payee, 60_000)
        .await
        .expect_problem(409, "bank_account_missing");
    let account = bank_account(&payee, "VND", "56789").await;
    let little = withdraw(&payee, 49_999).await;
    little.expect_problem(409, "withdrawal_minimum");
    assert_eq!(
        little.body["minimum"],
        json!({"amount": 50_000, "currency": "VND"})
    );
    for amount in [200_001, i64::MAX] {
        let much = withdraw(&payee, amount).await;
        much.expect_problem(409, "insufficient_funds");
        assert_eq!(much.body["available"], 200_000);
    }
    withdraw(&payee, 0)
        .await
        .expect_problem(422, "validation_failed");
    let foreign = bank_account(&app.someone("Other").await, "VND", "99999").await;
    let body = json!({"amount": 60_000, "currency": "VND", "bank_account_id": foreign["id"]});
    payee
        .post_keyed("/v1/withdrawals", "foreign", &body)
        .await
        .expect_problem(409, "bank_account_missing");
    payee
        .post(
            "/v1/withdrawals",
            json!({"amount": 60_000, "currency": "VND"}),
        )
        .await
        .expect_problem(400, "idempotency_key_required");

    let asked = withdraw(&payee, 60_000).await.expect(201);
    withdraw(&payee, 60_000)
        .await
        .expect_problem(409, "withdrawal_open");
    let bank = format!("/v1/bank-accounts/{}", text(&account["id"]));
    payee
        .delete(&bank)
        .await
        .expect_problem(409, "withdrawal_open");
    cancel(&payee, &asked).await.expect(200);
    assert_eq!(payee.delete(&bank).await.status, 204);
    assert_eq!(money(&payee).await, (200_000, 0));
}

#[tokio::test]
async fn a_repeated_key_asks_once_and_of_many_requests_one_is_taken() {
    let app = shared();
    let admin = staff(app, "admin").await;
    let payee = funded(app, &admin, 500_000).await;
    let body = json!({"amount": 60_000, "currency": "VND"});
    let same = join_all((0..8).map(|_| payee.post_keyed("/v1/withdrawals", "one", &body))).await;
    let ids: std::collections::BTreeSet<String> = same
        .iter()
        .filter(|reply| reply.status == 201)
        .map(|reply| text(&reply.body["id"]).to_owned())
        .collect();
    assert_eq!(ids.len(), 1);
    assert_eq!(money(&payee).await, (440_000, 60_000));

    let others = join_all((0..8).map(|_| withdraw(&payee, 60_000))).await;
    for other in others {
        other.expect_problem(409, "withdrawal_open");
    }
    assert_eq!(money(&payee).await, (440_000, 60_000));
}

#[tokio::test]
async fn of_a_hundred_decisions_at_once_one_counts() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    for round in 0..3 {
        let payee = funded(app, &admin, 100_000).await;
        let asked = withdraw(&payee, 80_000).await.expect(201);
        let replies = join_all((0..33).flat_map(|_| {
            let (payee, moderator, asked) = (&payee, &moderator, &asked);
            [
                Box::pin(approve(moderator, asked))
                    as std::pin::Pin<Box<dyn Future<Output = Reply>>>,
                Box::pin(reject(moderator, asked)),
                Box::pin(cancel(payee, asked)),
            ]
        }))
        .await;
        let won: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
        assert_eq!(won.len(), 1, "round {round}");
        let state = text(&won[0].body["state"]).to_owned();
        let (end, left) = match state.as_str() {
            "approved" => ("paid", 20_000),
            other => (other, 100_000),
        };
        reaches(&payee, &asked, end).await;
        assert_eq!(money(&payee).await, (left, 0), "after {state}");
        assert_eq!(available(&payee, "VND").await, left);
    }
}
