//! Which orders a list holds.

use chrono::{DateTime, Utc};
use garde::Validate;
use serde::Deserialize;
use stoa_kit::{Error, Result};

use super::validators;
use crate::domain::order_state::OrderStatus;
use crate::store::orders::Filter;

/// Which orders to list. A cursor is a position and nothing else: it goes on from the same order
/// under other filters too.
#[derive(Debug, Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OrderFilter {
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    status: Option<OrderStatus>,
    /// Only those in whose lines' names and codes all of these words occur, with or without
    /// accents; words of one or two letters where a word begins. Or one order's id.
    #[garde(inner(length(chars, min = 1, max = 100), custom(validators::line)))]
    #[param(min_length = 1, max_length = 100)]
    q: Option<String>,
    /// Only those placed at this time (RFC 3339) or later.
    #[garde(inner(custom(validators::moment)))]
    placed_from: Option<DateTime<Utc>>,
    /// Only those placed before this time (RFC 3339).
    #[garde(inner(custom(validators::moment)))]
    placed_to: Option<DateTime<Utc>>,
}

impl OrderFilter {
    /// As the store takes it.
    ///
    /// # Errors
    /// 422 when no time lies between the two.
    pub fn read(self) -> Result<Filter> {
        if let (Some(from), Some(to)) = (self.placed_from, self.placed_to)
            && from >= to
        {
            return Err(Error::invalid(
                "?placed_to",
                "out_of_range",
                "placed_to lies after placed_from",
            ));
        }
        Ok(Filter {
            status: self.status,
            query: self.q,
            from: self.placed_from.map(|at| at.naive_utc()),
            to: self.placed_to.map(|at| at.naive_utc()),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// What the filter comes to, or which parameter is at fault.
    fn filter(parameters: serde_json::Value) -> Result<Filter, String> {
        let filter: OrderFilter = serde_json::from_value(parameters).map_err(|e| e.to_string())?;
        if let Err(report) = filter.validate() {
            let (path, _) = report.iter().next().expect("a broken rule");
            return Err(path.to_string());
        }
        match filter.read() {
            Err(Error::Invalid(errors)) => Err(errors.into_iter().map(|e| e.pointer).collect()),
            other => other.map_err(|e| e.to_string()),
        }
    }

    #[test]
    fn times_are_in_utc_wherever_they_were_written() {
        let read = filter(json!({"placed_from": "2026-01-02T03:04:05+07:00"})).expect("a filter");
        let from = read.from.expect("a time");
        assert_eq!(from.to_string(), "2026-01-01 20:04:05");
    }

    #[test]
    fn what_can_hold_nothing_or_cannot_be_stored_is_refused() {
        let moment = "2026-01-02T03:04:05Z";
        for (at_fault, parameters) in [
            ("q", json!({"q": ""})),
            ("q", json!({"q": "  "})),
            ("q", json!({"q": "a\u{0}b"})),
            ("q", json!({"q": "x".repeat(101)})),
            (
                "placed_from",
                json!({"placed_from": "+12026-01-02T03:04:05Z"}),
            ),
            ("placed_to", json!({"placed_to": "0000-01-01T00:00:00Z"})),
            (
                "?placed_to",
                json!({"placed_from": moment, "placed_to": moment}),
            ),
        ] {
            let refusal = filter(parameters.clone()).expect_err("a refusal");
            assert_eq!(refusal, at_fault, "{parameters}");
        }
        filter(json!({})).expect("no filter at all");
    }
}
