//! Who people are to whom money is paid out: they say so, and staff look.

use axum::Extension;
use chrono::{DateTime, Datelike, NaiveDate};
use garde::Validate;
use serde::Deserialize;
use serde_json::Value;
use stoa_kit::http::{
    Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Query, RequestContext, Role,
};
use stoa_kit::time::unix_now;
use stoa_kit::{Error, Result, redis, seal, variables};
use uuid::Uuid;

use super::fields;
use crate::domain::identity::{DocumentKind, IdentityState, Verdict};
use crate::store::identities::{self, NewIdentity};

/// Who somebody is, as they say and staff find it.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PayoutIdentity {
    id: Uuid,
    account_id: Uuid,
    #[schema(inline)]
    state: IdentityState,
    /// Null in lists of everybody's and in answers to decisions, as all that is personal: read the identity.
    #[schema(example = "Nguyễn Thị Lan")]
    legal_name: Option<String>,
    #[schema(example = "VN")]
    country: String,
    /// Null of companies.
    birth_date: Option<NaiveDate>,
    #[schema(inline)]
    document_kind: DocumentKind,
    /// Its last characters; to staff all of it while it waits.
    #[schema(example = "****6789")]
    document_number: Option<String>,
    /// Why it was rejected.
    reason: Option<String>,
    submitted_at: DateTime<chrono::Utc>,
    decided_at: Option<DateTime<chrono::Utc>>,
    version: i64,
    /// To staff who read one: the last 100 things that were done with it, the oldest first. This is one.
    log: Option<Vec<PayoutIdentityAction>>,
}

/// Something that was done with an identity.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PayoutIdentityAction {
    /// `submitted`, `read`, `approved` or `rejected`.
    #[schema(example = "read")]
    action: String,
    actor_id: Option<Uuid>,
    at: DateTime<chrono::Utc>,
}

/// A page of identities.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PayoutIdentityPage {
    items: Vec<PayoutIdentity>,
    next_cursor: Option<String>,
}

/// Which identities to list.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PayoutIdentityFilter {
    /// Only those in this state. Of everybody's left out: `pending`.
    #[garde(skip)]
    #[param(inline)]
    state: Option<IdentityState>,
    /// Everybody's, those that wait longest first and without what is personal, for moderators.
    #[garde(skip)]
    #[serde(default)]
    #[param(default = false)]
    all: bool,
}

/// Lists the identities that the caller has submitted, newest first; for moderators everybody's.
#[utoipa::path(
    get,
    path = "/v1/payout-identities",
    tag = "payment",
    operation_id = "list_payout_identities",
    params(PageQuery, PayoutIdentityFilter),
    responses(
        (status = 200, description = "A page of identities.", body = PayoutIdentityPage),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`: `all` is for moderators; or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn page(
    caller: Caller,
    page: Page,
    Query(filter): Query<PayoutIdentityFilter>,
) -> Result<Answer> {
    caller.require_person()?;
    if filter.all {
        caller.require(Role::Moderator)?;
    }
    let whose = (!filter.all).then_some(caller.account_id);
    let items = identities::page(whose, filter.state, &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// Who somebody says they are.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "legal_name": "Nguyễn Thị Lan", "country": "VN", "birth_date": "1990-05-17",
    "document_kind": "national_id", "document_number": "001190012345"
}))]
pub struct NewPayoutIdentity {
    /// As the document has it, and the bank account that money goes to.
    #[garde(length(chars, min = 1, max = 100), custom(fields::line))]
    #[schema(min_length = 1, max_length = 100)]
    legal_name: String,
    /// Which issued the document: ISO 3166, two letters in upper case.
    #[garde(length(chars, max = 2), custom(fields::country))]
    #[schema(min_length = 2, max_length = 2)]
    country: String,
    /// Of people, and only of them.
    #[garde(skip)]
    birth_date: Option<NaiveDate>,
    #[garde(skip)]
    #[schema(inline)]
    document_kind: DocumentKind,
    /// Letters in upper case, digits and hyphens. Kept sealed until staff have decided; then its end only.
    #[garde(length(chars, min = 5, max = 40), custom(fields::document_number))]
    #[schema(min_length = 5, max_length = 40)]
    document_number: String,
}

impl NewPayoutIdentity {
    /// What no rule of a single field sees.
    fn check(&self) -> Result<()> {
        let wrong =
            |code: &'static str, text: &'static str| Err(Error::invalid("/birth_date", code, text));
        match self.birth_date {
            None if self.document_kind.is_of_a_person() => {
                wrong("missing_field", "People have a day of birth.")
            }
            Some(_) if !self.document_kind.is_of_a_person() => {
                wrong("not_allowed", "Companies have none.")
            }
            Some(day) if day.year() < 1900 || day >= today() => {
                wrong("out_of_range", "A day since 1900 that is over.")
            }
            _ => Ok(()),
        }
    }

    /// The last characters of the number.
    fn tail(&self) -> &str {
        let from = self.document_number.len().saturating_sub(4);
        self.document_number.get(from..).unwrap_or_default()
    }
}

/// By a real clock: people are not born by another.
fn today() -> NaiveDate {
    i64::try_from(unix_now())
        .ok()
        .and_then(|now| DateTime::from_timestamp(now, 0))
        .map_or(NaiveDate::MAX, |now| now.date_naive())
}

/// Says who the caller is, for staff to check: money is withdrawn by nobody else.
///
/// It takes the place of one that still waits. One that was approved counts until another one is.
#[utoipa::path(
    post,
    path = "/v1/payout-identities",
    tag = "payment",
    operation_id = "submit_payout_identity",
    request_body = NewPayoutIdentity,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "It waits for staff.", body = PayoutIdentity),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`address_unverified`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`idempotency_in_progress`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn submit(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewPayoutIdentity>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require_verified()?;
    body.check()?;
    let key = variables::get("identity_public_key").await?;
    let new = NewIdentity {
        legal_name: &body.legal_name,
        country: &body.country,
        birth_date: body.birth_date.map(|day| day.to_string()),
        document_kind: body.document_kind,
        document_tail: body.tail(),
        document_sealed: seal::seal(&key, body.document_number.as_bytes())?,
    };
    // Of the number its end: a hash of all of it would open the seal.
    let idempotency = idempotency.about(&serde_json::json!([
        new.legal_name,
        new.country,
        new.birth_date,
        new.document_kind.as_str(),
        new.document_tail
    ]));
    Answer::from_write(identities::submit(caller.account_id, &idempotency, new).await?)
}

/// Reads an identity of the caller's; moderators read all, which is written down.
#[utoipa::path(
    get,
    path = "/v1/payout-identities/{id}",
    tag = "payment",
    operation_id = "read_payout_identity",
    params(("id" = Uuid, Path, description = "The identity.")),
    responses(
        (status = 200, description = "The identity.", body = PayoutIdentity),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    let staff = caller.has(Role::Moderator);
    let found = identities::read(caller.account_id, staff, id)
        .await?
        .ok_or_else(Error::not_found)?;
    let Some(number) = opened(found.sealed.as_deref()).await? else {
        return Ok(Answer::json_text(found.json));
    };
    let mut identity: Value =
        serde_json::from_str(&found.json).map_err(|e| Error::internal(e.to_string()))?;
    if let Some(fields) = identity.as_object_mut() {
        fields.insert("document_number".to_owned(), number.into());
    }
    Answer::json(&identity)
}

/// What was sealed. One whose key was lost shows its end all the same, and can be rejected.
async fn opened(sealed: Option<&str>) -> Result<Option<String>> {
    let Some(sealed) = sealed else {
        return Ok(None);
    };
    let key = variables::get("identity_key").await?;
    let number = seal::open(&key, sealed)
        .ok()
        .and_then(|bytes| String::from_utf8(bytes).ok());
    if number.is_none() {
        eprintln!("payment: the number of a document does not open with identity_key");
    }
    Ok(number)
}

/// Approves an identity: its account may withdraw. For moderators, and not for their own.
///
/// One that was approved before has ended. The end of the document's number is all that is kept of it.
#[utoipa::path(
    post,
    path = "/v1/payout-identities/{id}/approve",
    tag = "payment",
    operation_id = "approve_payout_identity",
    params(
        ("id" = Uuid, Path, description = "The identity."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The identity as it is now.", body = PayoutIdentity),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `identity_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`idempotency_key_reused`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn approve(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
) -> Result<Answer> {
    decide(&caller, &idempotency, context, id, &Verdict::Approved).await
}

/// Why an identity is refused.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "The document has expired."}))]
pub struct PayoutIdentityRejection {
    /// For whose it is.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// Rejects an identity, also one that was approved. For moderators, and not for their own.
///
/// Its account withdraws nothing until another one is approved; what it has asked for already is approved no more.
#[utoipa::path(
    post,
    path = "/v1/payout-identities/{id}/reject",
    tag = "payment",
    operation_id = "reject_payout_identity",
    request_body = PayoutIdentityRejection,
    params(
        ("id" = Uuid, Path, description = "The identity."),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 200, description = "The identity as it is now.", body = PayoutIdentity),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`wrong_state` with `identity_status`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn reject(
    caller: Caller,
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<PayoutIdentityRejection>,
) -> Result<Answer> {
    let verdict = Verdict::Rejected(body.reason);
    decide(&caller, &idempotency, context, id, &verdict).await
}

async fn decide(
    caller: &Caller,
    idempotency: &Idempotency,
    context: RequestContext,
    id: Uuid,
    verdict: &Verdict,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Moderator)?;
    let row = identities::decide(
        caller.account_id,
        idempotency,
        context.traceparent,
        id,
        verdict,
    )
    .await?;
    redis::ring_relay();
    Answer::from_write(row)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointer(more: Value) -> Option<String> {
        let mut body = json!({"legal_name": "An", "country": "VN", "document_kind": "passport",
                              "document_number": "C1234567"});
        for (key, value) in more.as_object().expect("an object") {
            body[key] = value.clone();
        }
        let new: NewPayoutIdentity = serde_json::from_value(body).expect("a body");
        assert_eq!(new.tail(), "4567");
        match new.check() {
            Ok(()) => None,
            Err(Error::Invalid(errors)) => Some(errors[0].pointer.clone()),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn people_were_born_and_companies_were_not() {
        assert_eq!(pointer(json!({"birth_date": "1990-05-17"})), None);
        let company = json!({"document_kind": "company_registration"});
        assert_eq!(pointer(company), None);
        for wrong in [
            json!({}),
            json!({"birth_date": "1899-12-31"}),
            json!({"birth_date": "2999-01-01"}),
            json!({"birth_date": "1990-05-17", "document_kind": "company_registration"}),
        ] {
            assert_eq!(pointer(wrong).as_deref(), Some("/birth_date"));
        }
    }
}
