//! Outbox and inbox, when messages are dropped, doubled, reordered or poisoned, and when workers
//! die or come back. Most of it on an app whose worker is halted, so that the test is the relay.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::first_sale::notified;
use crate::support::app::{App, shared};
use crate::support::events::{consume, event, publish};
use crate::support::goods::goods;
use crate::support::until;

/// An app whose relay never runs. One test at a time: whoever claims, claims everybody's events.
async fn halted() -> (&'static App, MutexGuard<'static, ()>) {
    static HALTED: OnceLock<App> = OnceLock::new();
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = TURN.lock().await;
    let app = HALTED.get_or_init(|| {
        let app = App::own("halted", &[]);
        app.signal("worker", libc::SIGSTOP);
        app
    });
    (app, turn)
}

/// Claims what is due for `subject` in account's outbox; others' claims are given back.
async fn claim(app: &App, lease_ms: i32) -> Vec<Value> {
    let text: String = app
        .module_sql("account")
        .await
        .query_one("SELECT account.outbox_claim(1000, $1)", &[&lease_ms])
        .await
        .expect("claimed")
        .get(0);
    serde_json::from_str(&text).expect("deliveries")
}

fn of<'a>(claimed: &'a [Value], consumer: &str, subject: Uuid) -> Option<&'a Value> {
    claimed
        .iter()
        .find(|d| d["consumer"] == consumer && d["event"]["subject"] == subject.to_string())
}

async fn settle(app: &App, delivery: &Value, outcome: &str) -> i32 {
    let marks = json!([{"event_id": delivery["event"]["id"], "consumer": delivery["consumer"],
        "lease": delivery["lease"], "outcome": outcome, "error": "by the test"}]);
    app.module_sql("account")
        .await
        .query_one(
            "SELECT account.outbox_mark($1)",
            &[&tokio_postgres::types::Json(&marks)],
        )
        .await
        .expect("settled")
        .get(0)
}

fn follow_of(follower: Uuid, seller: Uuid) -> Value {
    json!({"follower_id": follower, "seller_id": seller})
}

async fn follows(app: &App, follower: Uuid, seller: Uuid) -> Option<bool> {
    app.sql()
        .await
        .query_opt(
            "SELECT active FROM notification.follow WHERE follower_id = $1 AND seller_id = $2",
            &[&follower, &seller],
        )
        .await
        .expect("read")
        .map(|row| row.get(0))
}

#[tokio::test]
async fn a_dropped_wake_up_costs_time_and_nothing_else() {
    let app = shared();
    let (seller, fan) = (app.someone("Seller").await, app.someone("Fan").await);
    fan.put(&format!("/v1/me/following/{}", seller.id)).await;
    let item = goods(app, &seller, "Dropped", 1_000, 0).await;
    // The tick is deleted, which says nothing to anybody, instead of expiring.
    let mut redis = app.redis().await;
    let _: () = redis::cmd("DEL")
        .arg("stoa:tick:relay")
        .query_async(&mut redis)
        .await
        .expect("deleted");
    notified(&fan, "product.listed", &item.product).await;
}

#[tokio::test]
async fn a_doubled_event_has_one_effect() {
    let (app, _turn) = halted().await;
    let (follower, seller, product) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    consume(
        app,
        "notification",
        &[event(
            Uuid::now_v7(),
            "account.followed",
            Uuid::now_v7(),
            1,
            follow_of(follower, seller),
        )],
    )
    .await;
    let listed = event(
        Uuid::now_v7(),
        "product.status_changed",
        product,
        1,
        json!({
        "product_id": product, "seller_id": seller, "name": "Twice", "from_status": "draft",
        "to_status": "active", "first_listing": true}),
    );
    let outcomes = consume(app, "notification", &[listed.clone(), listed.clone()]).await;
    assert!(
        outcomes.iter().all(|o| o["outcome"] == "done"),
        "{outcomes:?}"
    );
    consume(app, "notification", &[listed]).await;
    let count: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM notification.notification WHERE account_id = $1",
            &[&follower],
        )
        .await
        .expect("counted")
        .get(0);
    assert_eq!(count, 1);
}

#[tokio::test]
async fn reordered_events_end_in_the_newest_state() {
    let (app, _turn) = halted().await;
    let (follower, seller, subject) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    let data = follow_of(follower, seller);
    consume(
        app,
        "notification",
        &[event(
            Uuid::now_v7(),
            "account.unfollowed",
            subject,
            2,
            data.clone(),
        )],
    )
    .await;
    consume(
        app,
        "notification",
        &[event(Uuid::now_v7(), "account.followed", subject, 1, data)],
    )
    .await;
    assert_eq!(follows(app, follower, seller).await, Some(false));
}

#[tokio::test]
async fn a_poisoned_event_becomes_a_dead_letter_and_its_subject_goes_on() {
    let app = shared();
    let (seller, fan) = (app.someone("Seller").await, app.someone("Fan").await);
    let subject = Uuid::now_v7();
    let poison = publish(
        app,
        "account",
        "account.followed",
        subject,
        1,
        json!({"follower_id": "rubbish"}),
    )
    .await;
    publish(
        app,
        "account",
        "account.followed",
        subject,
        2,
        follow_of(fan.id, seller.id),
    )
    .await;
    until(
        "the good event behind the poisoned one has its effect",
        Duration::from_secs(15),
        || async {
            follows(app, fan.id, seller.id)
                .await
                .filter(|active| *active)
        },
    )
    .await;
    let sql = app.sql().await;
    let row = sql
        .query_one(
            "SELECT d.dead_at IS NOT NULL, d.last_error FROM account.delivery d JOIN account.outbox o USING (seq)
             WHERE o.id = $1::text::uuid AND d.consumer = 'notification'",
            &[&poison],
        )
        .await
        .expect("the dead letter is there to be seen");
    assert!(row.get::<_, bool>(0));
    let error: String = row.get(1);
    assert!(error.contains("uuid"), "it says what is wrong: {error}");
    sql.execute(
        "DELETE FROM account.delivery WHERE subject = $1",
        &[&subject],
    )
    .await
    .expect("cleaned up");
}

#[tokio::test]
async fn an_event_that_kills_its_consumer_ten_times_becomes_a_dead_letter() {
    let (app, _turn) = halted().await;
    let subject = Uuid::now_v7();
    publish(
        app,
        "account",
        "account.followed",
        subject,
        1,
        follow_of(Uuid::now_v7(), Uuid::now_v7()),
    )
    .await;
    for _ in 0..10 {
        // Claimed and never settled: that is what a trap looks like from the outbox.
        until(
            "the delivery is claimed again",
            Duration::from_secs(5),
            || async { of(&claim(app, 1).await, "notification", subject).map(|_| ()) },
        )
        .await;
    }
    until("the delivery is dead", Duration::from_secs(5), || async {
        claim(app, 1).await;
        let sql = app.sql().await;
        let row = sql
            .query_one("SELECT dead_at IS NOT NULL FROM account.delivery WHERE subject = $1 AND consumer = 'notification'", &[&subject])
            .await
            .ok()?;
        row.get::<_, bool>(0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_consumer_killed_after_its_effect_does_not_repeat_it() {
    let (app, _turn) = halted().await;
    let (follower, seller, subject) = (Uuid::now_v7(), Uuid::now_v7(), Uuid::now_v7());
    publish(
        app,
        "account",
        "account.followed",
        subject,
        1,
        follow_of(follower, seller),
    )
    .await;
    let first = until("claimed", Duration::from_secs(5), || async {
        of(&claim(app, 1).await, "notification", subject).cloned()
    })
    .await;
    consume(app, "notification", &[first["event"].clone()]).await;
    // Killed here: nothing was settled. The lease runs out and another relay gets it.
    let second = until("claimed again", Duration::from_secs(5), || async {
        of(&claim(app, 60_000).await, "notification", subject).cloned()
    })
    .await;
    assert!(second["tries"].as_i64() > first["tries"].as_i64());
    let outcomes = consume(app, "notification", &[second["event"].clone()]).await;
    assert_eq!(outcomes[0]["outcome"], "done");
    assert_eq!(settle(app, &second, "done").await, 1);
    let inbox: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT count(*) FROM notification.inbox WHERE event_id = $1::text::uuid",
            &[&second["event"]["id"].as_str()],
        )
        .await
        .expect("counted")
        .get(0);
    assert_eq!(inbox, 1);
    assert_eq!(follows(app, follower, seller).await, Some(true));
}

#[tokio::test]
async fn an_old_lease_holder_that_comes_back_changes_nothing() {
    let (app, _turn) = halted().await;
    let subject = Uuid::now_v7();
    publish(
        app,
        "account",
        "account.followed",
        subject,
        1,
        follow_of(Uuid::now_v7(), Uuid::now_v7()),
    )
    .await;
    let old = until("claimed", Duration::from_secs(5), || async {
        of(&claim(app, 1).await, "notification", subject).cloned()
    })
    .await;
    let new = until("claimed by another", Duration::from_secs(5), || async {
        of(&claim(app, 60_000).await, "notification", subject).cloned()
    })
    .await;
    assert_eq!(
        settle(app, &old, "reject").await,
        0,
        "the old holder's verdict is ignored"
    );
    assert_eq!(settle(app, &new, "done").await, 1);
}

#[tokio::test]
async fn events_of_one_subject_are_handed_out_one_after_another() {
    let (app, _turn) = halted().await;
    let subject = Uuid::now_v7();
    for sequence in 1..=3 {
        publish(
            app,
            "account",
            "account.followed",
            subject,
            sequence,
            follow_of(Uuid::now_v7(), Uuid::now_v7()),
        )
        .await;
    }
    for sequence in 1..=3 {
        let delivery = until("the next is claimed", Duration::from_secs(5), || async {
            let claimed = claim(app, 200).await;
            let mine: Vec<&Value> = claimed
                .iter()
                .filter(|d| {
                    d["consumer"] == "notification" && d["event"]["subject"] == subject.to_string()
                })
                .collect();
            assert!(mine.len() <= 1, "one at a time: {mine:?}");
            mine.first().map(|d| (*d).clone())
        })
        .await;
        assert_eq!(delivery["event"]["sequence"], sequence);
        assert_eq!(settle(app, &delivery, "done").await, 1);
    }
}

#[tokio::test]
async fn published_events_hold_what_their_contract_says() {
    let app = shared();
    let wit = std::fs::read_to_string(crate::support::root().join("wit/events/payloads.wit"))
        .expect("the payloads");
    let record = regex::Regex::new(r"(?s)record ([a-z-]+) \{(.*?)\n? *\}").expect("a pattern");
    let field = regex::Regex::new(r"(?m)([a-z-]+): (option)?").expect("a pattern");
    let comment = regex::Regex::new(r"(?m)///.*$").expect("a pattern");
    let fields: std::collections::BTreeMap<String, Vec<(String, bool)>> = record
        .captures_iter(&wit)
        .map(|c| {
            let body = comment.replace_all(&c[2], "").into_owned();
            let fields = field
                .captures_iter(&body)
                .map(|f| (f[1].replace('-', "_"), f.get(2).is_some()))
                .collect();
            (c[1].to_owned(), fields)
        })
        .collect();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Contract", 1_000, 5).await;
    crate::support::goods::buy(&buyer, &[(&item.variant, 1)])
        .await
        .expect(201);
    let sql = app.sql().await;
    let mut kinds = std::collections::BTreeSet::new();
    for module in ["account", "catalog", "inventory", "order"] {
        // Events made by hand in other tests have no traceparent and a subject of their own; what
        // is read here are the modules' own, by their own subjects.
        let rows = sql
            .query(
                &format!("SELECT kind, data::text FROM \"{module}\".outbox WHERE data::text LIKE ANY ($1) OR subject = ANY ($2)"),
                &[
                    &vec![format!("%{}%", seller.id), format!("%{}%", buyer.id), format!("%{}%", item.variant)],
                    &vec![seller.id, buyer.id],
                ],
            )
            .await
            .expect("the outbox");
        for row in rows {
            let (kind, data): (String, String) = (row.get(0), row.get(1));
            let data: Value = serde_json::from_str(&data).expect("JSON");
            let contract = fields
                .get(&kind.replace(['.', '_'], "-"))
                .unwrap_or_else(|| panic!("{kind} is not in wit/events/payloads.wit"));
            for (name, optional) in contract {
                assert!(
                    *optional || !data[name].is_null(),
                    "{kind} lacks {name}: {data}"
                );
            }
            for name in data.as_object().expect("an object").keys() {
                assert!(
                    contract.iter().any(|(n, _)| n == name),
                    "{kind} has {name}, which its contract does not know"
                );
            }
            kinds.insert(kind);
        }
    }
    for kind in [
        "account.registered",
        "product.created",
        "product.status_changed",
        "inventory.stock_changed",
        "order.placed",
    ] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
}
