//! Who locks several rows of a checkout locks them in one order.

use std::time::Duration;

use uuid::Uuid;

use crate::support::app::shared;
use crate::support::until;

#[tokio::test]
async fn who_gives_a_checkout_up_waits_for_its_key_before_it_touches_its_workflow() {
    let app = shared();
    let (first, mut second) = (app.module_sql("order").await, app.module_sql("order").await);
    let (buyer, checkout) = (Uuid::now_v7(), Uuid::now_v7());
    let key = checkout.to_string();
    first
        .execute(
            "SELECT checkout_id FROM \"order\".begin_checkout_v1(
                 $1, $2, repeat('0', 64), $3, NULL, '{\"lines\": []}')",
            &[&buyer, &key, &checkout],
        )
        .await
        .expect("begun");
    let pid: i32 = first
        .query_one("SELECT pg_backend_pid()", &[])
        .await
        .expect("a pid")
        .get(0);

    // Somebody repeats the request: the key first.
    let repeats = second.transaction().await.expect("a transaction");
    repeats
        .execute(
            "SELECT FROM \"order\".idempotency WHERE account_id = $1 AND key = $2 FOR UPDATE",
            &[&buyer, &key],
        )
        .await
        .expect("the key");
    let gives_up = tokio::spawn(async move {
        first
            .query_one(
                "SELECT \"order\".abandon_checkout_v1($1, $2, $3, 1)",
                &[&buyer, &key, &checkout],
            )
            .await
            .map(|row| row.get::<_, bool>(0))
    });
    let sql = app.sql().await;
    until("it waits for the key", Duration::from_secs(10), || async {
        let waits = "SELECT FROM pg_locks WHERE pid = $1 AND NOT granted";
        sql.query_opt(waits, &[&pid]).await.ok().flatten()
    })
    .await;
    // And then the workflow, which nobody has who waits for the key.
    repeats
        .execute(
            "SELECT FROM \"order\".workflow WHERE id = $1 FOR NO KEY UPDATE NOWAIT",
            &[&checkout],
        )
        .await
        .expect("the workflow is free");
    repeats.commit().await.expect("done");
    let given_up = gives_up.await.expect("no panic").expect("no deadlock");
    assert!(given_up, "it was nobody else's");
}
