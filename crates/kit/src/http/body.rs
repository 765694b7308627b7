//! Reading a request's body: not too much, and not for too long.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, header};
use http_body_util::BodyExt;
use serde_json::json;

use crate::Error;
use crate::time::within;

/// Largest request body.
const LIMIT: usize = 1 << 20;
/// How much of a larger one is read and thrown away before it is refused.
const DRAIN_LIMIT: usize = 8 << 20;
/// How long a client may take to send it: whoever sends byte by byte holds a place that others need.
const DEADLINE: Duration = Duration::from_secs(10);
/// How deep a JSON body may be nested.
pub(super) const DEPTH_LIMIT: usize = 64;

/// The whole body.
///
/// # Errors
/// 400, 408, 413
pub(super) async fn read<B>(headers: &HeaderMap, body: B) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    within(DEADLINE, whole(headers, body))
        .await
        .unwrap_or_else(|| Err(Error::problem("request_timeout")))
}

async fn whole<B>(headers: &HeaderMap, mut body: B) -> Result<Bytes, Error>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    let announced = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|v| v.to_str().ok())
        .and_then(|v| v.parse::<usize>().ok());
    let mut too_large = announced.is_some_and(|length| length > LIMIT);
    let mut buffer = BytesMut::new();
    let mut drained = 0_usize;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| {
            Error::problem_with(
                "malformed_request",
                json!({"detail": "The body ended early."}),
            )
        })?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        if too_large || buffer.len().saturating_add(data.len()) > LIMIT {
            // Read on for a while: a client that still sends would not see the answer.
            too_large = true;
            drained = drained.saturating_add(data.len());
            if drained > DRAIN_LIMIT {
                break;
            }
        } else {
            buffer.extend_from_slice(&data);
        }
    }
    if too_large {
        return Err(Error::problem("body_too_large"));
    }
    Ok(buffer.freeze())
}

/// Whether a JSON text is nested deeper than [`DEPTH_LIMIT`]. The parser's own limit is twice that, and
/// does not look into what it skips.
pub(super) fn is_too_deep(json: &[u8]) -> bool {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    for byte in json {
        if in_text {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_text = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_text = true,
            b'[' | b'{' => {
                depth = depth.saturating_add(1);
                if depth > DEPTH_LIMIT {
                    return true;
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nested(depth: usize) -> Vec<u8> {
        [b"[".repeat(depth), b"]".repeat(depth)].concat()
    }

    #[test]
    fn depth_counts_what_is_open_at_once_and_not_what_stands_in_texts() {
        assert!(!is_too_deep(&nested(DEPTH_LIMIT)));
        assert!(is_too_deep(&nested(DEPTH_LIMIT + 1)));
        assert!(is_too_deep("{\"a\":".repeat(DEPTH_LIMIT + 1).as_bytes()));
        assert!(!is_too_deep(
            format!("[{}]", "[],".repeat(1_000)).as_bytes()
        ));
        let text = format!("{{\"a\":\"\\\"{}\"}}", "[".repeat(1_000));
        assert!(!is_too_deep(text.as_bytes()));
    }
}
