//! Conditional requests on versioned resources (RFC 9110 §13).

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;

use crate::Error;

/// The entity tag of a version: `"7"`.
#[must_use]
pub fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that `If-Match` names. Required: 428 without it, 412 when it is no tag of ours.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i64);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let value = parts
            .headers
            .get(header::IF_MATCH)
            .ok_or_else(|| Error::problem("precondition_required"))?;
        value
            .to_str()
            .ok()
            .and_then(parse_tag)
            .map(Self)
            .ok_or_else(|| Error::problem("stale_version"))
    }
}

/// The newest version among the tags of `If-None-Match`: what the reader saw last.
#[derive(Debug, Clone, Copy)]
pub struct IfNoneMatch(pub Option<i64>);

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let newest = parts
            .headers
            .get_all(header::IF_NONE_MATCH)
            .iter()
            .filter_map(|v| v.to_str().ok())
            .flat_map(|v| v.split(','))
            .filter_map(parse_tag)
            .max();
        Ok(Self(newest))
    }
}

fn parse_tag(text: &str) -> Option<i64> {
    let text = text.trim();
    let text = text.strip_prefix("W/").unwrap_or(text);
    text.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_read_back_as_the_version_it_was_made_of() {
        assert_eq!(parse_tag(&etag(7)), Some(7));
        assert_eq!(parse_tag(" W/\"7\""), Some(7));
        assert_eq!(parse_tag("*"), None);
        assert_eq!(parse_tag("\""), None);
    }
}
