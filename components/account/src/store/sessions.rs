//! Sessions: refreshed, listed, ended.

use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::logins::Grant;
use super::{Items, optional, optional_uuid, some, text, uuid};
use crate::DB;
use stoa_kit::secret::Secret;

/// What spending a refresh token came to.
#[derive(Debug)]
pub enum Refreshed {
    /// A successor, and what an access token is made of.
    Done {
        session_id: Uuid,
        successor: Secret,
        grant: Grant,
    },
    /// No such token, or its time or its session is over.
    Invalid,
    /// Spent before: its session has been revoked.
    Reused,
}

/// Spends a refresh token. May be repeated: within 10 s the same token has the same successor.
pub async fn refresh(
    token: &Secret,
    address: String,
    trace: Option<String>,
) -> Result<Refreshed, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM account.refresh_v1($1, $2, $3)",
            vec![
                ParameterValue::Binary(token.bytes().to_vec()),
                text(address),
                optional(trace),
            ],
        )
        .await?;
    let row = some(row)?;
    match row.get::<String>(0)?.as_str() {
        "refreshed" => {
            let successor: [u8; 32] = row
                .get::<Vec<u8>>(6)?
                .try_into()
                .map_err(|_| DbError::Shape("a successor has 32 bytes".into()))?;
            Ok(Refreshed::Done {
                session_id: row.get(1)?,
                successor: Secret::new(successor),
                grant: Grant::from_row(&row, 2)?,
            })
        }
        "reused" => Ok(Refreshed::Reused),
        _ => Ok(Refreshed::Invalid),
    }
}

/// An account's living sessions, newest first.
pub async fn page(account: Uuid, current: Uuid, page: &Page) -> Result<Items, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM account.sessions_page_v1($1, $2, $3, $4)",
            vec![
                uuid(account),
                uuid(current),
                optional_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    Items::from_row(row)
}

/// Ends one session of an account, or with `None` all.
pub async fn logout(
    account: Uuid,
    session: Option<Uuid>,
    trace: Option<String>,
) -> Result<(), DbError> {
    DB.write(
        "SELECT account.logout_v1($1, $2, $3)",
        vec![uuid(account), optional_uuid(session), optional(trace)],
    )
    .await
    .map(|_| ())
}
