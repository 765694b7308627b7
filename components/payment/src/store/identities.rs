//! Who people are to whom money is paid out.

use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::items::{Items, items};
use super::keyed::keyed;
use super::params::{maybe_text, maybe_uuid, text, uuid};
use crate::DB;
use crate::domain::identity::{DocumentKind, IdentityState, Verdict};

/// What somebody says who they are.
#[derive(Debug)]
pub struct NewIdentity<'a> {
    pub legal_name: &'a str,
    pub country: &'a str,
    /// `YYYY-MM-DD`; of people.
    pub birth_date: Option<String>,
    pub document_kind: DocumentKind,
    /// The last four characters of its number.
    pub document_tail: &'a str,
    /// All of it, sealed.
    pub document_sealed: String,
}

/// Takes it down for staff to look at: status, body and whether the key had done it before.
pub async fn submit(
    account: Uuid,
    idempotency: &Idempotency,
    new: NewIdentity<'_>,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.submit_identity_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        account,
        idempotency,
        [
            text(new.legal_name),
            text(new.country),
            maybe_text(new.birth_date),
            text(new.document_kind.as_str()),
            text(new.document_tail),
            text(new.document_sealed),
        ],
    )
    .await
}

/// Decides about one: status, body and whether the key had done it before.
pub async fn decide(
    actor: Uuid,
    idempotency: &Idempotency,
    trace: Option<String>,
    id: Uuid,
    verdict: &Verdict,
) -> Result<Option<Row>, DbError> {
    keyed(
        "SELECT * FROM payment.decide_identity_v1($1, $2, $3, $4, $5, $6, $7, $8)",
        actor,
        idempotency,
        [
            maybe_text(trace),
            uuid(id),
            text(verdict.as_str()),
            maybe_text(verdict.reason()),
        ],
    )
    .await
}

/// Somebody's, newest first; everybody's in a state, the longest waiting first, where `account` is `None`.
pub async fn page(
    account: Option<Uuid>,
    state: Option<IdentityState>,
    page: &Page,
) -> Result<Items<Uuid>, DbError> {
    items(
        "SELECT * FROM payment.payout_identities_v1($1, $2, $3, $4)",
        vec![
            maybe_uuid(account),
            maybe_text(state.map(IdentityState::as_str)),
            maybe_uuid(page.after),
            ParameterValue::Int32(page.limit),
        ],
    )
    .await
}

/// One of them.
#[derive(Debug)]
pub struct Read {
    /// As JSON.
    pub json: String,
    /// To staff: all of the document's number, sealed, while it waits.
    pub sealed: Option<String>,
}

/// One of them for whose it is, or for staff. That staff have read it is written down.
pub async fn read(caller: Uuid, staff: bool, id: Uuid) -> Result<Option<Read>, DbError> {
    let row = DB
        .write_one(
            "SELECT * FROM payment.payout_identity_v1($1, $2, $3)",
            vec![uuid(caller), ParameterValue::Boolean(staff), uuid(id)],
        )
        .await?;
    row.map(|row| {
        Ok(Read {
            json: row.get(0)?,
            sealed: row.get(1)?,
        })
    })
    .transpose()
}
