//! Exchange rates: asked for at their source when what is known has aged.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use stoa_kit::outbound::{self, Request};
use stoa_kit::{Error, Result, variables};

use crate::domain::rates;
use crate::store::rates::{self as store, Known};

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
