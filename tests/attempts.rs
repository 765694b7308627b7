//! Payments that no provider tells of: whatever became of the attempt here, they are found, and taken or
//! given back.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::checkouts::{at_provider, becomes, waiting};
use crate::emulators::Fault;
use crate::emulators::vnpay::{HASH_SECRET, TMN_CODE, Vnpay};
use crate::payment_workflows::{is_stuck, often_failed};
use crate::support::app::{App, shared, text};
use crate::support::goods::goods;
use crate::support::money::{ledger_is_clean, pay};
use crate::support::{Actor, until};

const PRICE: i64 = 120_000;

/// An app whose clock is moved.
struct World {
    app: App,
    vnpay: Vnpay,
    /// One test at a time moves it.
    turn: Mutex<()>,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let vnpay = Vnpay::start();
        let variables = [
            ("payment_providers", "sandbox,vnpay,cod"),
            ("vnpay_url", vnpay.url.as_str()),
            ("vnpay_tmn_code", TMN_CODE),
            ("vnpay_hash_secret", HASH_SECRET),
        ];
        World {
            app: App::with_variables("attempts", &variables, &[]),
            vnpay,
            turn: Mutex::const_new(()),
        }
    })
}

/// Somebody's checkout that waits for its payment.
async fn checkout(app: &App, provider: &str) -> (Actor, Value) {
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Lamp", PRICE, 5).await;
    let body = at_provider(&[(&item.variant, 1)], json!({"provider": provider}));
    let checkout = waiting(&buyer, &body).await;
    (buyer, checkout)
}

async fn cancel(buyer: &Actor, checkout: &Value) {
    let path = format!("/v1/checkouts/{}/cancel", text(&checkout["id"]));
    let key = Uuid::new_v4().to_string();
    let reply = buyer.post_keyed(&path, &key, &json!({})).await;
    assert!(reply.status < 300, "{}", reply.raw);
    becomes(buyer, checkout, "cancelled").await;
}

/// The attempts of a checkout, the first one first: the leg, its state, and what the sandbox took and gave.
async fn attempts(app: &App, checkout: &Value) -> Vec<(Uuid, String, i64, i64)> {
    app.sql()
        .await
        .query(
            "SELECT l.id, l.state, coalesce(p.taken, 0)::bigint, coalesce(p.refunded, 0)::bigint
             FROM payment.leg l LEFT JOIN payment.sandbox_payment p ON p.leg_id = l.id
             WHERE l.session_id = $1::text::uuid ORDER BY l.position",
            &[&text(&checkout["id"])],
        )
        .await
        .expect("the attempts")
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3)))
        .collect()
}

async fn attempt(app: &App, checkout: &Value) -> Uuid {
    attempts(app, checkout).await.first().expect("an attempt").0
}

/// Waits until the attempts of a checkout have come to this: their states, and what the sandbox took and
/// gave.
async fn become_of_it(app: &App, checkout: &Value, wanted: &[(&str, i64, i64)]) {
    let what = format!("the attempts come to {wanted:?}");
    until(&what, Duration::from_secs(40), || async {
        let found = attempts(app, checkout).await;
        let found: Vec<(&str, i64, i64)> = found
            .iter()
            .map(|(_, state, took, gave)| (state.as_str(), *took, *gave))
            .collect();
        (found == wanted).then_some(())
    })
    .await;
}

/// The books are right, once nobody works on them.
async fn all_is_well(app: &App) {
    app.events_settled().await;
    ledger_is_clean(app).await;
}

#[tokio::test]
async fn what_was_paid_unheard_goes_back_when_the_buyer_cancels() {
    let app = shared();
    let (buyer, checkout) = checkout(app, "sandbox").await;
    pay(&buyer, &checkout, "no_answer").await;
    cancel(&buyer, &checkout).await;
    // The sandbox does not let go of what is paid, and is asked at once.
    become_of_it(app, &checkout, &[("late", PRICE, PRICE)]).await;
    all_is_well(app).await;
}

#[tokio::test]
async fn of_two_payments_the_first_which_nobody_heard_of_goes_back() {
    let app = shared();
    let (buyer, checkout) = checkout(app, "sandbox").await;
    pay(&buyer, &checkout, "no_answer").await;
    let path = format!("/v1/payment-sessions/{}/attempts", text(&checkout["id"]));
    let second = buyer
        .prepare(&path, &json!({"provider": "sandbox"}))
        .await
        .expect(201);
    let second = json!({"payment": {"pay_url": second["pay_url"]}});
    become_of_it(app, &checkout, &[("late", PRICE, PRICE), ("pending", 0, 0)]).await;
    pay(&buyer, &second, "pay").await;
    becomes(&buyer, &checkout, "placed").await;
    let both = [("late", PRICE, PRICE), ("settled", PRICE, 0)];
    become_of_it(app, &checkout, &both).await;
    all_is_well(app).await;
}

#[tokio::test]
async fn whoever_closed_an_attempt_its_provider_is_asked_when_its_time_is_over() {
    let World { app, turn, .. } = world();
    let _turn = turn.lock().await;
    // Cancelled by somebody who died before the provider was told.
    let (buyer, cancelled) = checkout(app, "sandbox").await;
    pay(&buyer, &cancelled, "no_answer").await;
    app.module_sql("payment")
        .await
        .query(
            "SELECT payment.cancel_session_v1($1::text::uuid, false, 'a test')",
            &[&text(&cancelled["id"])],
        )
        .await
        .expect("it is cancelled");
    cancel(&buyer, &cancelled).await;
    // And one that has failed, for all that was heard.
    let (failed_buyer, failed) = checkout(app, "sandbox").await;
    pay(&failed_buyer, &failed, "no_answer").await;
    app.module_sql("payment")
        .await
        .query(
            "SELECT payment.leg_failed_v1($1, 'a test')",
            &[&attempt(app, &failed).await],
        )
        .await
        .expect("it has failed");
    become_of_it(app, &cancelled, &[("cancelled", PRICE, 0)]).await;
    become_of_it(app, &failed, &[("failed", PRICE, 0)]).await;
    app.pass("16 minutes").await;
    become_of_it(app, &cancelled, &[("late", PRICE, PRICE)]).await;
    becomes(&failed_buyer, &failed, "placed").await;
    become_of_it(app, &failed, &[("settled", PRICE, 0)]).await;
    all_is_well(app).await;
}

#[tokio::test]
async fn what_vnpay_takes_after_the_end_is_found_an_hour_later() {
    let World { app, vnpay, turn } = world();
    let _turn = turn.lock().await;
    let (buyer, open) = checkout(app, "vnpay").await;
    let (other, given_up) = checkout(app, "vnpay").await;
    let visit = |checkout: &Value| {
        let url = text(&checkout["payment"]["pay_url"]);
        vnpay.visit(url).expect("VNPAY shows its page")
    };
    let (of_open, of_given_up) = (visit(&open), visit(&given_up));
    cancel(&other, &given_up).await;
    app.pass("16 minutes").await;
    let sql = app.sql().await;
    for checkout in [&open, &given_up] {
        let leg = attempt(app, checkout).await;
        until("its time is over", Duration::from_secs(40), || async {
            let closed = "SELECT FROM payment.journal WHERE workflow_id = $1 AND step = 'close'";
            sql.query_opt(closed, &[&leg]).await.ok()?
        })
        .await;
        become_of_it(app, checkout, &[("cancelled", 0, 0)]).await;
    }
    // Both pages are open still, and nobody hears of it.
    vnpay.decide(&of_open, true);
    vnpay.decide(&of_given_up, true);
    app.pass("1 hour").await;
    becomes(&buyer, &open, "placed").await;
    become_of_it(app, &open, &[("settled", 0, 0)]).await;
    become_of_it(app, &given_up, &[("late", 0, 0)]).await;
    until("VNPAY gives it back", Duration::from_secs(40), || async {
        (vnpay.took_and_gave(&of_given_up) == (PRICE, PRICE)).then_some(())
    })
    .await;
    assert_eq!(vnpay.took_and_gave(&of_open), (PRICE, 0));
    all_is_well(app).await;
}

#[tokio::test]
async fn what_vnpay_took_is_heard_of_when_an_operator_gives_the_attempt_up() {
    let World { app, vnpay, turn } = world();
    let _turn = turn.lock().await;
    let (buyer, checkout) = checkout(app, "vnpay").await;
    let url = text(&checkout["payment"]["pay_url"]);
    let reference = vnpay.visit(url).expect("VNPAY shows its page");
    vnpay.decide(&reference, true);
    // It does not answer at first, and cancelling binds it to nothing.
    vnpay.faults.next(&[Fault::Broken]);
    let leg = attempt(app, &checkout).await;
    app.module_sql("payment")
        .await
        .query("SELECT payment.workflow_cancel($1, 'a test')", &[&leg])
        .await
        .expect("it is given up");
    becomes(&buyer, &checkout, "placed").await;
    become_of_it(app, &checkout, &[("settled", 0, 0)]).await;
    assert_eq!(vnpay.faults.left(), 0);
    assert_eq!(vnpay.took_and_gave(&reference), (PRICE, 0));
    all_is_well(app).await;
}

#[tokio::test]
async fn what_vnpay_holds_for_review_waits_for_a_person() {
    let World { app, vnpay, turn } = world();
    let _turn = turn.lock().await;
    let (buyer, checkout) = checkout(app, "vnpay").await;
    let url = text(&checkout["payment"]["pay_url"]);
    let reference = vnpay.visit(url).expect("VNPAY shows its page");
    vnpay.hold(&reference);
    let (sql, leg) = (app.sql().await, attempt(app, &checkout).await);
    app.pass("16 minutes").await;
    // Whoever wants to pay otherwise does not wait for it.
    often_failed(&sql, leg, "resolve/expired", 39).await;
    become_of_it(app, &checkout, &[("failed", 0, 0)]).await;
    app.pass("1 hour").await;
    often_failed(&sql, leg, "look_again", 59).await;
    is_stuck(&sql, leg).await;
    // Somebody at VNPAY has looked.
    vnpay.decide(&reference, true);
    app.module_sql("payment")
        .await
        .query("SELECT payment.workflow_again($1)", &[&leg])
        .await
        .expect("it is tried again");
    becomes(&buyer, &checkout, "placed").await;
    become_of_it(app, &checkout, &[("settled", 0, 0)]).await;
    all_is_well(app).await;
}
