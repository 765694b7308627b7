//! Identifiers: UUID version 7, made by the caller.

use uuid::Uuid;

/// A new id. Ids of one instance sort by the time they were made.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::now_v7()
}

/// Reads an id that came through a WIT contract.
///
/// # Errors
/// The text itself, when it is not a UUID.
pub fn parse(text: &str) -> Result<Uuid, String> {
    Uuid::try_parse(text).map_err(|_| format!("{text:?} is not a UUID"))
}
