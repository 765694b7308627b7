//! Attempts: what the provider knows of them, who pays, and how they stand at the end.

use std::time::Duration;

use tokio_postgres::Client;
use uuid::Uuid;

use super::scenarios::{PAID, open, open_and};
use super::{Trial, World, often_failed};
use crate::support::until;

/// What the sandbox knows of an attempt.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Counter {
    Unknown,
    Open,
}

/// An attempt of which the provider has not been told.
pub async fn attempt_at(sql: &Client, account: Uuid, provider: &str) -> Uuid {
    let leg = Uuid::now_v7();
    open(sql, account, provider, leg).await;
    leg
}

pub async fn attempt(world: &World, account: Uuid, counter: Counter) -> Uuid {
    if counter == Counter::Unknown {
        return attempt_at(&world.sql, account, "sandbox").await;
    }
    let (leg, reference) = (Uuid::now_v7(), Uuid::new_v4());
    // At once: the workflow that begins with the leg looks whether the provider has it.
    let and = format!(
        ", payment.sandbox_create_v1('{reference}', '{leg}', '{}', {PAID}, 'VND', 'a test', NULL, NULL),
         payment.leg_opened_v1('{leg}', '{reference}', 'http://page', NULL)",
        Uuid::now_v7()
    );
    open_and(&world.sql, account, "sandbox", leg, &and).await;
    leg
}

/// Somebody pays, and the provider tells nobody.
pub async fn pay_quietly(world: &World, trial: &Trial, amount: i64) {
    world
        .admin
        .execute(
            "UPDATE payment.sandbox_payment SET state = 'paid', taken = $2 WHERE leg_id = $1",
            &[&trial.workflow, &amount],
        )
        .await
        .expect("it is paid");
}

/// The payer gives the session up.
pub async fn cancel_session(world: &World, trial: &Trial) {
    world
        .sql
        .query(
            "SELECT payment.cancel_session_v1(l.session_id, false, 'a test') FROM payment.leg l WHERE l.id = $1",
            &[&trial.workflow],
        )
        .await
        .expect("it is cancelled");
}

/// Half a day without an answer is over.
pub async fn unanswered_for_long(world: &World, trial: &Trial) {
    often_failed(&world.admin, trial.workflow, "resolve/expired", 39).await;
    until("nobody waits for it", Duration::from_secs(30), || async {
        let failed = "SELECT FROM payment.leg WHERE id = $1 AND state = 'failed'";
        world
            .admin
            .query_opt(failed, &[&trial.workflow])
            .await
            .ok()?
    })
    .await;
}

/// How the leg stands here, and how at the sandbox, where it is there.
pub async fn leg_is(world: &World, trial: &Trial, here: &str, there: Option<&str>) {
    let row = world
        .admin
        .query_one(
            "SELECT l.state, p.state FROM payment.leg l
             LEFT JOIN payment.sandbox_payment p ON p.leg_id = l.id WHERE l.id = $1",
            &[&trial.workflow],
        )
        .await
        .expect("a leg");
    let (mut leg, payment): (String, Option<String>) = (row.get(0), row.get(1));
    // Cancelled at the provider, of which the answer was lost: the next time it says that it failed.
    let lost = trial.fault.as_ref().is_some_and(|fault| {
        fault.when == "dropped" || fault.step == "resolve" && fault.when != "before"
    });
    if lost && here == "cancelled" && leg == "failed" {
        leg = here.to_owned();
    }
    assert_eq!(
        (leg.as_str(), payment.as_deref()),
        (here, there),
        "{} with {:?}",
        trial.scenario.name,
        trial.fault
    );
    if here == "settled" {
        let held: String = world
            .admin
            .query_one(
                "SELECT e.state FROM payment.escrow e JOIN payment.leg l USING (session_id) WHERE l.id = $1",
                &[&trial.workflow],
            )
            .await
            .expect("an escrow")
            .get(0);
        assert_eq!(held, "held");
    }
}
