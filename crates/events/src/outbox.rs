//! The five functions of `events`, each one statement.

use serde::Deserialize;
use serde_json::{Value, json};
use stoa_kit::pg::{Db, DbError, ParameterValue, Row};

use crate::bindings::stoa::events::types::{Backlog, Delivery, Event, Mark, Outcome};
use crate::bindings::stoa::types::common::Fault;

/// A module's database and the statements over its schema; made by [`crate::module_events!`].
#[derive(Debug, Clone, Copy)]
pub struct ModuleEvents {
    /// The module's database.
    pub db: Db,
    /// `outbox_claim(int, int) → text`
    pub claim: &'static str,
    /// `outbox_mark(jsonb) → int`
    pub mark: &'static str,
    /// `inbox_consume(jsonb) → text`
    pub consume: &'static str,
    /// `tidy() → bigint`
    pub tidy: &'static str,
    /// `outbox_backlog() → (bigint, bigint, bigint)`
    pub backlog: &'static str,
}

#[derive(Deserialize)]
struct ClaimedRow {
    event: EventRow,
    consumer: String,
    tries: u32,
    lease: String,
}

#[derive(Deserialize)]
struct EventRow {
    id: String,
    source: String,
    kind: String,
    subject: String,
    sequence: i64,
    time: String,
    traceparent: Option<String>,
    data: Value,
}

#[derive(Deserialize)]
struct OutcomeRow {
    outcome: String,
    #[serde(default)]
    error: String,
}

impl ModuleEvents {
    /// See `claim` in the WIT. Not repeated: a claim whose answer is lost ends with its lease.
    pub async fn claim(&self, limit: u32, lease_ms: u32) -> Result<Vec<Delivery>, Fault> {
        let rows = self
            .db
            .write_once(self.claim, vec![int(limit), int(lease_ms)])
            .await
            .map_err(fault)?;
        let claimed: Vec<ClaimedRow> = parse(&one::<String>(&rows)?)?;
        Ok(claimed
            .into_iter()
            .map(|row| Delivery {
                event: Event {
                    id: row.event.id,
                    source: row.event.source,
                    kind: row.event.kind,
                    subject: row.event.subject,
                    sequence: row.event.sequence,
                    time: row.event.time,
                    traceparent: row.event.traceparent,
                    data: row.event.data.to_string(),
                },
                consumer: row.consumer,
                tries: row.tries,
                lease: row.lease,
            })
            .collect())
    }

    /// See `settle` in the WIT.
    pub async fn mark(&self, marks: Vec<Mark>) -> Result<u32, Fault> {
        let marks: Vec<Value> = marks
            .into_iter()
            .map(|mark| {
                let (outcome, error) = match mark.outcome {
                    Outcome::Done => ("done", None),
                    Outcome::Retry(text) => ("retry", Some(text)),
                    Outcome::Reject(text) => ("reject", Some(text)),
                };
                json!({
                    "event_id": mark.event_id, "consumer": mark.consumer, "lease": mark.lease,
                    "outcome": outcome, "error": error,
                })
            })
            .collect();
        let rows = self
            .db
            .write(self.mark, vec![jsonb(&marks)])
            .await
            .map_err(fault)?;
        let accepted: i32 = one(&rows)?;
        Ok(u32::try_from(accepted).unwrap_or(0))
    }

    /// See `handle` in the WIT.
    pub async fn handle(&self, events: Vec<Event>) -> Result<Vec<Outcome>, Fault> {
        let wanted = events.len();
        let mut parsed = Vec::with_capacity(wanted);
        for event in events {
            let data: Value = parse(&event.data)?;
            parsed.push(json!({
                "id": event.id, "source": event.source, "kind": event.kind,
                "subject": event.subject, "sequence": event.sequence, "time": event.time,
                "traceparent": event.traceparent, "data": data,
            }));
        }
        let rows = self
            .db
            .write(self.consume, vec![jsonb(&parsed)])
            .await
            .map_err(fault)?;
        let outcomes: Vec<OutcomeRow> = parse(&one::<String>(&rows)?)?;
        if outcomes.len() != wanted {
            return Err(Fault::Invalid(format!(
                "{wanted} events, {} outcomes",
                outcomes.len()
            )));
        }
        Ok(outcomes
            .into_iter()
            .map(|row| match row.outcome.as_str() {
                "done" => Outcome::Done,
                "reject" => Outcome::Reject(row.error),
                _ => Outcome::Retry(row.error),
            })
            .collect())
    }

    /// See `tidy` in the WIT.
    pub async fn tidy(&self) -> Result<u64, Fault> {
        let rows = self
            .db
            .write_once(self.tidy, Vec::new())
            .await
            .map_err(fault)?;
        let changed: i64 = one(&rows)?;
        Ok(u64::try_from(changed).unwrap_or(0))
    }

    /// See `waiting` in the WIT.
    pub async fn backlog(&self) -> Result<Backlog, Fault> {
        let rows = self
            .db
            .read(self.backlog, Vec::new())
            .await
            .map_err(fault)?;
        let row = rows
            .first()
            .ok_or_else(|| Fault::Unavailable("no row".into()))?;
        let count = |index| {
            row.get::<i64>(index)
                .map(|n| u64::try_from(n).unwrap_or(0))
                .map_err(fault)
        };
        Ok(Backlog {
            pending: count(0)?,
            dead: count(1)?,
            oldest_ms: count(2)?,
        })
    }
}

/// How a contract reports a database error: what may be repeated, and what may not.
#[must_use]
pub fn fault(error: DbError) -> Fault {
    match error {
        DbError::Busy(_) | DbError::Lost(_) => Fault::Unavailable(error.to_string()),
        other => Fault::Invalid(other.to_string()),
    }
}

fn one<T: stoa_kit::pg::FromDb>(rows: &[Row]) -> Result<T, Fault> {
    rows.first()
        .ok_or_else(|| Fault::Unavailable("the statement returned no row".into()))?
        .get(0)
        .map_err(fault)
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Fault> {
    serde_json::from_str(text).map_err(|e| Fault::Invalid(e.to_string()))
}

fn int(value: u32) -> ParameterValue {
    ParameterValue::Int32(i32::try_from(value).unwrap_or(i32::MAX))
}

fn jsonb(value: &[Value]) -> ParameterValue {
    ParameterValue::Jsonb(Value::from(value.to_vec()).to_string().into_bytes())
}
