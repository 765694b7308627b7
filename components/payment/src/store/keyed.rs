//! Writes that an idempotency key makes harmless to repeat.

use stoa_kit::http::Idempotency;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::params::uuid;
use crate::DB;

/// Calls a function that takes who asks and their key, its request's hash and its reference, then `more`: status,
/// body and whether the key had done it before.
pub(crate) async fn keyed(
    sql: &'static str,
    actor: Uuid,
    idempotency: &Idempotency,
    more: impl IntoIterator<Item = ParameterValue>,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    let mut params = vec![uuid(actor), key, hash, reference];
    params.extend(more);
    DB.write_one(sql, params).await
}
