//! Answers, and what is added to what Postgres wrote: when a promotion is on.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stoa_kit::{Error, Result};
use utoipa::ToSchema;
use uuid::Uuid;

use super::requests::OwnerKind;
use crate::domain::rule::{Conditions, Kind, Rule, Scope};
use crate::domain::schedule::{Recurrence, Schedule, State, Window};
use crate::store::promotions::Seen;

/// A promotion as its owner sees it. All amounts are minor units of its currency.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Promotion {
    id: Uuid,
    owner: OwnerKind,
    /// The seller who pays for it; null: the platform.
    seller_id: Option<Uuid>,
    kind: Kind,
    title: String,
    description: Option<String>,
    enabled: bool,
    /// Null: it applies by itself.
    code: Option<String>,
    group_name: String,
    group_position: i32,
    exclusive: bool,
    priority: i32,
    #[schema(example = "VND")]
    currency: String,
    rule: Rule,
    scope: Scope,
    conditions: Conditions,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    recurrence: Option<Recurrence>,
    budget: Option<i64>,
    usage_limit: Option<i64>,
    usage_limit_per_account: Option<i32>,
    /// Whether its budget or its uses are spent, counting what checkouts under way hold.
    exhausted: bool,
    /// `on`, `not_started`, `ended`, `not_now` (between two windows), `disabled` or `exhausted`.
    #[schema(example = "on")]
    status: String,
    /// When it is on next, or now; null when never again.
    window: Option<OpenWindow>,
    /// Its ETag, for changing it.
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// A time during which a promotion is on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer")]
pub struct OpenWindow {
    starts_at: DateTime<Utc>,
    /// Not included; null: without end.
    ends_at: Option<DateTime<Utc>>,
}

/// A page of promotions.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PromotionPage {
    items: Vec<Promotion>,
    next_cursor: Option<String>,
}

/// How much of a promotion is used.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PromotionUsage {
    promotion_id: Uuid,
    /// By checkouts under way.
    held: Used,
    /// By orders.
    spent: Used,
    /// Null where there is no limit.
    remaining: Remaining,
    exhausted: bool,
}

/// Uses, and what they cost.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Used {
    uses: i64,
    amount: stoa_kit::money::Money,
}

/// What is left of uses and budget.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Remaining {
    uses: Option<i64>,
    amount: Option<stoa_kit::money::Money>,
}

/// The part of a promotion that says when it is on.
#[derive(Deserialize)]
struct Times {
    enabled: bool,
    exhausted: bool,
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    recurrence: Option<Recurrence>,
}

/// A promotion with its `status` and `window`.
pub fn with_times(seen: &Seen) -> Result<String> {
    let mut promotion: Map<String, Value> = parse(&seen.json)?;
    add_times(&mut promotion, seen.now)?;
    Ok(Value::from(promotion).to_string())
}

/// A list of promotions with theirs.
pub fn list_with_times(seen: &Seen) -> Result<Vec<Map<String, Value>>> {
    let mut promotions: Vec<Map<String, Value>> = parse(&seen.json)?;
    for promotion in &mut promotions {
        add_times(promotion, seen.now)?;
    }
    Ok(promotions)
}

fn add_times(promotion: &mut Map<String, Value>, now: DateTime<Utc>) -> Result<()> {
    let times = Times::deserialize(Value::from(promotion.clone()))
        .map_err(|e| Error::internal(e.to_string()))?;
    let schedule = Schedule {
        starts_at: times.starts_at,
        ends_at: times.ends_at,
        recurrence: times.recurrence,
    };
    let status = match schedule.state(now) {
        State::Ended => "ended",
        _ if !times.enabled => "disabled",
        _ if times.exhausted => "exhausted",
        State::On => "on",
        State::NotStarted => "not_started",
        State::NotNow => "not_now",
    };
    promotion.insert("status".into(), status.into());
    promotion.insert("window".into(), window(schedule.next_window(now)));
    Ok(())
}

fn window(window: Option<Window>) -> Value {
    let text = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    window.map_or(
        Value::Null,
        |w| json!({"starts_at": text(w.starts_at), "ends_at": w.ends_at.map(text)}),
    )
}

fn parse<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| Error::internal(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(extra: Value, now: &str) -> Value {
        let mut promotion = json!({
            "enabled": true, "exhausted": false, "starts_at": "2026-01-01T00:00:00.000Z",
            "ends_at": null, "recurrence": null,
        });
        if let (Some(all), Value::Object(extra)) = (promotion.as_object_mut(), extra) {
            all.extend(extra);
        }
        let seen = Seen {
            json: promotion.to_string(),
            now: now.parse().unwrap(),
        };
        serde_json::from_str(&with_times(&seen).unwrap()).unwrap()
    }

    #[test]
    fn the_status_says_why_a_promotion_does_nothing() {
        let during = "2026-06-01T00:00:00Z";
        assert_eq!(seen(json!({}), during)["status"], "on");
        assert_eq!(
            seen(json!({"enabled": false}), during)["status"],
            "disabled"
        );
        assert_eq!(
            seen(json!({"exhausted": true}), during)["status"],
            "exhausted"
        );
        assert_eq!(
            seen(json!({}), "2025-01-01T00:00:00Z")["status"],
            "not_started"
        );
        let ended = seen(json!({"ends_at": "2026-02-01T00:00:00.000Z"}), during);
        assert_eq!(ended["status"], "ended");
        assert!(ended["window"].is_null());
    }

    #[test]
    fn the_next_window_is_shown() {
        let fridays =
            json!({"recurrence": {"cron": "0 18 * * FRI", "zone": "UTC", "duration_s": 3600}});
        // 2026-06-01 is a Monday.
        let shown = seen(fridays, "2026-06-01T00:00:00Z");
        assert_eq!(shown["status"], "not_now");
        assert_eq!(
            shown["window"],
            json!({"starts_at": "2026-06-05T18:00:00.000Z", "ends_at": "2026-06-05T19:00:00.000Z"})
        );
    }
}
