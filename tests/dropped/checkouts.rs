//! Every way of a checkout that waits for its payment, somebody gone at any of their calls: the lane that
//! runs it, and whoever takes the payment.

use std::cell::OnceCell;
use std::time::Duration;

use serde_json::json;
use uuid::Uuid;

use crate::checkout_workflow::consistent;
use crate::checkouts::at_provider;
use crate::promotions::{a_tenth_off, code};
use crate::support::app::{App, text};
use crate::support::drops::{Drops, When};
use crate::support::goods::{Goods, goods, reconciled};
use crate::support::money::{ledger_is_clean, pay};
use crate::support::{Actor, until};

use super::{TRIES, Tally, Watch};

const UNITS: u32 = 10_000;

/// How a checkout goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// Declined first, and paid with another attempt.
    Paid,
    /// Its attempts first.
    Expired,
    /// By an operator.
    GivenUp,
    /// By the buyer.
    Cancelled,
}

impl Way {
    fn ends(self) -> &'static str {
        match self {
            Self::Paid => "placed",
            Self::Expired => "expired",
            Self::GivenUp | Self::Cancelled => "cancelled",
        }
    }

    /// Run by the lane from its first step. Otherwise the requests run it.
    fn is_the_lanes(self) -> bool {
        self != Self::Cancelled
    }
}

/// Takes a checkout of the lane's from the request that begins it, as if that had died at once, and keeps
/// it until it is let go.
const HOLD: &str = r#"
CREATE FUNCTION public.test_hold() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF NEW.input->>'key' LIKE 'lane-%' THEN
        NEW.fence := NEW.fence + 1;
        NEW.lease_until := 'infinity';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER test_hold BEFORE INSERT ON "order".workflow FOR EACH ROW EXECUTE FUNCTION public.test_hold();"#;

struct Shop {
    app: App,
    watch: Watch,
    buyer: Actor,
    lamp: Goods,
    code: String,
}

impl Shop {
    async fn open(name: &str) -> Option<Shop> {
        let app = App::own(name, &[]);
        let watch = Watch::of(&app).await?;
        watch.sql.batch_execute(HOLD).await.expect("the trigger");
        let seller = app.someone("Seller").await;
        let lamp = goods(&app, &seller, "Lamp", 40_000, UNITS).await;
        let code = code();
        let mut body = a_tenth_off(json!({}));
        body["code"] = code.clone().into();
        seller.prepare("/v1/promotions", &body).await.expect(201);
        Some(Shop {
            buyer: app.someone("Buyer").await,
            app,
            watch,
            lamp,
            code,
        })
    }

    async fn becomes(&self, what: &str, id: Uuid, status: &str) {
        let what = format!("{what}: it is {status}");
        until(&what, Duration::from_secs(60), || async {
            self.watch.bury().await;
            let statement = "SELECT status FROM \"order\".checkout WHERE id = $1 AND status = $2";
            let found = self.watch.sql.query_opt(statement, &[&id, &status]).await;
            found.ok()?
        })
        .await;
    }

    /// Waits until no attempt is open any more.
    async fn nobody_may_pay(&self, id: Uuid) {
        until("its attempt is over", Duration::from_secs(60), || async {
            self.watch.bury().await;
            let open =
                "SELECT FROM payment.leg WHERE session_id = $1 AND state IN ('created', 'pending')";
            let found = self.watch.sql.query_opt(open, &[&id]).await;
            found.ok()?.is_none().then_some(())
        })
        .await;
    }

    async fn pay(&self, id: Uuid) {
        let limit = Duration::from_secs(60);
        let path = format!("/v1/checkouts/{id}");
        let seen = until("where to pay", limit, || async {
            let reply = self.buyer.try_get(&path).await?;
            (reply.status == 200).then_some(reply.body)
        })
        .await;
        pay(&self.buyer, &seen, "decline").await;
        let path = format!("/v1/payment-sessions/{id}/attempts");
        let (key, body) = (Uuid::new_v4().to_string(), json!({"provider": "sandbox"}));
        let attempt = until("another attempt", limit, || async {
            self.watch.bury().await;
            let reply = self.buyer.try_post_keyed(&path, &key, &body).await?;
            (reply.status == 201).then_some(reply.body)
        })
        .await;
        let payment = json!({"payment": {"pay_url": attempt["pay_url"]}});
        pay(&self.buyer, &payment, "pay").await;
    }

    async fn cancel(&self, id: Uuid) {
        let path = format!("/v1/checkouts/{id}/cancel");
        let key = Uuid::new_v4().to_string();
        until("it is cancelled", Duration::from_secs(60), || async {
            self.watch.bury().await;
            let reply = self.buyer.try_post_keyed(&path, &key, &json!({})).await?;
            (reply.status < 300).then_some(())
        })
        .await;
    }

    /// Leads a checkout to its end. What is armed, or recorded, is so from the moment on at which it is
    /// on its way.
    async fn play(&self, way: Way, what: &str, arm: impl FnOnce(&Watch)) {
        let mut key = Uuid::new_v4().to_string();
        if way.is_the_lanes() {
            key = format!("lane-{key}");
        }
        let extra = json!({"codes": [self.code]});
        let body = at_provider(&[(&self.lamp.variant, 1)], extra);
        let begun = until("it is begun", Duration::from_secs(60), || async {
            let reply = self.buyer.try_post_keyed("/v1/checkouts", &key, &body);
            reply.await.filter(|reply| reply.status == 202)
        })
        .await;
        let id: Uuid = text(&begun.body["id"]).parse().expect("an id");
        if way.is_the_lanes() {
            arm(&self.watch);
            self.watch
                .sql
                .execute(
                    "UPDATE \"order\".workflow SET lease_until = shared.real_now(), retry_at = shared.real_now()
                     WHERE id = $1 AND lease_until = 'infinity'",
                    &[&id],
                )
                .await
                .expect("it is let go");
            self.watch.ring().await;
            self.becomes(what, id, "awaiting_payment").await;
        } else {
            self.becomes(what, id, "awaiting_payment").await;
            arm(&self.watch);
        }
        match way {
            Way::Paid => self.pay(id).await,
            Way::Cancelled => self.cancel(id).await,
            Way::GivenUp => {
                let cancel = "SELECT \"order\".workflow_cancel($1, 'a test')";
                let cancelled = self.watch.sql.query_one(cancel, &[&id]).await;
                cancelled.expect("it is given up");
            }
            Way::Expired => {
                self.app.pass("16 minutes").await;
                self.watch.ring().await;
                self.nobody_may_pay(id).await;
                self.app.pass("24 hours").await;
            }
        }
        self.watch.ring().await;
        self.becomes(what, id, way.ends()).await;
        consistent(&self.watch.sql, what, id).await;
    }

    async fn calls(&self, way: Way, component: &str) -> Vec<String> {
        let recording = OnceCell::new();
        let record = |drops: &Drops| drops.record(component);
        self.play(way, "recording", |watch| {
            recording.get_or_init(|| record(&watch.drops));
        })
        .await;
        let recording = recording.get().expect("it was recorded");
        self.watch.drops.recorded(recording)
    }

    /// Each call of a component on a way.
    async fn each(&self, tally: &mut Tally, way: Way, component: &str) {
        self.watch.payments_end(&self.app).await;
        let calls = self.calls(way, component).await;
        assert!(!calls.is_empty(), "{component} makes no calls: {way:?}");
        for target in tally.targets(component, calls) {
            for when in [When::Before, When::After] {
                for _ in 0..TRIES {
                    let (number, call) = (target.number, &target.call);
                    let what = format!("{way:?}, {component} {when:?} {number}. {call}");
                    let arm = |watch: &Watch| watch.arm(component, when, &target);
                    self.play(way, &what, arm).await;
                    let struck = self.watch.struck().await;
                    if !tally.note(component, when, &target, struck) {
                        break;
                    }
                }
            }
        }
    }

    /// Nothing is left open, and all agrees.
    async fn is_in_order(&self) {
        self.watch.payments_end(&self.app).await;
        self.app.events_settled().await;
        let row = self
            .watch
            .sql
            .query_one(
                "SELECT (SELECT count(*) FROM \"order\".workflow WHERE ended_at IS NULL),
                        (SELECT count(*) FROM payment.workflow WHERE ended_at IS NULL),
                        (SELECT count(*) FROM payment.leg WHERE state IN ('created', 'pending')),
                        (SELECT count(*) FROM payment.refund WHERE state = 'pending'),
                        (SELECT count(*) FROM payment.sandbox_webhook WHERE sent_at IS NULL),
                        (SELECT count(*) FROM promotion.hold WHERE state = 'held'),
                        (SELECT coalesce(sum(reserved), 0)::bigint FROM inventory.stock),
                        (SELECT sum(on_hand)::bigint FROM inventory.stock)
                        + (SELECT coalesce(sum(l.quantity), 0)::bigint FROM \"order\".line l
                           JOIN \"order\".\"order\" o ON o.id = l.order_id WHERE o.status <> 'cancelled')",
                &[],
            )
            .await
            .expect("the sums");
        let sums: Vec<i64> = (0..8).map(|column| row.get(column)).collect();
        assert_eq!(sums, [0, 0, 0, 0, 0, 0, 0, i64::from(UNITS)]);
        reconciled(&self.app).await;
        ledger_is_clean(&self.app).await;
    }
}

async fn all(name: &str, ways: &[(Way, &str)]) {
    let Some(shop) = Shop::open(name).await else {
        return;
    };
    let mut tally = Tally::default();
    for (way, component) in ways {
        shop.each(&mut tally, *way, component).await;
    }
    shop.is_in_order().await;
    tally.is_complete();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_call_of_those_who_run_a_checkout_may_be_their_last() {
    let ways = [
        (Way::Paid, "order-flows"),
        (Way::GivenUp, "order-flows"),
        (Way::Expired, "order-flows"),
        (Way::Cancelled, "order"),
    ];
    all("dropped-checkouts", &ways).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_call_of_those_who_take_its_payment_may_be_their_last() {
    let ways = [
        (Way::Paid, "payment"),
        (Way::Paid, "payment-flows"),
        (Way::Expired, "payment-flows"),
    ];
    all("dropped-payments", &ways).await;
}
