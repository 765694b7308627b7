//! The `Idempotency-Key` of a request.

use std::fmt::Write as _;

use axum::extract::FromRequestParts;
use http::request::Parts;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::RequestContext;
use crate::pg::ParameterValue;
use crate::{Error, ids};

/// The key a client sent, if any, with the hash of the request it came with.
///
/// Store functions take the three values of [`Idempotency::params`] and do the rest: see
/// `idempotency_begin` in the module's schema.
#[derive(Debug, Clone)]
pub struct Idempotency {
    key: Option<String>,
    hash: String,
    reference: Uuid,
}

impl Idempotency {
    /// The key, where the route requires one.
    ///
    /// # Errors
    /// 400 `idempotency_key_required`
    pub fn required(&self) -> Result<&str, Error> {
        self.key
            .as_deref()
            .ok_or_else(|| Error::problem("idempotency_key_required"))
    }

    /// A new id for the effect of this request. A retaken key keeps the id of its first try.
    #[must_use]
    pub fn reference(&self) -> Uuid {
        self.reference
    }

    /// For a body with a secret that is short enough to be guessed: compares `said` in place of the body.
    /// The hash is kept for a day and is fast to compute, so that it would give away what is stored slowly
    /// hashed, or sealed.
    #[must_use]
    pub fn about(self, said: &serde_json::Value) -> Self {
        Self {
            hash: hexadecimal(&Sha256::digest(said.to_string())),
            ..self
        }
    }

    /// `key text, hash text, reference uuid`, as the store functions take them.
    #[must_use]
    pub fn params(&self) -> [ParameterValue; 3] {
        [
            self.key
                .clone()
                .map_or(ParameterValue::DbNull, ParameterValue::Str),
            ParameterValue::Str(self.hash.clone()),
            ParameterValue::Uuid(self.reference.to_string()),
        ]
    }
}

impl<S: Sync> FromRequestParts<S> for Idempotency {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let key = match parts.headers.get("idempotency-key") {
            None => None,
            Some(value) => Some(value.to_str().ok().and_then(read).ok_or_else(|| {
                Error::problem_with(
                    "idempotency_key_required",
                    serde_json::json!({
                        "detail": "Idempotency-Key must be 1 to 255 visible ASCII characters."
                    }),
                )
            })?),
        };
        let context = parts
            .extensions
            .get::<RequestContext>()
            .ok_or_else(|| Error::internal("no request context"))?;
        let mut hasher = Sha256::new();
        for part in [
            parts.method.as_str().as_bytes(),
            b" ",
            parts
                .uri
                .path_and_query()
                .map_or("/", |p| p.as_str())
                .as_bytes(),
            b"\n",
            context.body.as_ref(),
        ] {
            hasher.update(part);
        }
        Ok(Self {
            key,
            hash: hexadecimal(&hasher.finalize()),
            reference: ids::new_id(),
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The draft's form is a quoted string; the bare form is what most clients send. Both name the
/// same key.
fn read(value: &str) -> Option<String> {
    let value = value.trim();
    let bare = value
        .strip_prefix('"')
        .and_then(|v| v.strip_suffix('"'))
        .unwrap_or(value);
    let fits = (1..=255).contains(&bare.len()) && bare.bytes().all(|b| (0x20..0x7f).contains(&b));
    fits.then(|| bare.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_key_and_a_bare_key_are_the_same() {
        assert_eq!(read("\"abc\""), read("abc"));
        assert_eq!(read(""), None);
        assert_eq!(read(&"k".repeat(256)), None);
    }
}
