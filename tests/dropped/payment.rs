//! Every way of every workflow of `payment`, its runner gone at any of its calls.

use std::time::Duration;

use crate::payment_workflows::scenarios::{Happening, SCENARIOS, Scenario};
use crate::payment_workflows::{Fault, Trial, World};
use crate::support::drops::{Drops, When};
use crate::support::until;

use super::{TRIES, Tally, Watch};

const RUNNER: &str = "payment-flows";

/// Nobody takes a workflow that begins while this holds them: so that what is armed meanwhile meets all
/// of it.
const HOLD: &str = "
CREATE TABLE public.test_hold (held boolean NOT NULL);
INSERT INTO public.test_hold VALUES (false);
CREATE FUNCTION public.test_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF (SELECT h.held FROM public.test_hold h) THEN
        NEW.lease_until := 'infinity';
        NEW.retry_at := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER test_hold BEFORE INSERT ON payment.workflow FOR EACH ROW EXECUTE FUNCTION public.test_hold();";

struct Stage {
    world: World,
    watch: Watch,
}

impl Stage {
    async fn sql(&self, statement: &str) {
        let done = self.world.admin.batch_execute(statement).await;
        done.expect("a statement");
    }

    /// Waits until it has nothing to do but to wait, or fails as it always does.
    async fn rests(&self, trial: &Trial) {
        let fails = !trial.scenario.always.is_empty();
        let statement =
            "SELECT status IN ('running', 'undoing') OR coalesce(due_at <= shared.now(), false),
                                last_error IS NOT NULL
                         FROM payment.workflow WHERE id = $1";
        let what = format!("{} with {:?} rests", trial.scenario.name, trial.fault);
        until(&what, Duration::from_secs(60), || async {
            self.watch.bury().await;
            let row = self
                .world
                .admin
                .query_one(statement, &[&trial.workflow])
                .await
                .ok()?;
            let (busy, failed): (bool, bool) = (row.get(0), row.get(1));
            (!busy || fails && failed).then_some(())
        })
        .await;
    }

    /// What happens to it from outside, while whoever is dropped is buried.
    async fn happens(&self, event: Happening, trial: &Trial) {
        let burying = async {
            loop {
                self.watch.bury().await;
                tokio::time::sleep(Duration::from_millis(25)).await;
            }
        };
        tokio::select! {
            () = event(&self.world, trial) => {}
            () = burying => {}
        }
        self.watch.ring().await;
        self.rests(trial).await;
    }

    async fn passes(&self, time: &str) {
        self.world.app.pass(time).await;
        self.watch.ring().await;
    }

    async fn ends(&self, trial: &Trial) {
        let what = format!("{} with {:?} ends", trial.scenario.name, trial.fault);
        until(&what, Duration::from_secs(60), || async {
            self.watch.bury().await;
            let open = "SELECT FROM payment.workflow
                        WHERE id = $1 AND status IN ('running', 'undoing', 'waiting')";
            let found = self.world.admin.query_opt(open, &[&trial.workflow]).await;
            found.ok()?.is_none().then_some(())
        })
        .await;
        self.world.ended(trial).await;
    }

    /// Leads a scenario to its end. What is armed, or recorded, is so from the beginning.
    async fn play(
        &self,
        scenario: &'static Scenario,
        fault: Option<String>,
        arm: impl FnOnce(&Self),
    ) {
        self.world.stripe.finished(false);
        self.sql("UPDATE public.test_hold SET held = true").await;
        let mut trial = self.world.begin(scenario, None).await;
        trial.fault = fault.map(|step| Fault {
            step,
            when: "dropped",
        });
        arm(self);
        self.sql(
            "UPDATE public.test_hold SET held = false;
             UPDATE payment.workflow SET lease_until = shared.real_now(), retry_at = shared.real_now()
                 WHERE lease_until = 'infinity'",
        )
        .await;
        self.watch.ring().await;
        self.rests(&trial).await;
        self.happens(scenario.go_on, &trial).await;
        self.world.stripe.finished(true);
        // Attempts are over by then, and a slow refund is asked for again.
        self.passes("16 minutes").await;
        self.rests(&trial).await;
        self.happens(scenario.later, &trial).await;
        // They are looked at once more.
        self.passes("1 hour").await;
        self.ends(&trial).await;
        (scenario.check)(&self.world, &trial).await;
    }

    async fn calls(&self, scenario: &'static Scenario) -> Vec<String> {
        self.watch.payments_end(&self.world.app).await;
        let recording = std::cell::OnceCell::new();
        let record = |drops: &Drops| drops.record(RUNNER);
        self.play(scenario, None, |stage| {
            recording.get_or_init(|| record(&stage.watch.drops));
        })
        .await;
        let recording = recording.get().expect("it was recorded");
        self.watch.drops.recorded(recording)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_call_of_a_workflow_of_payment_may_be_its_runners_last() {
    let world = World::start("dropped-payment").await;
    let Some(watch) = Watch::of(&world.app).await else {
        return;
    };
    let stage = Stage { world, watch };
    stage.sql(HOLD).await;
    let mut tally = Tally::default();
    for scenario in SCENARIOS {
        let calls = stage.calls(scenario).await;
        assert!(!calls.is_empty(), "{} makes no calls", scenario.name);
        for target in tally.targets(scenario.kind, calls) {
            for when in [When::Before, When::After] {
                for _ in 0..TRIES {
                    let fault = format!("{when:?} {}. {}", target.number, target.call);
                    stage
                        .play(scenario, Some(fault), |stage| {
                            stage.watch.arm(RUNNER, when, &target);
                        })
                        .await;
                    let struck = stage.watch.struck().await;
                    if !tally.note(scenario.kind, when, &target, struck) {
                        break;
                    }
                }
            }
        }
    }
    stage.world.app.events_settled().await;
    stage.world.books_are_right().await;
    tally.is_complete();
}
