//! What decides about a basket.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::Value;
use stoa_kit::pg::DbError;
use uuid::Uuid;

use super::params::{no_row, text, texts, uuid};
use crate::DB;
use crate::domain::basket::{Basket, Facts};
use crate::domain::promotion::Promotion;
use crate::domain::validate::is_code;

/// What the store knows about a basket.
#[derive(Debug)]
pub struct Loaded {
    /// With the codes asked for, in whatever state, and automatic ones that may apply.
    pub promotions: Vec<Promotion>,
    pub facts: Facts,
    /// Whether any automatic promotion exists, for this basket or another.
    pub automatic: bool,
}

#[derive(Deserialize)]
struct Answer {
    now: DateTime<Utc>,
    promotions: Vec<Value>,
    ordered_before: bool,
    segments: BTreeSet<String>,
    automatic: bool,
}

/// Beside what [`Promotion`] reads.
#[derive(Deserialize)]
struct Uses {
    id: Uuid,
    uses_by_account: i64,
}

/// The codes as the store has them: in upper case, without what cannot be one.
#[must_use]
pub fn codes(typed: &[String]) -> BTreeSet<String> {
    typed
        .iter()
        .map(|code| code.trim().to_ascii_uppercase())
        .filter(|code| is_code(code))
        .collect()
}

/// Everything that decides about a basket, in one statement.
pub async fn load(basket: &Basket, codes: &BTreeSet<String>) -> Result<Loaded, DbError> {
    let sellers: BTreeSet<Uuid> = basket
        .lines
        .iter()
        .map(|line| line.seller_id)
        .chain(basket.parcels.iter().map(|parcel| parcel.seller_id))
        .collect();
    let answer: String = DB
        .read_one(
            "SELECT promotion.load_v1($1, $2, $3::text[]::uuid[], $4)",
            vec![
                uuid(basket.buyer_id),
                text(basket.currency.as_str()),
                texts(sellers),
                texts(codes),
            ],
        )
        .await?
        .ok_or_else(no_row)?
        .get(0)?;
    read(&answer)
}

/// Its id says which one it is; what stands in it is its seller's business.
fn left_out(row: &Value, error: &str) {
    let id = row.get("id").unwrap_or(&Value::Null);
    eprintln!("promotion {id} left out: {error:?}");
}

fn read(answer: &str) -> Result<Loaded, DbError> {
    let answer: Answer = serde_json::from_str(answer).map_err(|e| DbError::Shape(e.to_string()))?;
    let mut promotions = Vec::with_capacity(answer.promotions.len());
    let mut uses_by_account = BTreeMap::new();
    for row in &answer.promotions {
        // One that cannot be read is no reason to sell nothing.
        match (Promotion::read(row), Uses::deserialize(row)) {
            (Ok(promotion), Ok(uses)) => {
                uses_by_account.insert(uses.id, uses.uses_by_account);
                promotions.push(promotion);
            }
            (Err(error), _) => left_out(row, &error.to_string()),
            (_, Err(error)) => left_out(row, &error.to_string()),
        }
    }
    Ok(Loaded {
        promotions,
        facts: Facts {
            now: answer.now,
            first_order: !answer.ordered_before,
            segments: answer.segments,
            uses_by_account,
        },
        automatic: answer.automatic,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_looked_up_as_they_are_stored() {
        let typed = ["ten", " TEN ", "ab", "a\u{0}b", "été", "ok_-1"].map(String::from);
        assert_eq!(
            codes(&typed).into_iter().collect::<Vec<_>>(),
            ["OK_-1", "TEN"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_left_out() {
        let good = serde_json::json!({
            "id": Uuid::from_u128(1), "version": 3, "owner_id": null, "kind": "product_discount",
            "title": "Ten off", "enabled": true, "code": "TEN", "group_name": "default",
            "group_position": 100, "exclusive": false, "priority": 0, "currency": "VND",
            "rule": {"off": {"basis_points": 1000}}, "scope": {}, "conditions": {},
            "starts_at": "2020-01-01T00:00:00.000Z", "ends_at": null, "recurrence": null,
            "budget": null, "usage_limit": 5, "usage_limit_per_account": null,
            "held_amount": 0, "spent_amount": 7, "held_uses": 0, "spent_uses": 2,
            "uses_by_account": 1,
        });
        let mut bad = good.clone();
        bad["rule"] = serde_json::json!({});
        let answer = serde_json::json!({
            "now": "2026-01-02T03:04:05.000Z", "promotions": [good, bad], "ordered_before": true,
            "segments": ["vip"], "automatic": false,
        });
        let loaded = read(&answer.to_string()).unwrap();
        assert_eq!(loaded.promotions.len(), 1);
        assert_eq!(loaded.promotions[0].used.uses, 2);
        assert_eq!(
            loaded.facts.uses_by_account.get(&Uuid::from_u128(1)),
            Some(&1)
        );
        assert!(!loaded.facts.first_order && !loaded.automatic);
    }
}
