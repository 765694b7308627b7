//! Answers: buffered, with a length.

use axum::response::{IntoResponse, Response};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::pg::{DbError, Row};
use crate::{Error, Result};

/// A successful answer.
#[derive(Debug)]
pub struct Answer {
    status: StatusCode,
    body: Option<Vec<u8>>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Answer {
    /// A JSON text that Postgres built, sent as it is.
    #[must_use]
    pub fn json_text(text: String) -> Self {
        Self {
            status: StatusCode::OK,
            body: Some(text.into_bytes()),
            headers: Vec::new(),
        }
    }

    /// A value as JSON.
    ///
    /// # Errors
    /// Internal when it cannot be serialised, which derived types always can.
    pub fn json<T: Serialize>(value: &T) -> Result<Self> {
        let body = serde_json::to_vec(value).map_err(|e| Error::internal(e.to_string()))?;
        Ok(Self {
            status: StatusCode::OK,
            body: Some(body),
            headers: Vec::new(),
        })
    }

    /// A page of a list: `items` is a JSON array as text, `next` the position to go on from.
    #[must_use]
    pub fn list<K: Serialize>(items: &str, next: Option<&K>) -> Self {
        let cursor = next.map_or_else(
            || "null".to_owned(),
            |k| format!("\"{}\"", super::Cursor::encode(k)),
        );
        Self::json_text(format!("{{\"items\":{items},\"next_cursor\":{cursor}}}"))
    }

    /// 204, no body.
    #[must_use]
    pub fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            body: None,
            headers: Vec::new(),
        }
    }

    /// What a write function with an idempotency key returns: `status int4`, `body text`,
    /// `replayed bool` in the first three columns.
    ///
    /// # Errors
    /// Internal when the row has another shape.
    pub fn from_write(row: Option<Row>) -> Result<Self> {
        let row = row.ok_or_else(|| DbError::Shape("the write returned no row".into()))?;
        let status: i32 = row.get(0)?;
        let body: Option<String> = row.get(1)?;
        let status = u16::try_from(status)
            .ok()
            .and_then(|s| StatusCode::from_u16(s).ok())
            .ok_or_else(|| Error::internal(format!("the write returned status {status}")))?;
        let answer = Self {
            status,
            body: body.map(String::into_bytes),
            headers: Vec::new(),
        };
        Ok(if row.get::<bool>(2)? {
            answer.header("idempotency-replayed", "true")
        } else {
            answer
        })
    }

    /// 304 in place of the body where the client has this very answer at hand; headers stay.
    #[must_use]
    pub fn unless_at_hand(mut self, at_hand: bool) -> Self {
        if at_hand {
            self.status = StatusCode::NOT_MODIFIED;
            self.body = None;
        }
        self
    }

    /// With another status.
    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a header; a value that is no header value is left out.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((HeaderName::from_static(name), value));
        }
        self
    }

    /// With `Location`.
    #[must_use]
    pub fn location(self, path: &str) -> Self {
        self.header("location", path)
    }

    /// With the `ETag` of a version.
    #[must_use]
    pub fn version(self, version: i64) -> Self {
        self.header("etag", &super::etag(version))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = match self.body {
            Some(body) => (
                [(
                    header::CONTENT_TYPE,
                    HeaderValue::from_static("application/json"),
                )],
                body,
            )
                .into_response(),
            None => ().into_response(),
        };
        *response.status_mut() = self.status;
        response.headers_mut().extend(self.headers);
        response
    }
}
