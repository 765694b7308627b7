//! What can become of each workflow.

use std::time::Duration;

use futures::future::BoxFuture;
use serde_json::json;
use tokio_postgres::Client;
use uuid::Uuid;

use super::attempts::{
    Counter, attempt, attempt_at, cancel_session, leg_is, pay_quietly, unanswered_for_long,
};
use super::{Fault, Trial, World};
use crate::support::until;

/// What a payer pays, or has.
pub const PAID: i64 = 90_000;
/// What is withdrawn.
const WITHDRAWN: i64 = 60_000;

pub type Happening = for<'a> fn(&'a World, &'a Trial) -> BoxFuture<'a, ()>;

const NOTHING: Happening = |_, _| Box::pin(async {});

/// One of the ways in which a workflow can go.
pub struct Scenario {
    pub name: &'static str,
    pub kind: &'static str,
    /// Makes what it is about; its workflow.
    pub begin: fn(&World, Uuid) -> BoxFuture<'_, Uuid>,
    /// What happens once it waits.
    pub go_on: Happening,
    /// And when an attempt's time is over.
    pub later: Happening,
    /// How it ends.
    pub ends: &'static str,
    /// Where the money is then.
    pub check: Happening,
    /// Steps that never work.
    pub always: &'static [&'static str],
}

pub static SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "a withdrawal that is approved",
        kind: "withdrawal",
        begin: |world, account| Box::pin(withdrawal(world, account)),
        go_on: |world, trial| Box::pin(decide(world, trial, "approved")),
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(withdrawn(world, trial, "paid", PAID - WITHDRAWN)),
        always: &[],
    },
    Scenario {
        name: "a withdrawal that is rejected",
        kind: "withdrawal",
        begin: |world, account| Box::pin(withdrawal(world, account)),
        go_on: |world, trial| Box::pin(decide(world, trial, "rejected")),
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(withdrawn(world, trial, "rejected", PAID)),
        always: &[],
    },
    Scenario {
        name: "a withdrawal that an operator gives up",
        kind: "withdrawal",
        begin: |world, account| Box::pin(withdrawal(world, account)),
        go_on: |world, trial| Box::pin(give_up(world, trial)),
        later: NOTHING,
        ends: "cancelled",
        check: |world, trial| Box::pin(withdrawn(world, trial, "cancelled", PAID)),
        always: &[],
    },
    Scenario {
        name: "a refund that the provider makes",
        kind: "refund",
        begin: |world, account| Box::pin(sandbox_refund(world, account, true)),
        go_on: NOTHING,
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(refunded(world, trial, PAID, 0)),
        always: &[],
    },
    Scenario {
        name: "a refund that the provider will not make",
        kind: "refund",
        begin: |world, account| Box::pin(sandbox_refund(world, account, false)),
        go_on: NOTHING,
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(refunded(world, trial, 0, PAID)),
        always: &[],
    },
    Scenario {
        name: "a refund with which the provider takes its time",
        kind: "refund",
        begin: |world, account| Box::pin(slow_refund(world, account)),
        go_on: NOTHING,
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(wallet_has(world, trial, 0)),
        always: &[],
    },
    Scenario {
        name: "a refund that an operator gives up",
        kind: "refund",
        begin: |world, account| Box::pin(sandbox_refund(world, account, true)),
        go_on: |world, trial| Box::pin(give_up(world, trial)),
        later: NOTHING,
        ends: "cancelled",
        check: |world, trial| Box::pin(refunded(world, trial, 0, PAID)),
        always: &["ask"],
    },
    Scenario {
        name: "an attempt that the provider never heard of",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Unknown)),
        go_on: NOTHING,
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "cancelled", Some("cancelled"))),
        always: &[],
    },
    Scenario {
        name: "an attempt that nobody pays",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: NOTHING,
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "cancelled", Some("cancelled"))),
        always: &[],
    },
    Scenario {
        name: "an attempt of whose payment nobody tells",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: |world, trial| Box::pin(pay_quietly(world, trial, PAID)),
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "settled", Some("paid"))),
        always: &[],
    },
    Scenario {
        name: "an attempt that is paid with another amount",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: |world, trial| Box::pin(pay_quietly(world, trial, PAID - 1)),
        later: NOTHING,
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "failed", Some("cancelled"))),
        always: &[],
    },
    Scenario {
        name: "an attempt that nobody heard of, and that is paid when nobody waits for it",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt_at(&world.sql, account, "stripe")),
        go_on: NOTHING,
        later: |world, trial| Box::pin(async { world.stripe.pay(trial.workflow, PAID) }),
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "settled", None)),
        always: &[],
    },
    Scenario {
        name: "an attempt that nobody heard of, and that is paid when nobody wants it",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt_at(&world.sql, account, "stripe")),
        go_on: |world, trial| Box::pin(cancel_session(world, trial)),
        later: |world, trial| Box::pin(async { world.stripe.pay(trial.workflow, PAID) }),
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "late", None)),
        always: &[],
    },
    Scenario {
        name: "an attempt whose provider does not answer for long, and had been paid",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: |world, trial| Box::pin(pay_quietly(world, trial, PAID)),
        later: |world, trial| Box::pin(unanswered_for_long(world, trial)),
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "settled", Some("paid"))),
        always: &["resolve"],
    },
    Scenario {
        name: "an attempt whose provider does not answer for long, and that nobody pays",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: NOTHING,
        later: |world, trial| Box::pin(unanswered_for_long(world, trial)),
        ends: "completed",
        check: |world, trial| Box::pin(leg_is(world, trial, "failed", Some("cancelled"))),
        always: &["resolve"],
    },
    Scenario {
        name: "an attempt that an operator gives up",
        kind: "attempt",
        begin: |world, account| Box::pin(attempt(world, account, Counter::Open)),
        go_on: |world, trial| Box::pin(give_up(world, trial)),
        later: NOTHING,
        ends: "cancelled",
        check: |world, trial| Box::pin(leg_is(world, trial, "cancelled", Some("cancelled"))),
        always: &[],
    },
];

/// What somebody has in an account of the ledger.
pub async fn balance(sql: &Client, kind: &str, account: Uuid) -> i64 {
    sql.query_one(
        "SELECT payment.balance_v1($1, $2, 'VND')",
        &[&kind, &account],
    )
    .await
    .expect("a balance")
    .get(0)
}

async fn wallet_has(world: &World, trial: &Trial, amount: i64) {
    let found = balance(&world.sql, "wallet", trial.account).await;
    assert_eq!(
        found, amount,
        "{} with {:?}",
        trial.scenario.name, trial.fault
    );
}

/// An operator ends it, as by the API.
async fn give_up(world: &World, trial: &Trial) {
    // Of one that is cancelled before it begins no step can fail.
    let begins = |fault: &Fault| fault.step == "look" && fault.when != "twice";
    if trial.fault.as_ref().is_some_and(begins) {
        until("its first step fails", Duration::from_secs(30), || async {
            let failed = "SELECT FROM payment.workflow WHERE id = $1 AND failures <> '{}'";
            world
                .admin
                .query_opt(failed, &[&trial.workflow])
                .await
                .ok()?
        })
        .await;
    }
    world
        .sql
        .query(
            "SELECT payment.workflow_cancel($1, 'a test')",
            &[&trial.workflow],
        )
        .await
        .expect("it is cancelled");
}

// ---- withdrawals -------------------------------------------------------------------------------

async fn withdrawal(world: &World, account: Uuid) -> Uuid {
    let key = account.to_string();
    let number = format!("{:012}", account.as_u128() % 1_000_000_000_000);
    let (admin, bank, withdrawal) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    world
        .sql
        .query(
            "SELECT payment.adjust_wallet_v1($1, $2, '', gen_random_uuid(), $3, $4, 'VND', 'bank', 'a test')",
            &[&admin, &key, &account, &PAID],
        )
        .await
        .expect("money");
    world
        .sql
        .query(
            "SELECT payment.add_bank_account_v1($1, NULL, '', $2, 'VCB', $3, 'AN', 'VND')",
            &[&account, &bank, &number],
        )
        .await
        .expect("a bank account");
    let identity = Uuid::now_v7();
    world
        .sql
        .query(
            "SELECT payment.submit_identity_v1($1, NULL, '', $2, 'AN', 'VN', '1990-05-17', 'passport', '4567', 'x')",
            &[&account, &identity],
        )
        .await
        .expect("an identity");
    world
        .sql
        .query(
            "SELECT payment.decide_identity_v1($1, NULL, '', gen_random_uuid(), NULL, $2, 'approved', NULL)",
            &[&admin, &identity],
        )
        .await
        .expect("an approval");
    world
        .sql
        .query(
            "SELECT payment.withdraw_v1($1, $2, '', $3, NULL, NULL, $4, 'VND')",
            &[&account, &key, &withdrawal, &WITHDRAWN],
        )
        .await
        .expect("a withdrawal");
    withdrawal
}

async fn decide(world: &World, trial: &Trial, decision: &str) {
    world
        .sql
        .query(
            "SELECT payment.decide_withdrawal_v1($1, NULL, '', gen_random_uuid(), NULL, $2, $3, 'FT1')",
            &[&Uuid::now_v7(), &trial.workflow, &decision],
        )
        .await
        .expect("it is decided");
}

async fn withdrawn(world: &World, trial: &Trial, state: &str, left: i64) {
    let found: String = world
        .sql
        .query_one(
            "SELECT state FROM payment.withdrawal WHERE id = $1",
            &[&trial.workflow],
        )
        .await
        .expect("a withdrawal")
        .get(0);
    assert_eq!(
        found, state,
        "{} with {:?}",
        trial.scenario.name, trial.fault
    );
    wallet_has(world, trial, left).await;
    assert_eq!(
        balance(&world.sql, "pending_withdrawal", trial.account).await,
        0
    );
}

// ---- sessions ----------------------------------------------------------------------------------

/// Opens a session of one order; its order.
pub async fn open(sql: &Client, payer: Uuid, provider: &str, leg: Uuid) -> Uuid {
    open_and(sql, payer, provider, leg, "").await
}

/// The same, and what else is selected in the statement: nobody sees the session without it.
pub async fn open_and(sql: &Client, payer: Uuid, provider: &str, leg: Uuid, and: &str) -> Uuid {
    let order = Uuid::now_v7();
    let parts =
        json!([{"order_id": order, "seller_id": Uuid::now_v7(), "shipping": 0, "subsidy": 0,
        "cashback_by_platform": 0, "cashback_by_seller": 0,
        "goods": [{"amount": PAID, "category_path": "things"}]}])
        .to_string();
    sql.query(
        &format!(
            "SELECT payment.open_v1($1, $2, 'VND', 0, $3, NULL, $4::text::jsonb, 86400, NULL, $5){and}"
        ),
        &[&Uuid::now_v7(), &payer, &provider, &parts, &leg],
    )
    .await
    .expect("a session");
    order
}

/// A payment at a provider that is settled, and all of it on its way back; the refund.
pub async fn refund_at(sql: &Client, payer: Uuid, provider: &str, reference: &str) -> Uuid {
    let leg = Uuid::now_v7();
    refund_of(sql, payer, provider, reference, leg).await
}

async fn refund_of(sql: &Client, payer: Uuid, provider: &str, reference: &str, leg: Uuid) -> Uuid {
    let order = open(sql, payer, provider, leg).await;
    let event = format!("paid:{leg}");
    let outcome: String = sql
        .query_one(
            "SELECT payment.report_v1($1, $2, 'settled', $3, $4, $5, 'VND', NULL, NULL)",
            &[&provider, &event, &leg, &reference, &PAID],
        )
        .await
        .expect("a report")
        .get(0);
    assert_eq!(outcome, "settled");
    let key = format!("test:{leg}");
    sql.query_one(
        "SELECT (payment.refund_v1($1, $2, $3, 'original', 'a test', NULL, NULL)->>'id')::uuid",
        &[&key, &order, &PAID],
    )
    .await
    .expect("a refund")
    .get(0)
}

/// A refund at the sandbox, which has taken the money if it is to give it back.
async fn sandbox_refund(world: &World, account: Uuid, has_it: bool) -> Uuid {
    let leg = Uuid::now_v7();
    let reference = Uuid::new_v4();
    if has_it {
        world
            .sql
            .query(
                "SELECT payment.sandbox_create_v1($1, $2, $3, $4, 'VND', 'a test', NULL, 'instant')",
                &[&reference, &leg, &Uuid::now_v7(), &PAID],
            )
            .await
            .expect("the sandbox has it");
    }
    refund_of(&world.sql, account, "sandbox", &reference.to_string(), leg).await
}

async fn slow_refund(world: &World, account: Uuid) -> Uuid {
    let reference = format!("pi_{}", account.simple());
    refund_at(&world.sql, account, "stripe", &reference).await
}

/// What the sandbox gave back, and what the wallet got.
async fn refunded(world: &World, trial: &Trial, by_sandbox: i64, to_wallet: i64) {
    let given: i64 = world
        .sql
        .query_one(
            "SELECT coalesce(sum(s.amount), 0)::bigint
             FROM payment.refund_leg g JOIN payment.sandbox_refund s ON s.key = g.id WHERE g.refund_id = $1",
            &[&trial.workflow],
        )
        .await
        .expect("the sandbox's books")
        .get(0);
    assert_eq!(
        given, by_sandbox,
        "{} with {:?}",
        trial.scenario.name, trial.fault
    );
    wallet_has(world, trial, to_wallet).await;
}
