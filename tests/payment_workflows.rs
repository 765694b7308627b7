//! The workflows of `payment`, each step of each failing: before it did anything, after it did, and done
//! twice. Whatever happens, they come to the same end, and the money is where it belongs.
//!
//! Made from the steps that the code has: one that no scenario reaches fails the test. On an app of its
//! own, whose workflows fail on purpose, and whose sessions belong to no orders.

pub mod attempts;
pub mod scenarios;
mod stripe;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::support::app::App;
use crate::support::until;
use scenarios::{SCENARIOS, Scenario};

/// The app, its database, and the Stripe that it knows.
pub struct World {
    pub app: App,
    /// As the module.
    sql: Client,
    /// As the administrator.
    pub admin: Client,
    pub stripe: stripe::Stripe,
}

/// Where a workflow shall fail.
#[derive(Debug, Clone)]
pub struct Fault {
    pub step: String,
    pub when: &'static str,
}

/// A scenario under way.
pub struct Trial {
    pub scenario: &'static Scenario,
    pub fault: Option<Fault>,
    /// Whom it is about, and by whom its workflow is found.
    account: Uuid,
    pub workflow: Uuid,
}

impl World {
    /// One of this name.
    pub async fn start(name: &str) -> World {
        let stripe = stripe::Stripe::start().await;
        let variables = [
            ("payment_providers", "sandbox,stripe,cod"),
            ("stripe_url", stripe.url.as_str()),
            ("stripe_secret_key", "sk_test"),
            ("stripe_webhook_secret", "whsec_test"),
        ];
        let app = App::with_variables(name, &variables, &[]);
        let (sql, admin) = (app.module_sql("payment").await, app.sql().await);
        admin
            .batch_execute(
                "CREATE TABLE public.test_fault (account_id uuid PRIMARY KEY, points jsonb NOT NULL);
                 CREATE FUNCTION public.test_faults() RETURNS trigger
                 LANGUAGE plpgsql SECURITY DEFINER AS $$
                 BEGIN
                     NEW.failpoints := (SELECT f.points FROM public.test_fault f WHERE f.account_id = NEW.subject);
                     RETURN NEW;
                 END $$;
                 CREATE TRIGGER test_faults BEFORE INSERT ON payment.workflow
                     FOR EACH ROW EXECUTE FUNCTION public.test_faults();",
            )
            .await
            .expect("workflows can be made to fail");
        World {
            app,
            sql,
            admin,
            stripe,
        }
    }

    /// Begins a scenario for a new account.
    pub async fn begin(&self, scenario: &'static Scenario, fault: Option<Fault>) -> Trial {
        let account = Uuid::now_v7();
        let mut points: Vec<Value> = scenario
            .always
            .iter()
            .map(|step| json!({"step": step, "when": "before", "times": 1_000_000}))
            .collect();
        points.extend(
            fault
                .iter()
                .map(|fault| json!({"step": fault.step, "when": fault.when, "times": 1})),
        );
        self.admin
            .execute(
                "INSERT INTO public.test_fault VALUES ($1, $2)",
                &[&account, &Value::Array(points)],
            )
            .await
            .expect("the faults are set");
        let workflow = (scenario.begin)(self, account).await;
        Trial {
            scenario,
            fault,
            account,
            workflow,
        }
    }

    /// Waits until workflows have nothing to do, but wait.
    async fn settle(&self, trials: &[Trial]) {
        // The others try and try.
        let free: Vec<Uuid> = trials
            .iter()
            .filter(|trial| trial.scenario.always.is_empty())
            .map(|trial| trial.workflow)
            .collect();
        until(
            "all have done what they can",
            Duration::from_secs(60),
            || async {
                let busy: i64 = self
                    .admin
                    .query_one(
                        "SELECT count(*) FROM payment.workflow w
                     WHERE w.id = ANY ($1)
                       AND (w.status NOT IN ('waiting', 'completed', 'failed', 'cancelled', 'stuck')
                            OR w.status = 'waiting' AND w.due_at <= shared.now())",
                        &[&free],
                    )
                    .await
                    .ok()?
                    .get(0);
                (busy == 0).then_some(())
            },
        )
        .await;
    }

    /// Runs scenarios side by side to their ends.
    async fn run(&self, wanted: Vec<(&'static Scenario, Option<Fault>)>) -> Vec<Trial> {
        self.stripe.finished(false);
        let mut trials = Vec::new();
        for (scenario, fault) in wanted {
            trials.push(self.begin(scenario, fault).await);
        }
        self.settle(&trials).await;
        for trial in &trials {
            (trial.scenario.go_on)(self, trial).await;
        }
        self.settle(&trials).await;
        self.stripe.finished(true);
        // Attempts are over by then, and a slow refund is asked for again.
        self.app.pass("16 minutes").await;
        self.settle(&trials).await;
        for trial in &trials {
            (trial.scenario.later)(self, trial).await;
        }
        // They are looked at once more.
        self.app.pass("1 hour").await;
        for trial in &trials {
            self.ended(trial).await;
            (trial.scenario.check)(self, trial).await;
        }
        trials
    }

    /// Waits until it has ended, as it should.
    pub async fn ended(&self, trial: &Trial) {
        let status = until(
            &format!("{} ends with {:?}", trial.scenario.name, trial.fault),
            Duration::from_secs(90),
            || async {
                let row = self
                    .admin
                    .query_one(
                        "SELECT w.status, w.last_error FROM payment.workflow w WHERE w.id = $1",
                        &[&trial.workflow],
                    )
                    .await
                    .ok()?;
                let (status, error): (String, Option<String>) = (row.get(0), row.get(1));
                assert_ne!(
                    status, "stuck",
                    "{} with {:?}: {error:?}",
                    trial.scenario.name, trial.fault
                );
                ["completed", "failed", "cancelled"]
                    .contains(&status.as_str())
                    .then_some(status)
            },
        )
        .await;
        assert_eq!(
            status, trial.scenario.ends,
            "{} with {:?}",
            trial.scenario.name, trial.fault
        );
    }

    /// The steps of a workflow's journal, with how they were noted.
    async fn journal(&self, trial: &Trial) -> Vec<(String, String)> {
        self.admin
            .query(
                "SELECT DISTINCT j.step, j.kind FROM payment.journal j
                 WHERE j.workflow_id = $1 AND j.outcome->'refused' IS NULL",
                &[&trial.workflow],
            )
            .await
            .expect("a journal")
            .iter()
            .map(|row| (row.get(0), row.get(1)))
            .collect()
    }

    /// Whether the fault has happened: a failure of its step is counted.
    async fn failed_as_asked(&self, trial: &Trial) {
        let Some(fault) = &trial.fault else { return };
        // An operator who gives one up that pauses lets it go on at once, its failures forgotten.
        if fault.when == "twice" || trial.scenario.ends == "cancelled" {
            return;
        }
        let failures: Value = self
            .admin
            .query_one(
                "SELECT failures FROM payment.workflow WHERE id = $1",
                &[&trial.workflow],
            )
            .await
            .expect("a workflow")
            .get(0);
        // Counted for each key of the step.
        let failed = failures
            .as_object()
            .into_iter()
            .flatten()
            .any(|(place, _)| place.split('/').next() == Some(fault.step.as_str()));
        assert!(
            failed,
            "{} never failed at {fault:?}: {failures}",
            trial.scenario.name
        );
    }

    /// What holds of the books whatever happened.
    pub async fn books_are_right(&self) {
        let rows = self
            .admin
            .query(
                "SELECT 'entries in ' || e.currency AS what, sum(e.amount)::bigint
                 FROM payment.ledger_entry e GROUP BY e.currency HAVING sum(e.amount) <> 0
                 UNION ALL
                 SELECT 'account ' || a.kind || ' ' || a.id,
                        (a.balance - CASE a.kind WHEN 'seller_debt' THEN -1 ELSE 1 END * coalesce(s.sum, 0))::bigint
                 FROM payment.ledger_account a
                 LEFT JOIN (SELECT e.account_id, sum(e.amount) FROM payment.ledger_entry e GROUP BY 1) s
                     ON s.account_id = a.id
                 WHERE a.balance IS NOT NULL
                   AND a.balance <> CASE a.kind WHEN 'seller_debt' THEN -1 ELSE 1 END * coalesce(s.sum, 0)
                 UNION ALL
                 SELECT 'left in ' || a.kind || ' of ' || a.owner_id, a.balance
                 FROM payment.ledger_account a
                 WHERE a.kind IN ('pending_withdrawal', 'session_funds') AND a.balance <> 0
                 UNION ALL
                 SELECT 'open: ' || t.what, count(*)
                 FROM (SELECT 'leg' AS what FROM payment.leg WHERE state IN ('created', 'pending')
                       UNION ALL SELECT 'part of a refund' FROM payment.refund_leg WHERE state = 'pending'
                       UNION ALL SELECT 'refund' FROM payment.refund WHERE state = 'pending'
                       UNION ALL SELECT 'withdrawal' FROM payment.withdrawal WHERE state IN ('requested', 'approved')
                       UNION ALL SELECT 'workflow' FROM payment.workflow WHERE ended_at IS NULL) t
                 GROUP BY t.what",
                &[],
            )
            .await
            .expect("the books are read");
        let wrong: BTreeMap<String, i64> =
            rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_may_fail_and_may_happen_twice() {
    let world = World::start("payment-workflows").await;
    // As it should go: every step that the code has is reached by some scenario.
    let plain = world
        .run(SCENARIOS.iter().map(|scenario| (scenario, None)).collect())
        .await;
    let mut reached: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut wanted: Vec<(&'static Scenario, Option<Fault>)> = Vec::new();
    for trial in &plain {
        for (step, kind) in world.journal(trial).await {
            reached
                .entry(trial.scenario.kind)
                .or_default()
                .insert(step.clone());
            // A wait does nothing that could fail, and what always fails fails already.
            if kind == "wait" || trial.scenario.always.contains(&step.as_str()) {
                continue;
            }
            for when in ["before", "after", "twice"] {
                let step = step.clone();
                wanted.push((trial.scenario, Some(Fault { step, when })));
            }
        }
    }
    for (kind, steps) in stoa_payment::flows::steps() {
        for step in steps {
            assert!(
                reached.get(kind).is_some_and(|of| of.contains(step)),
                "no scenario reaches the step {step} of {kind}: {reached:?}"
            );
        }
    }
    world.app.events_settled().await;
    world.books_are_right().await;

    assert!(wanted.len() >= 60, "only {} faults", wanted.len());
    for trial in world.run(wanted).await {
        world.failed_as_asked(&trial).await;
    }
    world.app.events_settled().await;
    world.books_are_right().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_provider_never_answers_waits_for_a_person() {
    let variables = [
        ("payment_providers", "sandbox,stripe,cod"),
        // Nobody listens there.
        ("stripe_url", "http://127.0.0.1:9"),
        ("stripe_secret_key", "sk_test"),
        ("stripe_webhook_secret", "whsec_test"),
    ];
    let app = App::with_variables("payment-silence", &variables, &[]);
    let (sql, admin) = (app.module_sql("payment").await, app.sql().await);
    let account = Uuid::now_v7();
    let refund = scenarios::refund_at(&sql, account, "stripe", "pi_silent").await;
    let attempt = attempts::attempt_at(&sql, account, "stripe").await;
    // A day of silence later.
    let part: Uuid = admin
        .query_one(
            "SELECT id FROM payment.refund_leg WHERE refund_id = $1",
            &[&refund],
        )
        .await
        .expect("a part")
        .get(0);
    often_failed(&admin, refund, &format!("ask/{part}:0"), 59).await;
    is_stuck(&admin, refund).await;
    // The payer may have it already, for all that is known.
    assert_eq!(scenarios::balance(&sql, "wallet", account).await, 0);

    // Whoever wants to pay does not wait for it, and it is not forgotten.
    app.pass("16 minutes").await;
    often_failed(&admin, attempt, "resolve/unanswered", 39).await;
    app.pass("1 hour").await;
    often_failed(&admin, attempt, "look_again", 59).await;
    is_stuck(&admin, attempt).await;
    let state: String = admin
        .query_one("SELECT state FROM payment.leg WHERE id = $1", &[&attempt])
        .await
        .expect("a leg")
        .get(0);
    assert_eq!(state, "failed");

    // Whoever gives it up without having looked learns that nothing is known, and so for one that cannot be
    // asked at all.
    let elsewhere = attempts::attempt_at(&sql, account, "vnpay").await;
    for given_up in [attempt, elsewhere, refund] {
        let cancel = "SELECT payment.workflow_cancel($1, 'a test')";
        sql.query(cancel, &[&given_up]).await.expect("it is told");
    }
    often_failed(&admin, attempt, "give_up", 69).await;
    is_stuck(&admin, attempt).await;
    is_stuck(&admin, elsewhere).await;
    // Of what is left of a refund as well: the payer may have it.
    often_failed(&admin, refund, "give_up", 69).await;
    is_stuck(&admin, refund).await;
    assert_eq!(scenarios::balance(&sql, "wallet", account).await, 0);
    let error: String = admin
        .query_one(
            "SELECT last_error FROM payment.workflow WHERE id = $1",
            &[&elsewhere],
        )
        .await
        .expect("a workflow")
        .get(0);
    assert!(error.contains("set it up again"), "{error}");
}

/// A step that has failed once has failed so often, and fails again at once.
pub async fn often_failed(admin: &Client, workflow: Uuid, place: &str, times: i32) {
    until(
        &format!("{place} fails"),
        Duration::from_secs(60),
        || async {
            let failed = "UPDATE payment.workflow w
             SET failures = w.failures || jsonb_build_object($2::text, $3::integer),
                 retry_at = NULL, lease_until = shared.real_now()
             WHERE w.id = $1 AND w.failures ? $2 AND w.status IN ('running', 'undoing')";
            let changed = admin.execute(failed, &[&workflow, &place, &times]).await;
            (changed.ok()? == 1).then_some(())
        },
    )
    .await;
}

pub async fn is_stuck(admin: &Client, workflow: Uuid) {
    until("it is stuck", Duration::from_secs(60), || async {
        let stuck = "SELECT FROM payment.workflow WHERE id = $1 AND status = 'stuck'";
        admin.query_opt(stuck, &[&workflow]).await.ok()?
    })
    .await;
}
