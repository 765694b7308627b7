//! Uses that checkouts hold. Every call may be repeated: the functions are idempotent by reference.

use serde::Serialize;
use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{text, uuid};
use crate::DB;

/// One promotion that a checkout uses.
#[derive(Debug, Serialize)]
pub struct Use {
    pub promotion_id: Uuid,
    /// The version that was evaluated.
    pub version: i64,
    /// What its budget is charged.
    pub amount: i64,
}

/// Why a hold is not what was asked for.
#[derive(Debug)]
pub enum Refusal {
    /// These have changed, ended, or too little left.
    Gone(Vec<Uuid>),
    /// The reference was given back.
    Ended,
    Store(DbError),
}

impl From<DbError> for Refusal {
    fn from(error: DbError) -> Self {
        let DbError::Refused { code, facts } = &error else {
            return Self::Store(error);
        };
        match code.as_str() {
            "ended" => Self::Ended,
            "gone" => facts
                .get("promotions")
                .and_then(|ids| serde_json::from_value(ids.clone()).ok())
                .map_or(Self::Store(error), Self::Gone),
            _ => Self::Store(error),
        }
    }
}

/// Takes all uses or none, for `ttl_s` seconds.
pub async fn hold(
    reference: Uuid,
    account: Uuid,
    currency: &str,
    uses: &[Use],
    ttl_s: i32,
) -> Result<(), Refusal> {
    let uses = serde_json::to_vec(uses).map_err(|e| DbError::Shape(e.to_string()))?;
    DB.write(
        "SELECT promotion.hold_v1($1, $2, $3, $4, $5)",
        vec![
            uuid(reference),
            uuid(account),
            text(currency),
            ParameterValue::Jsonb(uses),
            ParameterValue::Int32(ttl_s),
        ],
    )
    .await?;
    Ok(())
}

/// Makes held uses final.
pub async fn commit(reference: Uuid) -> Result<(), Refusal> {
    DB.write("SELECT promotion.commit_v1($1)", vec![uuid(reference)])
        .await?;
    Ok(())
}

/// Gives uses back, held or final.
pub async fn release(reference: Uuid) -> Result<(), Refusal> {
    DB.write("SELECT promotion.release_v1($1)", vec![uuid(reference)])
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refused(code: &str, facts: serde_json::Value) -> Refusal {
        DbError::Refused {
            code: code.into(),
            facts,
        }
        .into()
    }

    #[test]
    fn refusals_are_told_apart() {
        let id = Uuid::from_u128(7);
        assert!(matches!(
            refused("gone", json!({"promotions": [id]})),
            Refusal::Gone(ids) if ids == [id]
        ));
        assert!(matches!(refused("ended", json!({})), Refusal::Ended));
        assert!(matches!(refused("gone", json!({})), Refusal::Store(_)));
        assert!(matches!(
            Refusal::from(DbError::Busy("55P03".into())),
            Refusal::Store(DbError::Busy(_))
        ));
    }
}
