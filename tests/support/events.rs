//! Events made by hand.

use serde_json::{Value, json};
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::App;

/// Publishes an event by hand and returns its id.
pub async fn publish(
    app: &App,
    module: &str,
    kind: &str,
    subject: Uuid,
    sequence: i64,
    data: Value,
) -> String {
    let sql = app.sql().await;
    sql.query(
        &format!("SELECT \"{module}\".publish($1, $2, $3, $4)"),
        &[&kind, &subject, &sequence, &Json(&data)],
    )
    .await
    .expect("published");
    sql.query_one(
        &format!("SELECT id::text FROM \"{module}\".outbox WHERE subject = $1 AND sequence = $2"),
        &[&subject, &sequence],
    )
    .await
    .expect("the event")
    .get(0)
}

/// An event as the relay hands it over.
pub fn event(id: Uuid, kind: &str, subject: Uuid, sequence: i64, data: Value) -> Value {
    json!({"id": id, "source": "account", "kind": kind, "subject": subject, "sequence": sequence,
           "time": "2026-01-02T03:04:05.000Z", "data": data})
}

/// Hands events to a module, past the relay, and returns the outcomes.
pub async fn consume(app: &App, module: &str, events: &[Value]) -> Vec<Value> {
    let text: String = app
        .module_sql(module)
        .await
        .query_one(
            &format!("SELECT \"{module}\".inbox_consume($1)"),
            &[&Json(events)],
        )
        .await
        .expect("the batch is consumed")
        .get(0);
    serde_json::from_str(&text).expect("outcomes")
}
