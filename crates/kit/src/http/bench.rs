//! For the benchmark alone: the token check by itself. No component is built with it.

use http::HeaderMap;

use super::caller::Identity;
use super::{Caller, authority, token};
use crate::Result;
use crate::pg::Db;

/// Remembers what tokens are judged by, as if it had just been read, and nothing else of before: an instance
/// begins like that.
///
/// # Errors
/// Internal when it is not what `shared.authority()` answers.
pub fn learn(authority: &str) -> Result<()> {
    authority::forget();
    token::forget();
    authority::remember(std::time::Instant::now(), authority).map(|_| ())
}

/// Who sends a request with these headers, as every request is asked.
///
/// # Errors
/// As of the extractor [`Caller`].
pub async fn caller(db: Db, headers: &HeaderMap) -> Result<Option<Caller>> {
    Identity::of(db, headers).await.caller()
}
