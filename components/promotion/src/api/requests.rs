//! The bodies that make and change promotions.

use chrono::{DateTime, SubsecRound, Utc};
use garde::Validate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use stoa_kit::{Error, Result};
use utoipa::ToSchema;

use super::validators;
use crate::domain::promotion::{Limits, Terms};
use crate::domain::rule::{Conditions, Kind, Rule, Scope};
use crate::domain::schedule::{Recurrence, Schedule};

/// Who pays for a promotion.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OwnerKind {
    /// The seller who makes it; it works on their products alone.
    #[default]
    Seller,
    /// The platform, for products of all sellers; only its staff may.
    Platform,
}

/// A promotion to be made. All amounts are minor units of its currency.
#[derive(Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "product_discount", "title": "Ten percent off lamps", "code": "LAMPS10", "currency": "VND",
    "rule": {"off": {"basis_points": 1000}, "maximum": 50000},
    "scope": {"categories": ["lamps"]}, "conditions": {"minimum_spend": 200000},
    "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2199-02-01T00:00:00Z",
    "recurrence": {"cron": "0 18 * * FRI", "zone": "Asia/Ho_Chi_Minh", "duration_s": 7200},
    "budget": 10000000, "usage_limit": 500, "usage_limit_per_account": 1
}))]
pub struct NewPromotion {
    #[garde(skip)]
    #[serde(default)]
    #[schema(default = "seller")]
    pub owner: OwnerKind,
    #[garde(skip)]
    pub kind: Kind,
    /// What buyers see.
    #[garde(length(chars, min = 1, max = 120), custom(validators::line))]
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    #[garde(length(chars, min = 1, max = 2000), inner(custom(validators::note)))]
    #[serde(default)]
    #[schema(min_length = 1, max_length = 2000)]
    pub description: Option<String>,
    /// A promotion that is not enabled does nothing.
    #[garde(skip)]
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub enabled: bool,
    /// What buyers type, in any case. Without one it applies by itself.
    #[garde(inner(custom(validators::code)))]
    #[serde(default)]
    #[schema(min_length = 3, max_length = 40, pattern = "^[A-Za-z0-9_-]{3,40}$")]
    pub code: Option<String>,
    /// Of one group the best promotion applies.
    #[garde(skip)]
    #[serde(default = "default_group")]
    #[schema(default = "default", pattern = "^[a-z0-9_-]{1,40}$")]
    pub group_name: String,
    /// Groups apply one after another, lowest first, to what the ones before left.
    #[garde(skip)]
    #[serde(default = "default_position")]
    #[schema(minimum = 0, maximum = 1000, default = 100)]
    pub group_position: i32,
    /// It stands alone, and only if that is better for the buyer.
    #[garde(skip)]
    #[serde(default)]
    pub exclusive: bool,
    /// Where two are as good, the higher one wins.
    #[garde(skip)]
    #[serde(default)]
    #[schema(minimum = -1000, maximum = 1000, default = 0)]
    pub priority: i32,
    /// It works on goods of this currency.
    #[garde(custom(validators::currency))]
    pub currency: String,
    /// What it does: the shape is that of its kind.
    #[garde(skip)]
    #[schema(value_type = Rule)]
    pub rule: Value,
    #[garde(skip)]
    #[serde(default)]
    pub scope: Scope,
    #[garde(skip)]
    #[serde(default)]
    pub conditions: Conditions,
    #[garde(custom(validators::moment))]
    pub starts_at: DateTime<Utc>,
    /// Without end when left out.
    #[garde(inner(custom(validators::moment)))]
    #[serde(default)]
    pub ends_at: Option<DateTime<Utc>>,
    /// Always between the two when left out.
    #[garde(skip)]
    #[serde(default)]
    pub recurrence: Option<Recurrence>,
    /// Most that it may cost in all.
    #[garde(skip)]
    #[serde(default)]
    #[schema(minimum = 1)]
    pub budget: Option<i64>,
    /// How many checkouts may use it.
    #[garde(skip)]
    #[serde(default)]
    #[schema(minimum = 1)]
    pub usage_limit: Option<i64>,
    /// How often one account may use it.
    #[garde(skip)]
    #[serde(default)]
    #[schema(minimum = 1)]
    pub usage_limit_per_account: Option<i32>,
}

impl NewPromotion {
    /// The row that Postgres reads, once the rules of pricing have found nothing wrong.
    pub fn into_row(mut self) -> Result<Value> {
        let rule =
            Rule::read(self.kind, &self.rule).map_err(|error| Error::Invalid(vec![error]))?;
        self.rule = to_value(&rule)?;
        self.code = self.code.map(|code| code.to_ascii_uppercase());
        // Answers show milliseconds, and what was read must be what is written back.
        self.starts_at = self.starts_at.trunc_subsecs(3);
        self.ends_at = self.ends_at.map(|at| at.trunc_subsecs(3));
        let row = to_value(&self)?;
        let errors = Terms {
            rule,
            scope: self.scope,
            conditions: self.conditions,
            group_name: self.group_name,
            group_position: self.group_position,
            exclusive: self.exclusive,
            priority: self.priority,
            currency: self.currency,
            schedule: Schedule {
                starts_at: self.starts_at,
                ends_at: self.ends_at,
                recurrence: self.recurrence,
            },
            limits: Limits {
                budget: self.budget,
                usage_limit: self.usage_limit,
                usage_limit_per_account: self.usage_limit_per_account,
            },
        }
        .validate();
        if errors.is_empty() {
            Ok(row)
        } else {
            Err(Error::Invalid(errors))
        }
    }
}

/// What to change of a promotion; what is left out stays. Kind, currency and owner never change.
#[derive(Debug, Default, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"enabled": false}))]
pub struct PromotionPatch {
    #[garde(length(chars, min = 1, max = 120), inner(custom(validators::line)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 120)]
    title: Option<String>,
    /// `null` removes it.
    #[garde(inner(length(chars, min = 1, max = 2000), inner(custom(validators::note))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Option<Option<String>>,
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    /// With `null` it applies by itself.
    #[garde(inner(inner(custom(validators::code))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<String>, pattern = "^[A-Za-z0-9_-]{3,40}$")]
    code: Option<Option<String>>,
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group_name: Option<String>,
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    group_position: Option<i32>,
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    exclusive: Option<bool>,
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    /// Replaces all of it.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Rule>)]
    rule: Option<Value>,
    /// Replaces all of it.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    scope: Option<Scope>,
    /// Replaces all of them.
    #[garde(skip)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conditions: Option<Conditions>,
    #[garde(inner(custom(validators::moment)))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    starts_at: Option<DateTime<Utc>>,
    /// With `null` it has no end.
    #[garde(inner(inner(custom(validators::moment))))]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<DateTime<Utc>>)]
    ends_at: Option<Option<DateTime<Utc>>>,
    /// With `null` it is always on between start and end.
    #[garde(skip)]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Recurrence>)]
    recurrence: Option<Option<Recurrence>>,
    /// `null` lifts it.
    #[garde(skip)]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i64>, minimum = 1)]
    budget: Option<Option<i64>>,
    /// `null` lifts it.
    #[garde(skip)]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i64>, minimum = 1)]
    usage_limit: Option<Option<i64>>,
    /// `null` lifts it.
    #[garde(skip)]
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<i32>, minimum = 1)]
    usage_limit_per_account: Option<Option<i32>>,
}

/// What an answer shows beside what a request says.
const SHOWN_ONLY: [&str; 6] = [
    "id",
    "seller_id",
    "exhausted",
    "version",
    "created_at",
    "updated_at",
];

impl PromotionPatch {
    /// The whole of a promotion, as the store shows it, after the change.
    pub fn over(&self, current: &str) -> Result<NewPromotion> {
        let mut whole: Value =
            serde_json::from_str(current).map_err(|e| Error::internal(e.to_string()))?;
        if let (Some(whole), Value::Object(patch)) = (whole.as_object_mut(), to_value(self)?) {
            for name in SHOWN_ONLY {
                whole.remove(name);
            }
            whole.extend(patch);
        }
        serde_json::from_value(whole).map_err(|e| Error::internal(e.to_string()))
    }
}

/// Tells `null` from a field that was left out.
fn given<'de, T, D>(deserializer: D) -> Result<Option<Option<T>>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

fn to_value<T: Serialize>(value: &T) -> Result<Value> {
    serde_json::to_value(value).map_err(|e| Error::internal(e.to_string()))
}

fn yes() -> bool {
    true
}

fn default_group() -> String {
    "default".to_owned()
}

fn default_position() -> i32 {
    100
}

#[cfg(test)]
mod tests;
