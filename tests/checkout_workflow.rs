//! Every step of a checkout failing, before and after its effect, and done twice; every way back failing;
//! and each step failing for good. The cases are made of the steps' enum: a step without a scenario does
//! not compile, and one that its scenario does not reach fails.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures::stream::{self, StreamExt as _};
use serde_json::json;
use stoa_order::flows::checkout::{CheckoutStep, Step as _};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::checkouts::{admin, at_provider};
use crate::promotions::{a_tenth_off, code};
use crate::support::app::{App, text};
use crate::support::goods::{Goods, goods, reconciled};
use crate::support::money::{give, ledger_is_clean, pay};
use crate::support::{Actor, until};

/// A way through the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scenario {
    Cash,
    Paid,
    Cancelled,
    /// Paid after the first reminder.
    Reminded,
    Expired,
}

impl Scenario {
    /// One that reaches a step.
    fn of(step: CheckoutStep) -> Self {
        match step {
            CheckoutStep::Price | CheckoutStep::Place => Self::Cash,
            CheckoutStep::HoldPromotions
            | CheckoutStep::Reserve
            | CheckoutStep::OpenSession
            | CheckoutStep::AwaitPayment
            | CheckoutStep::Payment
            | CheckoutStep::Sell => Self::Paid,
            CheckoutStep::ReleasePromotions
            | CheckoutStep::ReleaseStock
            | CheckoutStep::CancelSession
            | CheckoutStep::End => Self::Cancelled,
            CheckoutStep::Remind => Self::Reminded,
            CheckoutStep::CloseSession => Self::Expired,
        }
    }

    fn ends(self) -> &'static str {
        match self {
            Self::Cash | Self::Paid | Self::Reminded => "placed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// Those that move the clock have it to themselves.
    fn moves_the_clock(self) -> bool {
        matches!(self, Self::Reminded | Self::Expired)
    }
}

/// What goes wrong at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Case {
    step: CheckoutStep,
    scenario: Scenario,
    when: &'static str,
    times: u32,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for &step in CheckoutStep::ALL {
        let scenario = Scenario::of(step);
        let mut case = |scenario, when, times| {
            cases.push(Case {
                step,
                scenario,
                when,
                times,
            });
        };
        let undo = matches!(
            step,
            CheckoutStep::ReleasePromotions
                | CheckoutStep::ReleaseStock
                | CheckoutStep::CancelSession
                | CheckoutStep::End
        );
        for when in ["before", "after", "twice"] {
            case(scenario, when, 1);
        }
        if undo {
            case(scenario, "before", 3);
        } else if step != CheckoutStep::Payment {
            // Nothing is done while waiting. All else may fail for good.
            case(scenario, "before", 1_000);
        }
        if step == CheckoutStep::Place {
            case(Scenario::Paid, "before", 1);
            case(Scenario::Paid, "after", 1);
            case(Scenario::Paid, "before", 1_000);
        }
    }
    cases
}

impl Case {
    fn fails_for_good(self) -> bool {
        self.times == 1_000
    }

    fn name(self) -> String {
        format!(
            "{:?} {} {} x{}",
            self.scenario,
            self.when,
            self.step.name(),
            self.times
        )
    }
}

/// Gives every workflow whose key has a plan its failpoints, and takes it from the request that starts
/// it: as if that had died at once.
const TRIGGER: &str = r#"
CREATE SCHEMA testing;
CREATE TABLE testing.plan (key text PRIMARY KEY, failpoints jsonb NOT NULL);
CREATE FUNCTION testing.spoil() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    v_points jsonb;
BEGIN
    SELECT p.failpoints INTO v_points FROM testing.plan p WHERE p.key = NEW.input->>'key';
    IF FOUND THEN
        NEW.failpoints := v_points;
        NEW.fence := NEW.fence + 1;
        NEW.lease_until := (clock_timestamp() AT TIME ZONE 'utc') - interval '1 second';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER spoil BEFORE INSERT ON "order".workflow FOR EACH ROW EXECUTE FUNCTION testing.spoil();
GRANT USAGE ON SCHEMA testing TO PUBLIC;
"#;

struct Shop {
    app: App,
    sql: tokio_postgres::Client,
    lamp: Goods,
    code: String,
    promotion: String,
    reached: Mutex<BTreeSet<String>>,
}

const UNITS: u32 = 10_000;

/// How a workflow stands.
struct Seen {
    ended: bool,
    /// What its journal has.
    steps: Vec<String>,
    /// Of the checkout, if it has a row.
    status: Option<String>,
    reminders: i16,
}

impl Shop {
    async fn look(&self, id: Uuid) -> Seen {
        // Nobody waits for a pause here.
        self.sql
            .execute(
                "UPDATE \"order\".workflow SET retry_at = lease_until
                 WHERE id = $1 AND retry_at > lease_until AND ended_at IS NULL",
                &[&id],
            )
            .await
            .expect("the pause is over");
        let row = self
            .sql
            .query_one(
                "SELECT w.ended_at IS NOT NULL,
                        ARRAY(SELECT j.step FROM \"order\".journal j WHERE j.workflow_id = w.id),
                        (SELECT c.status FROM \"order\".checkout c WHERE c.id = w.id),
                        coalesce((SELECT c.reminders FROM \"order\".checkout c WHERE c.id = w.id), 0::smallint)
                 FROM \"order\".workflow w WHERE w.id = $1",
                &[&id],
            )
            .await
            .expect("the workflow");
        Seen {
            ended: row.get(0),
            steps: row.get(1),
            status: row.get(2),
            reminders: row.get(3),
        }
    }

    async fn pay(&self, buyer: &Actor, id: Uuid) {
        let seen = buyer.get(&format!("/v1/checkouts/{id}")).await.expect(200);
        // It may have failed for good in this moment.
        if !seen["payment"]["pay_url"].is_null() {
            pay(buyer, &seen, "pay").await;
        }
    }

    /// With another attempt: the first one lives a quarter of an hour.
    async fn pay_again(&self, buyer: &Actor, id: Uuid) {
        let path = format!("/v1/payment-sessions/{id}/attempts");
        let body = json!({"provider": "sandbox"});
        let attempt = until("another attempt", Duration::from_secs(30), || async {
            let key = Uuid::new_v4().to_string();
            let reply = buyer.post_keyed(&path, &key, &body).await;
            (reply.status == 201).then_some(reply.body)
        })
        .await;
        let payment = json!({"payment": {"pay_url": attempt["pay_url"]}});
        pay(buyer, &payment, "pay").await;
    }

    /// Begins a checkout whose workflow has the case's failpoints.
    async fn begin(&self, buyer: &Actor, case: Case) -> Uuid {
        let key = Uuid::new_v4().to_string();
        let points = json!([{"step": case.step.name(), "when": case.when, "times": case.times}]);
        self.sql
            .execute(
                "INSERT INTO testing.plan VALUES ($1, $2)",
                &[&key, &Json(&points)],
            )
            .await
            .expect("a plan");
        let mut extra = json!({"codes": [self.code]});
        if case.scenario == Scenario::Cash {
            extra["provider"] = "cod".into();
        } else {
            extra["use_wallet"] = true.into();
        }
        let body = at_provider(&[(&self.lamp.variant, 1)], extra);
        let reply = buyer.post_keyed("/v1/checkouts", &key, &body).await;
        // 201 where a lane was quicker with what failed than the request with its answer.
        assert!(
            matches!(reply.status, 201 | 202),
            "{}: {}",
            case.name(),
            reply.raw
        );
        text(&reply.body["id"]).parse().expect("an id")
    }

    /// Leads a case to its end.
    async fn play(&self, buyer: &Actor, case: Case) {
        let id = self.begin(buyer, case).await;
        let deadline = Instant::now() + Duration::from_secs(90);
        let (mut acted, mut reminded) = (false, false);
        let seen = loop {
            let seen = self.look(id).await;
            if seen.ended {
                break seen;
            }
            if seen.status.as_deref() == Some("awaiting_payment") {
                match case.scenario {
                    _ if acted => {}
                    Scenario::Cash => panic!("{}: cash is not waited for", case.name()),
                    Scenario::Paid => self.pay(buyer, id).await,
                    Scenario::Cancelled => {
                        let path = format!("/v1/checkouts/{id}/cancel");
                        let reply = buyer.post(&path, json!({})).await;
                        assert!(reply.status < 300, "{}: {}", case.name(), reply.raw);
                    }
                    Scenario::Reminded => self.app.pass("4 hours 1 second").await,
                    Scenario::Expired => self.app.pass("24 hours 1 second").await,
                }
                acted = true;
                if case.scenario == Scenario::Reminded && seen.reminders == 1 && !reminded {
                    reminded = true;
                    self.pay_again(buyer, id).await;
                }
            }
            assert!(
                Instant::now() < deadline,
                "{} does not end: {:?}",
                case.name(),
                seen.steps
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        };
        let reached = seen.steps.iter().any(|step| step == case.step.name());
        assert!(reached, "{}: only {:?}", case.name(), seen.steps);
        if case.fails_for_good() {
            assert_ne!(seen.status.as_deref(), Some("placed"), "{}", case.name());
        } else {
            assert_eq!(
                seen.status.as_deref(),
                Some(case.scenario.ends()),
                "{}",
                case.name()
            );
        }
        self.reached.lock().expect("no panic").extend(seen.steps);
        consistent(&self.sql, &case.name(), id).await;
    }
}

/// Stock, money, uses and orders agree about a checkout, soon.
pub async fn consistent(sql: &tokio_postgres::Client, what: &str, id: Uuid) {
    let statement = "SELECT concat_ws(', ',
            CASE WHEN EXISTS (SELECT 1 FROM \"order\".\"order\" o WHERE o.checkout_id = $1)
                   <> coalesce((SELECT c.status = 'placed' FROM \"order\".checkout c WHERE c.id = $1), false)
                 THEN 'orders' END,
            CASE WHEN EXISTS (SELECT 1 FROM inventory.reservation r WHERE r.checkout_id = $1
                     AND CASE WHEN EXISTS (SELECT 1 FROM \"order\".\"order\" o
                                           WHERE o.id = r.order_id AND o.status <> 'cancelled')
                              THEN r.state <> 'committed'
                              ELSE r.state IN ('reserved', 'committed') END)
                 THEN 'stock' END,
            CASE WHEN EXISTS (SELECT 1 FROM payment.session s WHERE s.id = $1
                     AND (s.state = 'open' OR (s.state = 'settled' AND s.refunded = 0
                          AND NOT EXISTS (SELECT 1 FROM \"order\".\"order\" o WHERE o.checkout_id = $1))))
                 THEN 'session' END,
            CASE WHEN EXISTS (SELECT 1 FROM payment.refund r WHERE r.session_id = $1 AND r.state = 'pending')
                 THEN 'refund' END,
            CASE WHEN EXISTS (SELECT 1 FROM promotion.hold h WHERE h.reference = $1
                     AND h.state <> CASE WHEN EXISTS (SELECT 1 FROM \"order\".\"order\" o WHERE o.checkout_id = $1)
                                         THEN 'committed' ELSE 'released' END)
                 THEN 'uses' END)";
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        let row = sql.query_one(statement, &[&id]).await;
        let wrong: String = row.expect("the state").get(0);
        if wrong.is_empty() {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{what}: {wrong} of {id} do not agree"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_of_a_checkout_may_fail_and_nothing_is_lost_or_left() {
    let app = App::own("checkout-workflow", &[]);
    let sql = app.sql().await;
    sql.batch_execute(TRIGGER).await.expect("the trigger");
    let seller = app.someone("Seller").await;
    let lamp = goods(&app, &seller, "Lamp", 40_000, UNITS).await;
    let code = code();
    let mut body = a_tenth_off(json!({}));
    body["code"] = code.clone().into();
    let promotion = seller.post("/v1/promotions", body).await.expect(201);
    let admin = admin(&app).await;
    let mut buyers = Vec::new();
    for i in 0..8 {
        let buyer = app.someone(&format!("Buyer{i}")).await;
        // Some of it from the wallet, at the first time.
        give(&admin, &buyer, 10_000, "VND").await;
        buyers.push(buyer);
    }
    let shop = Shop {
        app,
        sql,
        lamp,
        code,
        promotion: text(&promotion["id"]).to_owned(),
        reached: Mutex::default(),
    };

    let (timed, others): (Vec<Case>, Vec<Case>) = cases()
        .into_iter()
        .partition(|case| case.scenario.moves_the_clock());
    println!("{} cases", timed.len() + others.len());
    stream::iter(others.into_iter().enumerate())
        .for_each_concurrent(8, |(i, case)| shop.play(&buyers[i % buyers.len()], case))
        .await;
    for case in timed {
        shop.play(&buyers[0], case).await;
    }

    let reached = shop.reached.into_inner().expect("no panic");
    for step in CheckoutStep::ALL {
        assert!(
            reached.contains(step.name()),
            "no scenario reached {}",
            step.name()
        );
    }
    shop.app.events_settled().await;
    let row = shop
        .sql
        .query_one(
            "SELECT (SELECT count(*) FROM \"order\".workflow WHERE ended_at IS NULL),
                    (SELECT held_uses FROM promotion.used_v1($1::text::uuid)),
                    (SELECT count(*) FROM promotion.hold WHERE state = 'held'),
                    (SELECT coalesce(sum(reserved), 0)::bigint FROM inventory.stock),
                    (SELECT sum(on_hand)::bigint FROM inventory.stock)
                    + (SELECT coalesce(sum(l.quantity), 0)::bigint FROM \"order\".line l
                       JOIN \"order\".\"order\" o ON o.id = l.order_id WHERE o.status <> 'cancelled')",
            &[&shop.promotion],
        )
        .await
        .expect("the sums");
    let sums: [i64; 5] = [row.get(0), row.get(1), row.get(2), row.get(3), row.get(4)];
    assert_eq!(sums, [0, 0, 0, 0, i64::from(UNITS)]);
    reconciled(&shop.app).await;
    ledger_is_clean(&shop.app).await;
}
