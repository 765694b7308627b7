//! Public keys.

use stoa_kit::pg::DbError;

use super::some;
use crate::DB;

/// The JWK set, as JSON.
pub async fn jwks() -> Result<String, DbError> {
    some(DB.read_one("SELECT account.jwks_v1()", Vec::new()).await?)?.get(0)
}
