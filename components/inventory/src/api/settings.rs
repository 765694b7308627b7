//! What a seller sets for a variant.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, IfMatch, Json, Path, Problem};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::store::settings;

/// What the caller has set for a variant.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct StockSettings {
    variant_id: Uuid,
    /// Every unit has a serial number.
    serial_tracked: bool,
    /// When no more units than this are available, the seller is told.
    low_stock_threshold: Option<u32>,
    /// Its ETag; 0 when nothing was ever set.
    version: i64,
}

/// Reads what the caller has set for a variant.
#[utoipa::path(
    get,
    path = "/v1/stock/{variant_id}/settings",
    tag = "inventory",
    operation_id = "read_stock_settings",
    params(("variant_id" = Uuid, Path, description = "Any variant, stocked or not.")),
    responses(
        (status = 200, description = "The settings; their version is the ETag.", body = StockSettings),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller, Path(variant): Path<Uuid>) -> Result<Answer> {
    let settings = settings::read(caller.account_id, variant).await?;
    Ok(Answer::json_text(settings.json).version(settings.version))
}

/// What to set for a variant.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"serial_tracked": false, "low_stock_threshold": 5}))]
pub struct StockSettingsPut {
    #[garde(skip)]
    serial_tracked: bool,
    /// Null or left out: the seller is not told.
    #[garde(range(min = 0, max = 1_000_000))]
    #[schema(minimum = 0, maximum = 1_000_000)]
    low_stock_threshold: Option<i32>,
}

/// Sets what the caller wants of a variant.
///
/// Tracking by serial number begins only where every unit on hand has an available piece, which is
/// usually before the first import. When it ends, the pieces stay as they are. A threshold alone tells
/// nobody anything: the next time that the available units fall to it, the seller is told.
#[utoipa::path(
    put,
    path = "/v1/stock/{variant_id}/settings",
    tag = "inventory",
    operation_id = "change_stock_settings",
    request_body = StockSettingsPut,
    params(
        ("variant_id" = Uuid, Path, description = "Any variant, stocked or not."),
        ("If-Match" = Option<String>, Header, description = "Sent, the settings must be at this version."),
    ),
    responses(
        (status = 200, description = "The settings now; their version is the ETag.", body = StockSettings),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`serials_differ` with `warehouses`.", body = Problem, content_type = "application/problem+json"),
        (status = 412, description = "`stale_version`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn change(
    caller: Caller,
    Path(variant): Path<Uuid>,
    version: Result<IfMatch>,
    Json(body): Json<StockSettingsPut>,
) -> Result<Answer> {
    let version = match version {
        Ok(IfMatch(version)) => Some(version),
        Err(Error::Problem { code, .. }) if code == "precondition_required" => None,
        Err(error) => return Err(error),
    };
    let settings = settings::change(
        caller.account_id,
        variant,
        version,
        body.serial_tracked,
        body.low_stock_threshold,
    )
    .await?;
    Ok(Answer::json_text(settings.json).version(settings.version))
}
