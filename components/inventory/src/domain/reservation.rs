//! What may be asked for in a reservation, and what comes of it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most orders of one checkout.
pub const MOST_GROUPS: usize = 100;
/// Most lines of one checkout.
pub const MOST_LINES: usize = 200;
/// Most units of one line.
pub const MOST_UNITS: u32 = 999;
/// Longest life of a reservation: a week.
pub const LONGEST_TTL_S: u32 = 7 * 24 * 3600;

/// One order's lines, as the SQL function reads them.
#[derive(Debug, Clone, Serialize)]
pub struct Group {
    /// The order.
    pub order_id: Uuid,
    /// Whose stock counts.
    pub seller_id: Uuid,
    /// Each variant at most once.
    pub lines: Vec<Line>,
}

/// Units wanted of one variant.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Line {
    /// The variant.
    pub variant_id: Uuid,
    /// 1 to 999.
    pub quantity: u32,
}

/// What the SQL functions answer, `{"<what>": <facts>}`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Done, now or before.
    Ok(bool),
    /// Nothing was reserved: these lines are short.
    Short(Vec<Shortage>),
    /// Nothing was reserved: this order has ended.
    Ended(Uuid),
    /// Nothing was changed: this order never had a reservation.
    Unknown(Uuid),
    /// Nothing was changed: an order's reservation is in this state.
    WrongState(String),
}

/// A line that cannot be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Shortage {
    /// The variant.
    pub variant_id: Uuid,
    /// Units asked for.
    pub wanted: u32,
    /// Units there are.
    pub available: u32,
}

/// Checks a reservation against the contract.
///
/// # Errors
/// What is wrong with it, for the caller's log.
pub fn check(groups: &[Group], ttl_s: u32) -> Result<(), String> {
    if groups.is_empty() || groups.len() > MOST_GROUPS {
        return Err(format!("{} groups, not 1 to {MOST_GROUPS}", groups.len()));
    }
    let lines = groups
        .iter()
        .fold(0_usize, |sum, g| sum.saturating_add(g.lines.len()));
    if lines > MOST_LINES {
        return Err(format!("{lines} lines, more than {MOST_LINES}"));
    }
    if !(1..=LONGEST_TTL_S).contains(&ttl_s) {
        return Err(format!("ttl-s {ttl_s} is not 1 to {LONGEST_TTL_S}"));
    }
    let mut orders = BTreeSet::new();
    for group in groups {
        if !orders.insert(group.order_id) {
            return Err(format!("order {} stands in two groups", group.order_id));
        }
        if group.lines.is_empty() {
            return Err(format!("order {} has no lines", group.order_id));
        }
        let mut variants = BTreeSet::new();
        for line in &group.lines {
            if !variants.insert(line.variant_id) {
                return Err(format!(
                    "variant {} stands twice in order {}",
                    line.variant_id, group.order_id
                ));
            }
            if !(1..=MOST_UNITS).contains(&line.quantity) {
                return Err(format!(
                    "{} units of {}, not 1 to {MOST_UNITS}",
                    line.quantity, line.variant_id
                ));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(order: u128, lines: &[(u128, u32)]) -> Group {
        Group {
            order_id: Uuid::from_u128(order),
            seller_id: Uuid::from_u128(9),
            lines: lines
                .iter()
                .map(|(variant, quantity)| Line {
                    variant_id: Uuid::from_u128(*variant),
                    quantity: *quantity,
                })
                .collect(),
        }
    }

    #[test]
    fn orders_of_one_checkout_may_share_a_variant() {
        assert_eq!(
            check(&[group(1, &[(5, 1)]), group(2, &[(5, 999)])], 900),
            Ok(())
        );
    }

    #[test]
    fn what_breaks_the_contract_is_named() {
        for (groups, ttl, part) in [
            (vec![], 900, "0 groups"),
            (
                vec![group(1, &[(5, 1)]), group(1, &[(6, 1)])],
                900,
                "two groups",
            ),
            (vec![group(1, &[])], 900, "no lines"),
            (vec![group(1, &[(5, 1), (5, 1)])], 900, "twice"),
            (vec![group(1, &[(5, 0)])], 900, "0 units"),
            (vec![group(1, &[(5, 1000)])], 900, "1000 units"),
            (vec![group(1, &[(5, 1)])], 0, "ttl-s"),
            (
                vec![group(1, &(0..201).map(|v| (v, 1)).collect::<Vec<_>>())],
                900,
                "201 lines",
            ),
        ] {
            let text = check(&groups, ttl).expect_err(part);
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn every_outcome_of_the_functions_is_read() {
        let id = Uuid::from_u128(7);
        for (text, outcome) in [
            (r#"{"ok": true}"#.to_owned(), Outcome::Ok(true)),
            (format!(r#"{{"ended": "{id}"}}"#), Outcome::Ended(id)),
            (format!(r#"{{"unknown": "{id}"}}"#), Outcome::Unknown(id)),
            (
                r#"{"wrong_state": "expired"}"#.to_owned(),
                Outcome::WrongState("expired".into()),
            ),
            (
                format!(r#"{{"short": [{{"wanted": 3, "available": 0, "variant_id": "{id}"}}]}}"#),
                Outcome::Short(vec![Shortage {
                    variant_id: id,
                    wanted: 3,
                    available: 0,
                }]),
            ),
        ] {
            assert_eq!(
                serde_json::from_str::<Outcome>(&text).expect("an outcome"),
                outcome
            );
        }
    }
}
