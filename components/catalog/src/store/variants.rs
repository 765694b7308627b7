//! Statements about variants.

use serde::Serialize;
use stoa_kit::Result;
use stoa_kit::http::Idempotency;
use stoa_kit::pg::ParameterValue;
use uuid::Uuid;

use super::params::{Actor, Posted, Written, jsonb, maybe_text, posted_by, uuid};
use crate::DB;

/// Adds a variant, described in JSON as `add_variant_v1` reads it, to a product; at a version of it
/// if one is given.
pub async fn add<T: Serialize>(
    actor: &Actor,
    idem: &Idempotency,
    product: Uuid,
    version: Option<i64>,
    variant: &T,
) -> Result<Posted> {
    let mut params = posted_by(actor, idem);
    params.extend([
        uuid(product),
        version.map_or(ParameterValue::DbNull, ParameterValue::Int64),
        jsonb(variant)?,
    ]);
    let row = DB
        .write_one(
            "SELECT * FROM catalog.add_variant_v1($1, $2, $3, $4, $5, $6, $7, $8)",
            params,
        )
        .await?;
    Posted::read(row)
}

/// Changes the fields that `patch` has.
pub async fn change<T: Serialize>(
    actor: &Actor,
    product: Uuid,
    variant: Uuid,
    version: i64,
    patch: &T,
) -> Result<Written> {
    let mut params = at(actor, product, variant, version);
    params.push(jsonb(patch)?);
    Written::read(
        DB.write_one(
            "SELECT * FROM catalog.change_variant_v1($1, $2, $3, $4, $5, $6)",
            params,
        )
        .await?,
    )
}

/// Deletes a variant.
pub async fn delete(actor: &Actor, product: Uuid, variant: Uuid, version: i64) -> Result<Written> {
    let params = at(actor, product, variant, version);
    Written::read(
        DB.write_one(
            "SELECT * FROM catalog.delete_variant_v1($1, $2, $3, $4, $5)",
            params,
        )
        .await?,
    )
}

fn at(actor: &Actor, product: Uuid, variant: Uuid, version: i64) -> Vec<ParameterValue> {
    vec![
        uuid(actor.account),
        uuid(product),
        uuid(variant),
        ParameterValue::Int64(version),
        maybe_text(actor.traceparent.clone()),
    ]
}
