//! Pieces of sellers' tracked variants.

use serde::{Deserialize, Serialize};
use stoa_kit::http::Page;
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use super::params::{Items, Posted, maybe_text, maybe_uuid, text, uuid};
use crate::DB;
use crate::domain::piece::{PieceState, PieceTarget};

/// A position in the list.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SerialPosition {
    /// The piece that the page before ended with.
    pub serial: String,
}

/// The pieces of a seller's variant: all, or those in a state, or of an order, or both. `None`: the
/// seller never had any of it.
pub async fn page(
    seller: Uuid,
    variant: Uuid,
    state: Option<PieceState>,
    order: Option<Uuid>,
    page: &Page<SerialPosition>,
) -> Result<Option<Items<SerialPosition>>, DbError> {
    let row = DB
        .read_one(
            "SELECT * FROM inventory.serials_page_v1($1, $2, $3, $4, $5, $6)",
            vec![
                uuid(seller),
                uuid(variant),
                state.map_or(ParameterValue::DbNull, |s| text(s.as_str())),
                maybe_uuid(order),
                maybe_text(page.after.as_ref().map(|at| at.serial.clone())),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await?;
    row.map(|row| {
        let next: Option<String> = row.get(1)?;
        Ok(Items {
            json: row.get(0)?,
            next: next.map(|serial| SerialPosition { serial }),
        })
    })
    .transpose()
}

/// Moves pieces to another state by hand, all or none.
pub async fn change(
    posted: &Posted<'_>,
    variant: Uuid,
    serials: Vec<String>,
    to: PieceTarget,
    reason: Option<String>,
) -> Result<Option<Row>, DbError> {
    DB.write_one(
        "SELECT * FROM inventory.move_pieces_v1($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        posted.with([
            uuid(variant),
            ParameterValue::ArrayStr(serials.into_iter().map(Some).collect()),
            text(to.as_str()),
            maybe_text(reason),
        ]),
    )
    .await
}
