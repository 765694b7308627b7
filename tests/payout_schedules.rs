//! Payouts by schedule: what is due is withdrawn once, as its owner could, and what is missing is said once.

use std::time::Duration;

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::app::{App, shared, text};
use crate::support::money::{give, identified};
use crate::support::{Actor, until};
use crate::wallets::{available, bank_account, staff};
use crate::withdrawals::{approve, reaches};

const WEEK: &str = "7 days";

async fn schedule(actor: &Actor, body: Value) -> Value {
    actor
        .put_json("/v1/payout-schedules/VND", body)
        .await
        .expect(200)
}

async fn withdrawals(actor: &Actor) -> Vec<Value> {
    let list = actor.get("/v1/withdrawals").await.expect(200);
    list["items"].as_array().expect("withdrawals").clone()
}

/// Waits until the schedule's day is another one than it was; the schedule.
async fn moves_on(actor: &Actor, was: &Value) -> Value {
    until("its day has come", Duration::from_secs(20), || async {
        let list = actor.try_get("/v1/payout-schedules").await?.body;
        let now = list["items"][0].clone();
        (now["due_on"].is_string() && now["due_on"] != was["due_on"]).then_some(now)
    })
    .await
}

/// What somebody was told to be missing, once all that was published has arrived.
async fn told(app: &App, actor: &Actor) -> Vec<String> {
    app.events_settled().await;
    let list = actor.get("/v1/notifications").await.expect(200);
    let items = list["items"].as_array().expect("notices");
    let skipped = items.iter().filter(|it| it["kind"] == "payout.skipped");
    skipped
        .map(|it| text(&it["data"]["missing"]).to_owned())
        .collect()
}

#[tokio::test]
async fn a_schedule_says_when_and_refuses_days_that_there_are_not() {
    let app = shared();
    let payee = app.someone("Payee").await;
    let list = payee.get("/v1/payout-schedules").await.expect(200);
    assert_eq!(list["items"], json!([]));
    let weekly = schedule(&payee, json!({"every": "weekly", "day": 1})).await;
    let day: chrono::NaiveDate = text(&weekly["due_on"]).parse().expect("a day");
    assert_eq!(chrono::Datelike::weekday(&day), chrono::Weekday::Mon);
    let monthly = schedule(&payee, json!({"every": "monthly", "day": 28})).await;
    assert!(text(&monthly["due_on"]).ends_with("-28"), "{monthly}");
    for wrong in [
        json!({"every": "weekly"}),
        json!({"every": "weekly", "day": 8}),
        json!({"every": "monthly", "day": 29}),
        json!({"every": "manual", "day": 1}),
    ] {
        let reply = payee.put_json("/v1/payout-schedules/VND", wrong).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], "/day", "{}", reply.raw);
    }
    payee
        .put_json("/v1/payout-schedules/XXQ", json!({"every": "manual"}))
        .await
        .expect_problem(404, "not_found");
    let manual = schedule(&payee, json!({"every": "manual"})).await;
    assert!(manual["due_on"].is_null() && manual["day"].is_null());
}

/// On an app of its own, whose clock is moved.
#[tokio::test]
async fn what_is_due_is_withdrawn_once_and_who_lacks_something_is_told_once() {
    let app = &App::own("payout-schedules", &[]);
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let weekly = json!({"every": "weekly", "day": 1});
    let (paid, poor, unknown, by_hand) = (
        app.someone("Paid").await,
        app.someone("Poor").await,
        app.someone("Unknown").await,
        app.someone("Hand").await,
    );
    for (actor, amount) in [
        (&paid, 300_000),
        (&poor, 10_000),
        (&unknown, 90_000),
        (&by_hand, 90_000),
    ] {
        give(&admin, actor, amount, "VND").await;
    }
    for actor in [&paid, &poor, &by_hand] {
        identified(app, actor, "Trần Văn An").await;
        bank_account(actor, "VND", "56789").await;
    }
    let mut days = Vec::new();
    for actor in [&paid, &poor, &unknown] {
        days.push(schedule(actor, weekly.clone()).await);
    }
    schedule(&by_hand, weekly).await;
    schedule(&by_hand, json!({"every": "manual"})).await;
    assert_eq!(withdrawals(&paid).await, Vec::<Value>::new());

    app.pass(WEEK).await;
    let [first, poors, unknowns] = [
        moves_on(&paid, &days[0]).await,
        moves_on(&poor, &days[1]).await,
        moves_on(&unknown, &days[2]).await,
    ];
    let asked = withdrawals(&paid).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["amount"]["amount"], 300_000);
    assert_eq!(asked[0]["scheduled_on"], days[0]["due_on"]);
    assert_eq!(available(&paid, "VND").await, 0);
    for actor in [&poor, &unknown, &by_hand] {
        assert_eq!(withdrawals(actor).await, Vec::<Value>::new());
    }
    assert_eq!(unknowns["missing"], "identity_unchecked");
    assert_eq!(told(app, &unknown).await, ["identity_unchecked"]);
    assert_eq!(told(app, &poor).await, Vec::<String>::new());

    // Another one is under way: this day passes. Who was told is not told again.
    give(&admin, &paid, 80_000, "VND").await;
    app.pass(WEEK).await;
    let second = moves_on(&paid, &first).await;
    moves_on(&poor, &poors).await;
    let unknowns = moves_on(&unknown, &unknowns).await;
    assert_eq!(withdrawals(&paid).await.len(), 1);
    assert_eq!(told(app, &unknown).await, ["identity_unchecked"]);
    approve(&moderator, &asked[0]).await.expect(200);
    reaches(&paid, &asked[0], "paid").await;

    identified(app, &unknown, "Trần Văn An").await;
    app.pass(WEEK).await;
    moves_on(&paid, &second).await;
    let unknowns = moves_on(&unknown, &unknowns).await;
    let asked = withdrawals(&paid).await;
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert_eq!(asked[0]["amount"]["amount"], 80_000);
    assert_eq!(unknowns["missing"], "bank_account_missing");
    assert_eq!(
        told(app, &unknown).await,
        ["bank_account_missing", "identity_unchecked"]
    );
    bank_account(&unknown, "VND", "56789").await;
    app.pass(WEEK).await;
    let unknowns = moves_on(&unknown, &unknowns).await;
    assert!(unknowns["missing"].is_null(), "{unknowns}");
    assert_eq!(withdrawals(&unknown).await.len(), 1);
    assert_eq!(withdrawals(&by_hand).await, Vec::<Value>::new());
    assert_eq!(available(&by_hand, "VND").await, 90_000);
}

/// On an app of its own, whose clock is moved and whose worker stands still.
#[tokio::test]
async fn of_many_that_look_at_once_one_withdraws() {
    let app = &App::own("payout-rush", &[]);
    let admin = staff(app, "admin").await;
    let mut payees = Vec::new();
    for _ in 0..4 {
        let payee = app.someone("Payee").await;
        identified(app, &payee, "Trần Văn An").await;
        bank_account(&payee, "VND", "56789").await;
        give(&admin, &payee, 100_000, "VND").await;
        schedule(&payee, json!({"every": "weekly", "day": 1})).await;
        payees.push(payee);
    }
    app.signal("worker", libc::SIGSTOP);
    app.pass("36 days").await;
    join_all((0..8).map(|_| async {
        let sql = app.module_sql("payment").await;
        for _ in 0..4 {
            sql.query_one("SELECT payment.pay_out_due_v1()", &[])
                .await
                .expect("it looks");
        }
    }))
    .await;
    app.signal("worker", libc::SIGCONT);
    for payee in &payees {
        assert_eq!(withdrawals(payee).await.len(), 1);
        assert_eq!(available(payee, "VND").await, 0);
    }
    crate::support::money::ledger_is_clean(app).await;
}

/// Waits until payment knows whether somebody is suspended.
async fn is_known_as(app: &App, actor: &Actor, suspended: bool) {
    let sql = app.sql().await;
    until("payment knows", Duration::from_secs(30), || async {
        let known = "SELECT suspended FROM payment.suspension WHERE account_id = $1";
        let row = sql.query_opt(known, &[&actor.id]).await.ok()??;
        (row.get::<_, bool>(0) == suspended).then_some(())
    })
    .await;
}

/// On an app of its own, whose clock is moved.
#[tokio::test]
async fn whoever_is_suspended_is_paid_out_by_no_schedule_until_they_are_back() {
    let app = &App::own("payout-suspended", &[]);
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let mut payee = app.someone("Payee").await;
    give(&admin, &payee, 100_000, "VND").await;
    identified(app, &payee, "Trần Văn An").await;
    bank_account(&payee, "VND", "56789").await;
    let first = schedule(&payee, json!({"every": "weekly", "day": 1})).await;

    let suspension = format!("/v1/accounts/{}/suspension", payee.id);
    let why = json!({"reason": "Sold counterfeits."});
    moderator.post(&suspension, why).await.expect(200);
    is_known_as(app, &payee, true).await;
    app.pass(WEEK).await;
    // They cannot look themselves.
    let sql = app.sql().await;
    until("its day has passed", Duration::from_secs(20), || async {
        let due = "SELECT due_on::text FROM payment.payout_schedule WHERE account_id = $1";
        let row = sql.query_one(due, &[&payee.id]).await.ok()?;
        (row.get::<_, &str>(0) != text(&first["due_on"])).then_some(())
    })
    .await;

    assert_eq!(moderator.delete(&suspension).await.status, 204);
    is_known_as(app, &payee, false).await;
    payee.sign_in().await;
    assert_eq!(withdrawals(&payee).await, Vec::<Value>::new());
    assert_eq!(available(&payee, "VND").await, 100_000);
    assert_eq!(told(app, &payee).await, Vec::<String>::new());
    let list = payee.get("/v1/payout-schedules").await.expect(200);
    app.pass(WEEK).await;
    moves_on(&payee, &list["items"][0]).await;
    let asked = withdrawals(&payee).await;
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert_eq!(asked[0]["amount"]["amount"], 100_000);
}

#[tokio::test]
async fn news_of_a_suspension_that_comes_late_changes_nothing() {
    let app = shared();
    let payee = app.someone("Payee").await;
    let sql = app.module_sql("payment").await;
    for (kind, sequence) in [
        ("account.reinstated", 7_i64),
        ("account.suspended", 6),
        ("account.suspended", 7),
    ] {
        let event = json!({
            "id": uuid::Uuid::now_v7(), "kind": kind, "sequence": sequence,
            "data": {"account_id": payee.id, "reason": "x"},
        });
        sql.execute(
            "SELECT payment.on_event($1::text::jsonb)",
            &[&event.to_string()],
        )
        .await
        .expect("taken");
        is_known_as(app, &payee, false).await;
    }
}
