//! Letters that come late, or were tried before, and what they leave behind: asked of the modules' functions
//! themselves, in transactions of which nothing stays.

use serde_json::{Value, json};
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use crate::support::app::shared;

async fn begun(sql: &mut Client) -> Transaction<'_> {
    sql.transaction().await.expect("a transaction")
}

async fn count(sql: &Transaction<'_>, statement: &str, account: Uuid) -> i64 {
    let row = sql.query_one(statement, &[&account]).await;
    row.expect("a count").get(0)
}

#[tokio::test]
async fn of_what_was_tried_before_few_are_taken_and_they_leave_room_for_the_others() {
    let mut sql = shared().sql().await;
    let sql = begun(&mut sql).await;
    let account = Uuid::new_v4();
    // Twenty that were tried before, due before twenty that were not, and all before anybody else's.
    sql.execute(
        "INSERT INTO notification.message (id, event_id, account_id, channel, template, locale, data, sealed,
             state, tries, due_at, created_at, expires_at)
         SELECT gen_random_uuid(), gen_random_uuid(), $1, 'email', 'verify', 'en', '{}', 'x', 'queued',
                CASE WHEN n <= 20 THEN 2 ELSE 0 END, timestamp '2000-01-01' + make_interval(secs => n),
                shared.real_now(), shared.real_now() + interval '1 day'
         FROM generate_series(1, 40) n",
        &[&account],
    )
    .await
    .expect("letters");
    let mut tries = Vec::new();
    for _ in 0..2 {
        let claimed: Value = sql
            .query_one("SELECT notification.claim_messages_v1(16, 20000)", &[])
            .await
            .expect("a claim")
            .get(0);
        let claimed = claimed.as_array().expect("letters");
        let again = claimed.iter().filter(|letter| letter["tries"] == 3).count();
        tries.push((claimed.len(), again));
    }
    // The rest of the second claim is what others have to send just now.
    assert_eq!(tries[0], (16, 4));
    assert_eq!(tries[1].1, 4);
}

#[tokio::test]
async fn nothing_that_comes_late_is_kept_for_an_account_that_is_erased() {
    let mut sql = shared().sql().await;
    let sql = begun(&mut sql).await;
    for (erased, kept) in [(true, 0), (false, 1)] {
        let account = Uuid::new_v4();
        sql.execute(
            "INSERT INTO notification.person (id, name, sequence, erased) VALUES ($1, 'X', 1, $2)",
            &[&account, &erased],
        )
        .await
        .expect("a person");
        let letter = json!({
            "id": Uuid::new_v4(), "kind": "account.password_changed", "time": "2026-01-01T00:00:00Z",
            "data": {"account_id": account, "changed_by": "owner", "sealed": "x"},
        });
        let preferences = json!({
            "id": Uuid::new_v4(), "kind": "account.notification_preferences_changed", "sequence": 2,
            "data": {"account_id": account, "switched_off": ["orders:email"]},
        });
        for event in [letter, preferences] {
            sql.execute("SELECT notification.on_event($1)", &[&event])
                .await
                .expect("it is taken");
        }
        let letters = "SELECT count(*) FROM notification.message WHERE account_id = $1";
        assert_eq!(count(&sql, letters, account).await, kept);
        let preferences = "SELECT count(*) FROM notification.preference WHERE account_id = $1";
        assert_eq!(count(&sql, preferences, account).await, kept);
    }
}

#[tokio::test]
async fn what_is_sealed_is_gone_after_a_week_even_where_nobody_could_take_it() {
    let mut sql = shared().sql().await;
    let sql = begun(&mut sql).await;
    let account = Uuid::new_v4();
    sql.execute(
        "WITH event AS (
             INSERT INTO account.outbox (id, kind, subject, sequence, occurred_at, data)
             SELECT gen_random_uuid(), 'account.password_changed', $1, age,
                    shared.now() - make_interval(days => age), '{\"sealed\": \"x\", \"stays\": 1}'
             FROM unnest(ARRAY[6, 8]) age
             RETURNING seq, subject)
         INSERT INTO account.delivery (seq, consumer, subject, due_at, dead_at)
         SELECT seq, 'notification', subject, shared.now(), shared.now() FROM event",
        &[&account],
    )
    .await
    .expect("events that nobody takes");
    sql.execute("SELECT account.tidy()", &[])
        .await
        .expect("it is tidied");
    let sealed = "SELECT count(*) FROM account.outbox WHERE subject = $1 AND data ? 'sealed'";
    assert_eq!(count(&sql, sealed, account).await, 1);
    let stays = "SELECT count(*) FROM account.outbox WHERE subject = $1 AND data ? 'stays'";
    assert_eq!(count(&sql, stays, account).await, 2);
}
