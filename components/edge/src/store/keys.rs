//! Public keys.

use stoa_kit::pg::DbError;

use crate::DB;

/// The JWK set, as JSON.
pub async fn jwks() -> Result<String, DbError> {
    DB.read_one("SELECT shared.jwks()", Vec::new())
        .await?
        .ok_or_else(|| DbError::Shape("shared.jwks() returned no row".to_owned()))?
        .get(0)
}
