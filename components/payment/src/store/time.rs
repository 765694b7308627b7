//! Business time, for what is to be waited for.

use chrono::{DateTime, Utc};
use stoa_kit::pg::DbError;

use super::params::found;

/// Business time now.
pub async fn now() -> Result<DateTime<Utc>, DbError> {
    found(
        "SELECT to_json(shared.rfc3339(shared.now()))::text",
        Vec::new(),
    )
    .await?
    .ok_or_else(|| DbError::Shape("there is no time".into()))
}
