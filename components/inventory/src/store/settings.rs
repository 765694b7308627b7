//! What sellers set for their variants.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{Versioned, maybe_int, uuid};
use crate::DB;

/// What a seller has set for a variant; version 0 when nothing.
pub async fn read(seller: Uuid, variant: Uuid) -> Result<Versioned, DbError> {
    Versioned::read(
        DB.read_one(
            "SELECT * FROM inventory.settings_v1($1, $2)",
            vec![uuid(seller), uuid(variant)],
        )
        .await?,
    )
}

/// Sets it, where it is at this version, if one is given.
pub async fn change(
    seller: Uuid,
    variant: Uuid,
    version: Option<i64>,
    serial_tracked: bool,
    low_threshold: Option<i32>,
) -> Result<Versioned, DbError> {
    Versioned::read(
        DB.write_one(
            "SELECT * FROM inventory.change_settings_v1($1, $2, $3, $4, $5)",
            vec![
                uuid(seller),
                uuid(variant),
                version.map_or(ParameterValue::DbNull, ParameterValue::Int64),
                ParameterValue::Boolean(serial_tracked),
                maybe_int(low_threshold),
            ],
        )
        .await?,
    )
}
