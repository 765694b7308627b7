//! `/v1/payment-sessions`: what a checkout owes, for whoever pays it.

use chrono::{DateTime, Utc};
use garde::Validate;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use stoa_kit::http::{
    Answer, Caller, ClientAddress, Idempotency, IfNoneMatch, Json, Path, Problem,
};
use stoa_kit::money::Money;
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use crate::charging::{self, Charged, NotCharged};
use crate::domain::states::{LegMethod, LegState, SessionState};
use crate::providers::{self, return_url};
use crate::store::attempts::{self, Begun, NewAttempt};
use crate::store::sessions;

/// What a checkout owes, and how it is being paid.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PaymentSession {
    /// The checkout's.
    id: Uuid,
    state: SessionState,
    total: Money,
    /// What is still to be paid.
    outstanding: Money,
    from_wallet: Money,
    /// What went back, or is on its way.
    refunded: Money,
    /// Who is paid for what the wallet does not cover.
    provider: Option<String>,
    /// Where to pay, while an attempt waits for it.
    pay_url: Option<String>,
    /// Why it was closed.
    reason: Option<String>,
    legs: Vec<PaymentLeg>,
    version: i64,
    opened_at: DateTime<Utc>,
    expires_at: DateTime<Utc>,
    settled_at: Option<DateTime<Utc>>,
    closed_at: Option<DateTime<Utc>>,
}

/// One way by which a part of it is paid.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PaymentLeg {
    id: Uuid,
    method: LegMethod,
    /// Null: the wallet.
    provider: Option<String>,
    amount: Money,
    refunded: Money,
    state: LegState,
    /// Why it failed or was given up.
    reason: Option<String>,
    /// Where to pay, while it waits for that.
    pay_url: Option<String>,
    /// What the provider's own page or library needs, while it waits.
    #[schema(value_type = Option<Object>)]
    client_data: Option<Value>,
    created_at: DateTime<Utc>,
    /// Attempts live 15 minutes.
    expires_at: Option<DateTime<Utc>>,
    settled_at: Option<DateTime<Utc>>,
}

/// Reads a session that the caller pays.
#[utoipa::path(
    get,
    path = "/v1/payment-sessions/{id}",
    tag = "payment",
    operation_id = "read_payment_session",
    params(
        ("id" = Uuid, Path, description = "The session, which has its checkout's id."),
        ("If-None-Match" = Option<String>, Header, description = "ETag of the version at hand."),
    ),
    responses(
        (status = 200, description = "The session; its version is the ETag.", body = PaymentSession),
        (status = 304, description = "Still the version at hand."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(
    caller: Caller,
    IfNoneMatch(at_hand): IfNoneMatch,
    Path(id): Path<Uuid>,
) -> Result<Answer> {
    let session = sessions::read(caller.account_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(session.json)
        .unless_at_hand(at_hand == Some(session.version))
        .version(session.version))
}

/// A new attempt.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"provider": "sandbox"}))]
pub struct PaymentAttempt {
    /// A payment provider, such as `sandbox`.
    #[garde(length(bytes, min = 1, max = 30), custom(provider_name))]
    #[schema(
        min_length = 1,
        max_length = 30,
        pattern = "^[a-z0-9_]+$",
        example = "sandbox"
    )]
    provider: String,
    /// A saved method of the caller's at that provider, which is charged.
    #[garde(skip)]
    method_id: Option<Uuid>,
    /// Where the provider sends the payer back to: a path of the shop. Left out, the one that the session
    /// was opened with.
    #[garde(inner(length(bytes, min = 1, max = 2000)))]
    #[schema(min_length = 1, max_length = 2000, example = "/checkouts/done")]
    return_url: Option<String>,
}

fn provider_name(value: &str, (): &()) -> garde::Result {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if value.bytes().all(plain) {
        Ok(())
    } else {
        Err(garde::Error::new("lower-case letters, digits and _"))
    }
}

/// Tries again to pay a session, or otherwise.
///
/// The attempt under way is given up; should it be paid all the same, that money goes back. What came from
/// the wallet stays.
#[utoipa::path(
    post,
    path = "/v1/payment-sessions/{id}/attempts",
    tag = "payment",
    operation_id = "attempt_payment",
    request_body = PaymentAttempt,
    params(
        ("id" = Uuid, Path, description = "The session, which has its checkout's id."),
        ("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless."),
    ),
    responses(
        (status = 201, description = "The session as it is then: settled, or with `pay_url`.", body = PaymentSession),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`address_unverified`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`payment_declined` with its `reason`; `wrong_state` with `session_status`; `attempt_limit`; or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`; `provider_unusable` with its `reason`; or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the provider does not answer. Repeat it with the same key.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn attempt(
    caller: Caller,
    client: ClientAddress,
    idempotency: Idempotency,
    Path(id): Path<Uuid>,
    Json(body): Json<PaymentAttempt>,
) -> Result<Answer> {
    caller.require_verified()?;
    let key = idempotency.required()?.to_owned();
    if let Some(url) = &body.return_url
        && !return_url::allowed(url).await?
    {
        return Err(Error::invalid(
            "/return_url",
            "not_allowed",
            "A path of the shop, such as /checkouts/done.",
        ));
    }
    // Before anything is given up for it.
    let session = sessions::get(id).await?.ok_or_else(Error::not_found)?;
    if session.payer_id != Some(caller.account_id) {
        return Err(Error::not_found());
    }
    let currency = session.currency.unwrap_or_default();
    if let Err(unusable) = providers::find(&body.provider, &currency).await {
        return Err(Error::problem_with(
            "provider_unusable",
            json!({"reason": unusable.to_string()}),
        ));
    }
    let new = NewAttempt {
        payer: caller.account_id,
        idempotency: &idempotency,
        session: id,
        provider: &body.provider,
        method: body.method_id,
        return_url: body.return_url,
    };
    let (session, given_up) = match attempts::begin(&new).await? {
        Begun::Ours(session, given_up) => (session, given_up),
        Begun::Stored(status, body) => {
            let status = StatusCode::from_u16(status)
                .map_err(|_| Error::internal(format!("stored status {status}")))?;
            return Ok(Answer::json_text(body)
                .status(status)
                .header("idempotency-replayed", "true"));
        }
    };
    let leg = session.attempt.as_ref().map(|attempt| attempt.leg.id);
    charging::give_up(&given_up).await;
    let charged = charging::bring(*session, Some(client.0)).await;
    // Whatever came of it: a workflow has begun, and something may have been published.
    redis::ring_relay();
    match charged {
        Ok(Charged::Standing(_)) => {
            Answer::from_write(attempts::answer(caller.account_id, &key, id).await?)
        }
        Ok(Charged::Declined(reason)) => {
            if let Some(leg) = leg {
                attempts::abandon(caller.account_id, &key, leg).await?;
            }
            Err(Error::problem_with(
                "payment_declined",
                json!({"reason": reason}),
            ))
        }
        Err(NotCharged::Unknown(text)) => {
            // The leg stays as it is, and with the same key it is found again.
            if let Some(leg) = leg {
                attempts::lapse(caller.account_id, &key, leg).await?;
            }
            Err(Error::Unavailable(text))
        }
        Err(NotCharged::Db(error)) => Err(error.into()),
    }
}
