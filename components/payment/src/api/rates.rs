//! Exchange rates, and snapshots of them.

use std::collections::{BTreeMap, BTreeSet};

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::exchange;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Path, Problem, Query, Role};
use stoa_kit::money::Money;
use stoa_kit::pg::DbError;
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields::{self, Currency};
use crate::rates as sources;
use crate::store::rates::{self, Snapshot};

/// Which base.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RatesQuery {
    /// ISO 4217 code in upper case.
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[param(min_length = 3, max_length = 3, example = "USD")]
    base: String,
}

/// What one unit of a currency is worth in others.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ExchangeRates {
    #[schema(example = "USD")]
    base: String,
    /// Units of each currency for one of the base, as decimal texts.
    #[schema(example = json!({"VND": "25400.5"}))]
    rates: BTreeMap<String, String>,
    /// When the source was asked; null where all are set by hand.
    fetched_at: Option<chrono::DateTime<chrono::Utc>>,
}

/// Says what one unit of a currency is worth. Anybody may ask.
///
/// Rates are at most 6 hours old, or were set by an administrator. Without any there is no answer but a
/// refusal.
#[utoipa::path(
    get,
    path = "/v1/exchange-rates",
    tag = "payment",
    operation_id = "list_exchange_rates",
    params(RatesQuery),
    responses(
        (status = 200, description = "The rates that serve now.", body = ExchangeRates),
        (status = 409, description = "`rate_unavailable`: none is known of this base.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the source did not answer.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn list(Query(query): Query<RatesQuery>) -> Result<Answer> {
    let fresh = sources::fresh(&query.base).await?;
    if fresh.known.any {
        Ok(Answer::json_text(fresh.known.json))
    } else {
        Err(fresh.missing(Error::problem("rate_unavailable")))
    }
}

/// A rate to be set.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"rate": "25400.5"}))]
pub struct NewRate {
    /// Units of the quote currency for one of the base, as a decimal text: at most 12 digits before the
    /// point and 12 after it.
    #[garde(length(chars, max = 30), custom(a_rate))]
    #[schema(min_length = 1, max_length = 30)]
    rate: String,
}

fn a_rate(value: &str, (): &()) -> garde::Result {
    if exchange::rate(value).is_some() {
        Ok(())
    } else {
        Err(garde::Error::new(
            "a positive decimal number, at most 12 digits before the point and 12 after it",
        ))
    }
}

/// A rate that was set by hand.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ExchangeRate {
    base: String,
    quote: String,
    #[schema(example = "25400.5")]
    rate: String,
    #[schema(example = "manual")]
    source: String,
    set_at: chrono::DateTime<chrono::Utc>,
}

/// Sets a rate by hand. It serves until it is set again or removed. For administrators.
#[utoipa::path(
    put,
    path = "/v1/exchange-rates/{base}/{quote}",
    tag = "payment",
    operation_id = "set_exchange_rate",
    request_body = NewRate,
    params(
        ("base" = String, Path, description = "ISO 4217 code in upper case."),
        ("quote" = String, Path, description = "Another one."),
    ),
    responses(
        (status = 200, description = "The rate.", body = ExchangeRate),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such currencies, or one currency twice.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn set(
    caller: Caller,
    Path((base, quote)): Path<(Currency, Currency)>,
    Json(body): Json<NewRate>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Admin)?;
    if base.code() == quote.code() {
        return Err(Error::not_found());
    }
    let rate = exchange::rate(&body.rate)
        .ok_or_else(|| Error::invalid("/rate", "invalid", "A positive decimal number."))?;
    let set = rates::set(base.code(), quote.code(), rate).await?;
    Ok(Answer::json_text(set))
}

/// Removes a rate that was set by hand; what the source says counts again. For administrators.
#[utoipa::path(
    delete,
    path = "/v1/exchange-rates/{base}/{quote}",
    tag = "payment",
    operation_id = "delete_exchange_rate",
    params(
        ("base" = String, Path, description = "ISO 4217 code in upper case."),
        ("quote" = String, Path, description = "Another one."),
    ),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: none is set by hand.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(
    caller: Caller,
    Path((base, quote)): Path<(Currency, Currency)>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Admin)?;
    if rates::delete(base.code(), quote.code()).await? {
        Ok(Answer::no_content())
    } else {
        Err(Error::not_found())
    }
}

/// Which rates to freeze.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"base": "USD", "quotes": ["VND"]}))]
pub struct NewSnapshot {
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[schema(min_length = 3, max_length = 3)]
    base: String,
    /// Each once, and not the base.
    #[garde(
        length(min = 1, max = 20),
        inner(length(chars, max = 3), custom(fields::currency))
    )]
    #[schema(min_items = 1, max_items = 20)]
    quotes: Vec<String>,
}

/// Rates as they were frozen.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct RateSnapshot {
    id: Uuid,
    /// One unit of this is worth so many of each; null of a checkout's.
    #[schema(example = "USD")]
    base: Option<String>,
    /// Of a checkout's, which has the checkout's id: one unit of each is worth so many of this.
    #[schema(example = "VND")]
    quote: Option<String>,
    /// As decimal texts.
    #[schema(example = json!({"VND": "25400.5"}))]
    rates: BTreeMap<String, String>,
    /// When the oldest of them was fetched or set.
    fetched_at: chrono::DateTime<chrono::Utc>,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// Freezes rates of now for the caller: what is converted by them comes to the same later. Kept for 400
/// days.
#[utoipa::path(
    post,
    path = "/v1/exchange-rates/snapshots",
    tag = "payment",
    operation_id = "freeze_exchange_rates",
    request_body = NewSnapshot,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The snapshot.", body = RateSnapshot),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`rate_unavailable` with `missing`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: the source did not answer.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn freeze(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewSnapshot>,
) -> Result<Answer> {
    let mut seen = BTreeSet::from([body.base.as_str()]);
    for (n, quote) in body.quotes.iter().enumerate() {
        if !seen.insert(quote) {
            return Err(Error::invalid(
                format!("/quotes/{n}"),
                "duplicate",
                "Each once, and not the base.",
            ));
        }
    }
    let fresh = sources::fresh(&body.base).await?;
    match rates::freeze(caller.account_id, &idempotency, &body.base, &body.quotes).await {
        Ok(row) => Answer::from_write(row),
        Err(DbError::Refused { code, facts }) if code == "rate_unavailable" => {
            Err(fresh.missing(Error::problem_with(code, facts)))
        }
        Err(other) => Err(other.into()),
    }
}

/// Reads a snapshot of the caller's: one that they made, or one that a checkout of theirs was converted by.
#[utoipa::path(
    get,
    path = "/v1/exchange-rates/snapshots/{id}",
    tag = "payment",
    operation_id = "read_rate_snapshot",
    params(("id" = Uuid, Path, description = "The snapshot.")),
    responses(
        (status = 200, description = "The snapshot.", body = RateSnapshot),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn snapshot(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    let snapshot = rates::snapshot(caller.account_id, id).await?;
    snapshot.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// What to convert.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ConversionQuery {
    /// Minor units.
    #[garde(skip)]
    #[param(example = 1999)]
    amount: i64,
    /// Of which currency; may be left out where the snapshot has a base.
    #[garde(inner(length(chars, max = 3), custom(fields::currency)))]
    #[param(min_length = 3, max_length = 3, example = "USD")]
    from: Option<String>,
    /// Into which one.
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[param(min_length = 3, max_length = 3, example = "VND")]
    to: String,
}

/// Money in two currencies.
#[derive(Serialize, utoipa::ToSchema)]
pub struct Conversion {
    from: Money,
    /// Rounded half to even at the minor unit.
    to: Money,
    #[schema(example = "25400.5")]
    rate: String,
}

/// Converts money by a snapshot of the caller's.
#[utoipa::path(
    get,
    path = "/v1/exchange-rates/snapshots/{id}/conversion",
    tag = "payment",
    operation_id = "convert_by_snapshot",
    params(("id" = Uuid, Path, description = "The snapshot."), ConversionQuery),
    responses(
        (status = 200, description = "What it comes to.", body = Conversion),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`rate_unavailable`: that was not frozen.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn convert(
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(query): Query<ConversionQuery>,
) -> Result<Answer> {
    let snapshot = rates::snapshot(caller.account_id, id)
        .await?
        .ok_or_else(Error::not_found)?;
    let snapshot: Snapshot =
        serde_json::from_str(&snapshot).map_err(|e| Error::internal(e.to_string()))?;
    let (from, text) = pair(&snapshot, query.from.as_deref(), &query.to)?;
    let rate = exchange::rate(text).ok_or_else(|| Error::internal(format!("the rate {text:?}")))?;
    let amount = exchange::convert(query.amount, from, &query.to, rate).ok_or_else(|| {
        Error::invalid(
            "?amount",
            "out_of_range",
            "What it comes to does not fit 64 bits.",
        )
    })?;
    Answer::json(&Conversion {
        from: Money {
            amount: query.amount,
            currency: from.to_owned(),
        },
        rate: text.to_owned(),
        to: Money {
            amount,
            currency: query.to,
        },
    })
}

/// From what a snapshot converts, and by which rate.
fn pair<'a>(snapshot: &'a Snapshot, from: Option<&'a str>, to: &str) -> Result<(&'a str, &'a str)> {
    let known = match (snapshot.base.as_deref(), from) {
        (Some(base), None) => Some((base, to)),
        (Some(base), Some(from)) => (base == from).then_some((base, to)),
        (None, None) => {
            return Err(Error::invalid(
                "?from",
                "missing_field",
                "This snapshot has several currencies: from which one?",
            ));
        }
        (None, Some(from)) => (snapshot.quote.as_deref() == Some(to)).then_some((from, from)),
    };
    known
        .and_then(|(from, key)| Some((from, snapshot.rates.get(key)?.as_str())))
        .ok_or_else(|| Error::problem("rate_unavailable"))
}
