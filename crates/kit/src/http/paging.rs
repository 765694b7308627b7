//! Lists: `?limit` and an opaque, versioned `?cursor`.

use axum::extract::FromRequestParts;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Error;

/// The parameters of a list, for OpenAPI: `params(PageQuery)`.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// How many items, 1 to 100; 20 when left out.
    #[param(minimum = 1, maximum = 100, default = 20)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A position in a list that is sorted by id, newest first. `K` is the position's type.
#[derive(Debug, Clone)]
pub struct Page<K = Uuid> {
    /// 1 to 100.
    pub limit: i32,
    /// Where the page before ended.
    pub after: Option<K>,
}

/// Opaque cursors: base64url of `{"v": 1, "k": position}`.
#[derive(Debug)]
pub struct Cursor;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope<K> {
    v: u8,
    k: K,
}

impl Cursor {
    /// The cursor of a position.
    #[must_use]
    pub fn encode<K: Serialize>(position: &K) -> String {
        let envelope = Envelope { v: 1, k: position };
        serde_json::to_vec(&envelope).map_or_else(|_| String::new(), |json| BASE64.encode(json))
    }

    /// The position in a cursor; `None` for anything that [`Cursor::encode`] did not make.
    #[must_use]
    pub fn decode<K: DeserializeOwned>(text: &str) -> Option<K> {
        if text.len() > 512 {
            return None;
        }
        let json = BASE64.decode(text).ok()?;
        let envelope: Envelope<K> = serde_json::from_slice(&json).ok()?;
        (envelope.v == 1).then_some(envelope.k)
    }
}

impl<S, K> FromRequestParts<S> for Page<K>
where
    S: Send + Sync,
    K: DeserializeOwned,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = axum::extract::Query::<PageQuery>::try_from_uri(&parts.uri)
            .map_err(|_| Error::invalid("?limit", "wrong_type", "limit is a number from 1 to 100"))?
            .0;
        let limit = query.limit.unwrap_or(20);
        if !(1..=100).contains(&limit) {
            return Err(Error::invalid(
                "?limit",
                "out_of_range",
                "limit is a number from 1 to 100",
            ));
        }
        let after = match query.cursor {
            None => None,
            Some(text) => Some(Cursor::decode(&text).ok_or_else(|| {
                Error::invalid("?cursor", "invalid_cursor", "Take the cursor from next_cursor of this same list, or start again without one.")
            })?),
        };
        Ok(Self {
            limit: i32::try_from(limit).unwrap_or(100),
            after,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_position() {
        let id = Uuid::now_v7();
        assert_eq!(Cursor::decode::<Uuid>(&Cursor::encode(&id)), Some(id));
    }

    #[test]
    fn rubbish_and_foreign_cursors_lead_nowhere() {
        for text in [
            "",
            "!!!",
            "eyJ2IjoyfQ",
            &"A".repeat(600),
            &Cursor::encode(&7),
        ] {
            assert_eq!(Cursor::decode::<Uuid>(text), None);
        }
    }
}
