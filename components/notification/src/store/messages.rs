//! Letters: claimed and marked by their sender, seen and tried again by moderators, shown by the mailbox.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use crate::DB;
use crate::domain::letters::Channel;

/// How many letters are taken at a time that were tried before, as `claim_messages_v1` has it.
pub const AGAIN: usize = 4;

/// A letter that is this sender's for the time of its lease.
#[derive(Deserialize)]
pub struct Claimed {
    pub id: Uuid,
    pub lease: Uuid,
    pub channel: Channel,
    pub template: String,
    pub locale: String,
    pub data: Value,
    /// Address and secret.
    pub sealed: String,
    /// How often it was taken to be sent, this time included.
    pub tries: i32,
}

/// What became of a claimed letter.
#[derive(Serialize)]
pub struct Outcome {
    pub id: Uuid,
    pub lease: Uuid,
    /// `sent`, `failed` (to be tried again), or why it is dead: `refused`, `no_provider`, `unreadable`.
    pub outcome: &'static str,
    pub provider: Option<&'static str>,
    /// The provider's name for it.
    pub provider_ref: Option<String>,
    /// What went wrong; nothing that a provider was told.
    pub error: Option<String>,
    /// The address under which the mailbox shows it.
    pub mailbox: Option<String>,
}

/// Takes letters that are due, at most so many, and [`AGAIN`] of those that were tried before.
///
/// # Errors
/// [`DbError`]
pub async fn claim(limit: usize, lease_ms: i32) -> Result<Vec<Claimed>, DbError> {
    let params = vec![
        ParameterValue::Int32(i32::try_from(limit).unwrap_or(i32::MAX)),
        ParameterValue::Int32(lease_ms),
    ];
    // Not repeated: what was claimed and never heard of comes back when its lease ends.
    let rows = DB
        .write_once("SELECT notification.claim_messages_v1($1, $2)", params)
        .await?;
    read(rows.first())
}

/// Notes what became of a letter.
///
/// # Errors
/// [`DbError`]
pub async fn done(outcome: &Outcome) -> Result<(), DbError> {
    let outcomes = serde_json::to_vec(&[outcome]).map_err(|e| DbError::Shape(e.to_string()))?;
    DB.write(
        "SELECT notification.messages_done_v1($1)",
        vec![ParameterValue::Jsonb(outcomes)],
    )
    .await
    .map(|_| ())
}

/// The jsonb of a row, read.
fn read<T: serde::de::DeserializeOwned>(row: Option<&Row>) -> Result<T, DbError> {
    let value: Value = row
        .ok_or_else(|| DbError::Shape("a function returned no row".into()))?
        .get(0)?;
    serde_json::from_value(value).map_err(|e| DbError::Shape(e.to_string()))
}

#[cfg(feature = "http")]
pub use requests::{Delivered, Items, State, mailbox, page, retry};

#[cfg(feature = "http")]
mod requests {
    use serde::Deserialize;
    use serde_json::Value;
    use stoa_kit::http::{Idempotency, Page};
    use stoa_kit::pg::{DbError, ParameterValue, Row};
    use uuid::Uuid;

    use super::read;
    use crate::DB;
    use crate::domain::letters::Channel;

    /// Where a letter stands.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
    #[serde(rename_all = "snake_case")]
    pub enum State {
        /// It is to be sent, or sent again.
        Queued,
        /// A provider has taken it.
        Sent,
        /// It will not be sent unless somebody says so.
        Dead,
    }

    impl State {
        fn as_str(self) -> &'static str {
            match self {
                Self::Queued => "queued",
                Self::Sent => "sent",
                Self::Dead => "dead",
            }
        }
    }

    /// A page of a list.
    #[derive(Debug)]
    pub struct Items {
        /// A JSON array.
        pub json: String,
        pub next: Option<Uuid>,
    }

    /// Letters in a state, or in any, newest first.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn page(state: Option<State>, page: &Page) -> Result<Items, DbError> {
        let state = state.map_or(ParameterValue::DbNull, |state| {
            ParameterValue::Str(state.as_str().to_owned())
        });
        let row = DB
            .read_one(
                "SELECT items, next_id FROM notification.messages_page_v1($1, $2, $3)",
                vec![
                    state,
                    page.after.map_or(ParameterValue::DbNull, uuid),
                    ParameterValue::Int32(page.limit),
                ],
            )
            .await?
            .ok_or_else(|| DbError::Shape("the page returned no row".into()))?;
        Ok(Items {
            json: row.get(0)?,
            next: row.get(1)?,
        })
    }

    /// Has a dead letter tried again. Returns `status, body, replayed`.
    ///
    /// # Errors
    /// Refused with `not_found`, `wrong_state` or `message_expired`.
    pub async fn retry(
        caller: Uuid,
        idempotency: &Idempotency,
        id: Uuid,
    ) -> Result<Option<Row>, DbError> {
        let [key, hash, reference] = idempotency.params();
        DB.write_one(
            "SELECT status, body, replayed FROM notification.retry_message_v1($1, $2, $3, $4, $5)",
            vec![uuid(caller), key, hash, reference, uuid(id)],
        )
        .await
    }

    /// A letter in the mailbox.
    #[derive(Deserialize)]
    pub struct Delivered {
        pub to: String,
        pub channel: Channel,
        pub template: String,
        pub locale: String,
        pub data: Value,
        /// Address and secret.
        pub sealed: String,
        /// RFC 3339.
        pub sent_at: String,
    }

    /// The newest letters in the mailbox, all or those to an address.
    ///
    /// # Errors
    /// [`DbError`]
    pub async fn mailbox(to: Option<&str>, limit: i32) -> Result<Vec<Delivered>, DbError> {
        let to = to.map_or(ParameterValue::DbNull, |to| {
            ParameterValue::Str(to.to_owned())
        });
        let row = DB
            .read_one(
                "SELECT notification.mailbox_v1($1, $2)",
                vec![to, ParameterValue::Int32(limit)],
            )
            .await?;
        read(row.as_ref())
    }

    fn uuid(id: Uuid) -> ParameterValue {
        ParameterValue::Uuid(id.to_string())
    }
}
