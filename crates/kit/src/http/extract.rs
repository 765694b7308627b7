//! Extractors whose refusals are problem documents that point at the mistake.

use axum::extract::{FromRequest, FromRequestParts, Request};
use garde::Validate;
use http::header;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::RequestContext;
use super::body::{DEPTH_LIMIT, is_too_deep};
use crate::Error;
use crate::error::FieldError;

/// A JSON body: read strictly (types say `deny_unknown_fields`), then validated.
///
/// An array in the place of the whole object is refused. Of an object within it serde takes an array for the
/// fields in their order: it has to have all of them, of the right types, and is validated as they are, so
/// that nothing gets in that way which would not as an object.
#[derive(Debug, Clone)]
pub struct Json<T>(pub T);

impl<S, T> FromRequest<S> for Json<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Error;

    async fn from_request(request: Request, _: &S) -> Result<Self, Error> {
        let is_json = request
            .headers()
            .get(header::CONTENT_TYPE)
            .and_then(|v| v.to_str().ok())
            .is_some_and(|v| {
                let media = v.split(';').next().unwrap_or_default().trim();
                media.eq_ignore_ascii_case("application/json")
            });
        if !is_json {
            return Err(Error::problem("unsupported_media_type"));
        }
        let context = request
            .extensions()
            .get::<RequestContext>()
            .ok_or_else(|| Error::internal("no request context"))?;
        let value: T = read(&context.body)?;
        validate(&value)?;
        Ok(Self(value))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Error> {
    if is_too_deep(body) {
        return Err(Error::problem_with(
            "malformed_request",
            serde_json::json!({"errors": [FieldError {
                pointer: String::new(),
                code: "too_deep".into(),
                detail: format!("At most {DEPTH_LIMIT} arrays and objects may be open at once."),
            }]}),
        ));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|e| {
        let pointer = pointer_of_path(e.path());
        let inner = e.into_inner();
        if inner.is_data() {
            Error::invalid(pointer, code_of(&inner.to_string()), plain(&inner))
        } else {
            Error::problem_with(
                "malformed_request",
                serde_json::json!({"errors": [FieldError {
                    pointer: String::new(),
                    code: "malformed_json".into(),
                    detail: inner.to_string(),
                }]}),
            )
        }
    })?;
    deserializer.end().map_err(|e| {
        Error::problem_with(
            "malformed_request",
            serde_json::json!({"errors": [FieldError {
                pointer: String::new(),
                code: "malformed_json".into(),
                detail: e.to_string(),
            }]}),
        )
    })?;
    // Serde would take an array for the fields in their order.
    if body.trim_ascii_start().starts_with(b"[") {
        return Err(Error::invalid(
            "",
            "wrong_type",
            "A JSON object is expected here, and not an array.",
        ));
    }
    Ok(value)
}

fn code_of(message: &str) -> &'static str {
    if message.starts_with("unknown field") {
        "unknown_field"
    } else if message.starts_with("missing field") {
        "missing_field"
    } else if message.starts_with("unknown variant") {
        "unknown_value"
    } else if message.starts_with("duplicate field") {
        "duplicate_field"
    } else {
        "wrong_type"
    }
}

/// Serde's text without the position, which means nothing to a client.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rfind(" at line ") {
        Some(at) => text.get(..at).unwrap_or(&text).to_owned(),
        None => text,
    }
}

fn pointer_of_path(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(format!("/{index}")),
            Segment::Map { key } => Some(format!("/{}", escape(key))),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Runs the validation rules of a value; JSON pointers name the fields.
///
/// # Errors
/// [`Error::Invalid`] with one entry per broken rule.
pub fn validate<T: Validate<Context = ()>>(value: &T) -> Result<(), Error> {
    value.validate().map_err(|report| {
        Error::Invalid(
            report
                .iter()
                .map(|(path, error)| FieldError {
                    // `lines[0].quantity` → `/lines/0/quantity`
                    pointer: format!(
                        "/{}",
                        path.to_string()
                            .replace("].", "/")
                            .replace(['.', '['], "/")
                            .replace(']', "")
                    ),
                    code: "invalid".into(),
                    detail: error.to_string(),
                })
                .collect(),
        )
    })
}

/// Path parameters. A value of the wrong type names nothing: 404.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        axum::extract::Path::<T>::from_request_parts(parts, state)
            .await
            .map(|axum::extract::Path(value)| Self(value))
            .map_err(|_| Error::not_found())
    }
}

/// Query parameters, read strictly and validated.
#[derive(Debug, Clone)]
pub struct Query<T>(pub T);

impl<S, T> FromRequestParts<S> for Query<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Validate<Context = ()>,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let query = axum::extract::Query::<T>::try_from_uri(&parts.uri).map_err(|e| {
            let text =
                std::error::Error::source(&e).map_or_else(|| e.to_string(), ToString::to_string);
            let name = parameter_of(&text);
            Error::invalid(format!("?{name}"), code_of(&text), text.clone())
        })?;
        query.0.validate().map_err(|report| {
            Error::Invalid(
                report
                    .iter()
                    .map(|(path, error)| FieldError {
                        pointer: format!("?{path}"),
                        code: "invalid".into(),
                        detail: error.to_string(),
                    })
                    .collect(),
            )
        })?;
        Ok(Self(query.0))
    }
}

/// The parameter that a message speaks of: `limit: invalid digit …` or `unknown field `limit`, …`.
fn parameter_of(message: &str) -> &str {
    let plain = |name: &&str| {
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    message
        .split_once(": ")
        .map(|(name, _)| name)
        .filter(plain)
        .or_else(|| message.split('`').nth(1))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, garde::Validate)]
    #[serde(deny_unknown_fields)]
    struct Order {
        #[garde(length(min = 1), dive)]
        lines: Vec<Line>,
    }

    #[derive(Debug, serde::Deserialize, garde::Validate)]
    #[serde(deny_unknown_fields)]
    struct Line {
        #[garde(range(min = 1, max = 999))]
        quantity: u32,
    }

    fn errors(body: &[u8]) -> Vec<FieldError> {
        let result: Result<Order, Error> = read(body).and_then(|v| validate(&v).map(|()| v));
        match result {
            Err(Error::Invalid(errors)) => errors,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_wrong_type_is_pointed_at() {
        let e = errors(br#"{"lines":[{"quantity":"two"}]}"#);
        assert_eq!(
            (e[0].pointer.as_str(), e[0].code.as_str()),
            ("/lines/0/quantity", "wrong_type")
        );
    }

    #[test]
    fn an_unknown_field_is_refused() {
        let e = errors(br#"{"lines":[{"quantity":1,"price":0}]}"#);
        assert_eq!(e[0].code, "unknown_field");
    }

    #[test]
    fn a_broken_rule_is_pointed_at() {
        let e = errors(br#"{"lines":[{"quantity":0}]}"#);
        assert_eq!(e[0].pointer, "/lines/0/quantity");
    }

    #[test]
    fn the_parameter_is_found_in_the_message() {
        assert_eq!(
            parameter_of("status: unknown variant `x`, expected `y`"),
            "status"
        );
        assert_eq!(
            parameter_of("unknown field `colour`, expected `size`"),
            "colour"
        );
        assert_eq!(parameter_of("something else"), "");
    }

    #[test]
    fn json_within_the_depth_is_read_and_beyond_it_is_not() {
        // Also where the type takes anything.
        let nested = |depth: usize| [b"[".repeat(depth), b"]".repeat(depth)].concat();
        let wrap = |inner: Vec<u8>| [b"{\"a\":".to_vec(), inner, b"}".to_vec()].concat();
        assert!(read::<serde_json::Value>(&wrap(nested(DEPTH_LIMIT - 1))).is_ok());
        match read::<serde_json::Value>(&wrap(nested(DEPTH_LIMIT))) {
            Err(Error::Problem { code, facts }) => {
                assert_eq!(code, "malformed_request");
                assert_eq!(facts["errors"][0]["code"], "too_deep");
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn deep_and_cut_json_is_malformed_not_fatal() {
        for body in [
            vec![b'['; 100_000],
            vec![b'['; 100],
            b"{\"lines\":".repeat(127),
            b"{\"lines\":".to_vec(),
            vec![0xff, 0xfe],
        ] {
            assert!(matches!(
                read::<Order>(&body),
                Err(Error::Problem { .. } | Error::Invalid(_))
            ));
        }
    }
}
