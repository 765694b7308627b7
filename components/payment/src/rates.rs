//! Exchange rates: asked for at their source when what is known has aged. By the routes, and by the peers
//! that plug this module.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;
use stoa_kit::outbound::{self, Request};
use stoa_kit::pg::DbError;
use stoa_kit::{Error, Result, variables};
use uuid::Uuid;

use crate::domain::rates;
use crate::store::rates::{self as store, Known, Rates};

/// The source's answer has a line for each currency.
const ANSWER_LIMIT: usize = 64 * 1024;

/// What is known of a base, after the source was asked if it was time to.
#[derive(Debug)]
pub struct Fresh {
    /// What serves now.
    pub known: Known,
    /// Why the source did not answer, when it should have.
    pub away: Option<String>,
}

impl Fresh {
    /// Why a rate is not there: the source has none, or could not be asked.
    #[must_use]
    pub fn missing(self, refusal: Error) -> Error {
        self.away.map_or(refusal, Error::Unavailable)
    }
}

/// The rates of a base. Of those that aged nothing is served: a wrong price is worse than none.
///
/// # Errors
/// The database's. A source that is away is not one: see [`Fresh::away`].
pub async fn fresh(base: &str) -> Result<Fresh> {
    let known = store::known(base).await?;
    let source = variables::get("exchange_rate_url").await?;
    if !known.stale || source.is_empty() {
        return Ok(Fresh { known, away: None });
    }
    if !store::claim(base).await? {
        return Ok(Fresh {
            known,
            away: Some(format!("the rates of {base} are being asked for")),
        });
    }
    let asked = ask(&source, base).await;
    store::store(base, asked.as_ref().ok()).await?;
    match asked {
        Ok(_) => Ok(Fresh {
            known: store::known(base).await?,
            away: None,
        }),
        Err(away) => Ok(Fresh {
            known,
            away: Some(format!("the source of exchange rates: {away}")),
        }),
    }
}

/// What one unit of each of these currencies is worth in `quote` now.
///
/// # Errors
/// `rate_unavailable` with `missing`; 503 where the source would have to say, and does not.
pub async fn into(quote: &str, bases: &[String]) -> Result<Rates> {
    let missing_of = |rates: &Rates| -> Vec<String> {
        let missing = bases.iter().filter(|base| !rates.contains_key(*base));
        missing.cloned().collect()
    };
    let known = store::into(quote, bases).await?;
    let missing = missing_of(&known);
    if missing.is_empty() {
        return Ok(known);
    }
    let away = refreshed(&missing).await?;
    let known = store::into(quote, bases).await?;
    let missing = missing_of(&known);
    if missing.is_empty() {
        return Ok(known);
    }
    let refusal = Error::problem_with("rate_unavailable", serde_json::json!({"missing": missing}));
    Err(away.map_or(refusal, Error::Unavailable))
}

/// The same for a checkout, frozen under its id: asked again, it answers what it answered first. One
/// statement, unless the source has to be asked.
///
/// # Errors
/// As [`into`].
pub async fn frozen(account: Uuid, checkout: Uuid, quote: &str, bases: &[String]) -> Result<Rates> {
    let missing = match store::freeze_for_checkout(account, checkout, quote, bases).await {
        Err(DbError::Refused { code, facts }) if code == "rate_unavailable" => missing(&facts),
        other => return Ok(other?),
    };
    let away = refreshed(&missing).await?;
    match store::freeze_for_checkout(account, checkout, quote, bases).await {
        Err(DbError::Refused { code, facts }) if code == "rate_unavailable" => {
            let refusal = Error::problem_with(code, facts);
            Err(away.map_or(refusal, Error::Unavailable))
        }
        other => Ok(other?),
    }
}

/// The currencies that a refusal names.
#[must_use]
pub fn missing(facts: &Value) -> Vec<String> {
    let named = facts.get("missing").and_then(Value::as_array);
    named
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect()
}

/// Asks the source for these bases, if it is time to: why it did not answer, where it did not.
async fn refreshed(bases: &[String]) -> Result<Option<String>> {
    let mut away = None;
    for base in bases {
        away = fresh(base).await?.away.or(away);
    }
    Ok(away)
}

async fn ask(source: &str, base: &str) -> Result<BTreeMap<String, Decimal>, String> {
    let url = format!("{}/{base}", source.trim_end_matches('/'));
    let answer = outbound::send(Request::get(url).limit(ANSWER_LIMIT))
        .await
        .map_err(|e| e.to_string())?;
    match answer.status {
        // It knows no such currency: there is nothing to wait for.
        400 | 404 | 422 => Ok(BTreeMap::new()),
        _ if answer.is_success() => rates::published(base, &answer.body),
        status => Err(format!("status {status}")),
    }
}
