//! A promotion: what it says, and how much of it is used.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::rule::{Conditions, Kind, Rule, Scope};
use super::schedule::{Recurrence, Schedule};

/// A promotion as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promotion {
    pub id: Uuid,
    pub version: i64,
    /// The seller who pays for it and on whose goods alone it works; none: the platform.
    pub owner_id: Option<Uuid>,
    pub title: String,
    pub enabled: bool,
    /// Upper case; without one it applies by itself.
    pub code: Option<String>,
    pub terms: Terms,
    pub used: Used,
}

/// What a promotion says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub rule: Rule,
    pub scope: Scope,
    pub conditions: Conditions,
    /// Of one group the best one applies.
    pub group_name: String,
    /// Groups apply in the order of their positions, then names. A group's position is the lowest
    /// of those of its promotions that come into question.
    pub group_position: i32,
    /// It stands alone, and only if that is better for the buyer.
    pub exclusive: bool,
    /// Ties: the higher one wins.
    pub priority: i32,
    pub currency: String,
    pub schedule: Schedule,
    pub limits: Limits,
}

/// How much of it there is; without end where absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    /// Minor units in all.
    pub budget: Option<i64>,
    pub usage_limit: Option<i64>,
    pub usage_limit_per_account: Option<i32>,
}

/// How much of it is gone: held and spent together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Used {
    pub amount: i64,
    pub uses: i64,
}

impl Promotion {
    /// Reads a row of the table as JSON. Columns that pricing has no use for are ignored, and those
    /// that may be null may be absent.
    ///
    /// # Errors
    /// What is wrong with it, for the log.
    pub fn read(row: &Value) -> Result<Self, String> {
        let row = Row::deserialize(row).map_err(|e| e.to_string())?;
        let rule = Rule::read(row.kind, &row.rule).map_err(|e| e.detail)?;
        Ok(Self {
            id: row.id,
            version: row.version,
            owner_id: row.owner_id,
            title: row.title,
            enabled: row.enabled,
            code: row.code,
            terms: Terms {
                rule,
                scope: row.scope,
                conditions: row.conditions,
                group_name: row.group_name,
                group_position: row.group_position,
                exclusive: row.exclusive,
                priority: row.priority,
                currency: row.currency,
                schedule: Schedule {
                    starts_at: row.starts_at,
                    ends_at: row.ends_at,
                    recurrence: row.recurrence,
                },
                limits: Limits {
                    budget: row.budget,
                    usage_limit: row.usage_limit,
                    usage_limit_per_account: row.usage_limit_per_account,
                },
            },
            used: Used {
                amount: row.held_amount.saturating_add(row.spent_amount),
                uses: row.held_uses.saturating_add(row.spent_uses),
            },
        })
    }
}

/// The columns.
#[derive(Deserialize)]
struct Row {
    id: Uuid,
    version: i64,
    #[serde(default)]
    owner_id: Option<Uuid>,
    kind: Kind,
    title: String,
    enabled: bool,
    #[serde(default)]
    code: Option<String>,
    group_name: String,
    group_position: i32,
    exclusive: bool,
    priority: i32,
    currency: String,
    rule: Value,
    scope: Scope,
    conditions: Conditions,
    #[serde(deserialize_with = "time")]
    starts_at: DateTime<Utc>,
    #[serde(default, deserialize_with = "optional_time")]
    ends_at: Option<DateTime<Utc>>,
    #[serde(default)]
    recurrence: Option<Recurrence>,
    #[serde(default)]
    budget: Option<i64>,
    #[serde(default)]
    usage_limit: Option<i64>,
    #[serde(default)]
    usage_limit_per_account: Option<i32>,
    held_amount: i64,
    spent_amount: i64,
    held_uses: i64,
    spent_uses: i64,
}

/// With a zone as answers have it, or without as Postgres writes a `timestamp`: that is UTC.
fn time<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    parse(&String::deserialize(from)?)
}

fn optional_time<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTime<Utc>>, D::Error> {
    Option::<String>::deserialize(from)?
        .map(|text| parse(&text))
        .transpose()
}

fn parse<E: serde::de::Error>(text: &str) -> Result<DateTime<Utc>, E> {
    DateTime::parse_from_rfc3339(text)
        .map(|t| t.to_utc())
        .or_else(|_| text.parse::<NaiveDateTime>().map(|t| t.and_utc()))
        .map_err(E::custom)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::rule::{Off, ProductDiscount};

    fn row() -> Value {
        json!({
            "id": Uuid::from_u128(1), "version": 3, "owner_id": null, "kind": "product_discount",
            "title": "Summer", "description": null, "enabled": true, "code": "SUMMER",
            "group_name": "default", "group_position": 100, "exclusive": false, "priority": 0,
            "currency": "USD", "rule": {"off": {"basis_points": 1500}}, "scope": {},
            "conditions": {"minimum_spend": 500}, "starts_at": "2025-06-01T00:00:00",
            "ends_at": "2025-07-01T00:00:00.5Z", "recurrence": null, "budget": 1000,
            "held_amount": 1, "spent_amount": 2, "held_uses": 3, "spent_uses": 4,
        })
    }

    #[test]
    fn a_row_is_read_with_times_with_or_without_a_zone() {
        let promotion = Promotion::read(&row()).expect("a promotion");
        let terms = &promotion.terms;
        assert_eq!(
            terms.rule,
            Rule::ProductDiscount(ProductDiscount {
                off: Off::BasisPoints(1500),
                maximum: None
            })
        );
        assert_eq!(terms.conditions.minimum_spend, Some(500));
        assert_eq!(
            terms.schedule.starts_at.to_rfc3339(),
            "2025-06-01T00:00:00+00:00"
        );
        let end = terms.schedule.ends_at.map(|t| t.to_rfc3339());
        assert_eq!(end.as_deref(), Some("2025-07-01T00:00:00.500+00:00"));
        assert_eq!(terms.limits.budget, Some(1000));
        assert_eq!(terms.limits.usage_limit, None);
        assert_eq!(promotion.used, Used { amount: 3, uses: 7 });
    }

    #[test]
    fn a_row_whose_rule_is_of_another_kind_is_refused() {
        let mut row = row();
        row["kind"] = json!("bundle");
        assert!(Promotion::read(&row).is_err());
    }
}
