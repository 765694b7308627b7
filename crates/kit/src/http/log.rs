//! One line of JSON for each request, on stderr.
//!
//! What stands in it is chosen, not filtered: no query, address, header, token or body. The route is
//! the template, because a path may name what is nobody's business.

use std::io::Write as _;
use std::time::Duration;

use chrono::{SecondsFormat, Utc};
use serde::Serialize;
use uuid::Uuid;

/// What is said of a request.
#[derive(Debug, Serialize)]
pub(super) struct Line<'a> {
    pub(super) module: &'a str,
    pub(super) method: &'a str,
    /// Null where there is none.
    pub(super) route: Option<&'a str>,
    pub(super) status: u16,
    /// The problem's code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    pub(super) request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) traceparent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) account_id: Option<Uuid>,
    /// Of the answer's body.
    pub(super) bytes: usize,
}

#[derive(Serialize)]
struct Written<'a> {
    time: String,
    #[serde(flatten)]
    line: &'a Line<'a>,
    ms: f64,
}

/// Writes it, in one piece: requests run side by side.
pub(super) fn write(line: &Line<'_>, took: Duration) {
    // A log that cannot be written to is no reason not to answer.
    if let Ok(mut bytes) = serde_json::to_vec(&Written {
        time: Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true),
        line,
        ms: rounded(took),
    }) {
        bytes.push(b'\n');
        let _ = std::io::stderr().write_all(&bytes);
    }
}

/// Milliseconds to a hundredth.
fn rounded(took: Duration) -> f64 {
    let micros = u32::try_from(took.as_micros()).unwrap_or(u32::MAX);
    (f64::from(micros) / 10.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_and_has_nothing_else_in_it() {
        let line = Line {
            module: "catalog",
            method: "GET",
            route: Some("/v1/products/{id}"),
            status: 200,
            code: None,
            request_id: "r",
            traceparent: None,
            account_id: None,
            bytes: 17,
        };
        let text = serde_json::to_value(Written {
            time: String::new(),
            line: &line,
            ms: rounded(Duration::from_micros(1_234)),
        })
        .expect("JSON");
        let mut names: Vec<_> = text
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        names.sort();
        assert_eq!(
            names,
            [
                "bytes",
                "method",
                "module",
                "ms",
                "request_id",
                "route",
                "status",
                "time"
            ]
        );
        assert_eq!(text["ms"], 1.23);
    }
}
