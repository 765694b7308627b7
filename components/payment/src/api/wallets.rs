//! Wallets.

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Page, PageQuery, Path, Problem, Role};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields::{self, Currency};
use crate::store::wallets::{self, Adjustment, EntryPosition};

/// What somebody has in a currency, in its minor units.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct Wallet {
    #[schema(example = "VND")]
    currency: String,
    /// To spend or to withdraw.
    available: i64,
    /// On its way to a bank account.
    pending_withdrawal: i64,
    /// Of what they sold: held until the orders complete, what the platform keeps included.
    in_escrow: i64,
    /// What they owe for refunds after their payout; later payouts clear it.
    debt: i64,
}

/// Somebody's wallets.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WalletList {
    /// By currency; those that never held anything are left out.
    items: Vec<Wallet>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Says what the caller has, by currency.
#[utoipa::path(
    get,
    path = "/v1/wallets",
    tag = "payment",
    operation_id = "list_wallets",
    responses(
        (status = 200, description = "The wallets.", body = WalletList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = wallets::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// One change of a wallet.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WalletEntry {
    /// Grows by one from entry to entry.
    sequence: i64,
    /// Why, such as `payment`, `refund`, `payout`, `withdrawal`, `withdrawal_returned`, `unmatched` or
    /// `adjustment`.
    #[schema(example = "refund")]
    kind: String,
    /// What it is about: the order, payment session, refund, withdrawal, unmatched payment or adjustment.
    reference: Uuid,
    /// Minor units; negative went out.
    amount: i64,
    /// What was there then.
    balance_after: i64,
    note: Option<String>,
    at: chrono::DateTime<chrono::Utc>,
}

/// A page of a statement.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WalletStatement {
    items: Vec<WalletEntry>,
    next_cursor: Option<String>,
}

/// Lists every change of the caller's wallet in a currency, newest first.
#[utoipa::path(
    get,
    path = "/v1/wallets/{currency}/entries",
    tag = "payment",
    operation_id = "list_wallet_entries",
    params(("currency" = String, Path, description = "ISO 4217 code in upper case."), PageQuery),
    responses(
        (status = 200, description = "A page of the statement; empty where there never was anything.", body = WalletStatement),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such currency.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn entries(
    caller: Caller,
    Path(currency): Path<Currency>,
    page: Page<EntryPosition>,
) -> Result<Answer> {
    let items = wallets::entries(caller.account_id, currency.code(), &page).await?;
    Ok(Answer::list(&items.json, items.next.as_ref()))
}

/// The platform's account on the other side of an adjustment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdjustmentSide {
    /// A gift of the platform's.
    #[default]
    PromotionExpense,
    /// What the platform had kept, or keeps.
    PlatformRevenue,
    /// Money that came to the platform's bank account, or left it.
    Bank,
}

impl AdjustmentSide {
    fn as_str(self) -> &'static str {
        match self {
            Self::PromotionExpense => "promotion_expense",
            Self::PlatformRevenue => "platform_revenue",
            Self::Bank => "bank",
        }
    }
}

/// A correction of somebody's wallet.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "account_id": "0198f0a0-0000-7000-8000-000000000001", "amount": 50000, "currency": "VND",
    "reason": "goodwill after a late delivery"
}))]
pub struct NewAdjustment {
    #[garde(skip)]
    account_id: Uuid,
    /// Minor units that the wallet gets; negative takes. Not 0.
    #[garde(range(min = -1_000_000_000_000, max = 1_000_000_000_000))]
    #[schema(minimum = -1_000_000_000_000_i64, maximum = 1_000_000_000_000_i64)]
    amount: i64,
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[schema(min_length = 3, max_length = 3)]
    currency: String,
    /// For the books.
    #[garde(length(chars, min = 1, max = 500), custom(fields::note))]
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    #[garde(skip)]
    #[serde(default)]
    #[schema(inline, default = "promotion_expense")]
    against: AdjustmentSide,
}

/// An adjustment as it was posted.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WalletAdjustment {
    /// The reference of its entry in the statement.
    id: Uuid,
    account_id: Uuid,
    amount: i64,
    currency: String,
    #[schema(inline)]
    against: AdjustmentSide,
    reason: String,
    /// What the wallet holds now.
    available: i64,
    adjusted_at: chrono::DateTime<chrono::Utc>,
}

/// Gives to somebody's wallet, or takes from it. For administrators, and not for their own.
#[utoipa::path(
    post,
    path = "/v1/wallets/adjustments",
    tag = "payment",
    operation_id = "adjust_wallet",
    request_body = NewAdjustment,
    params(("Idempotency-Key" = String, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "Posted.", body = WalletAdjustment),
        (status = 400, description = "`idempotency_key_required`", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`forbidden`, `own_affair`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`insufficient_funds` with `available`, `balance_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn adjust(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewAdjustment>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require(Role::Admin)?;
    idempotency.required()?;
    if body.amount == 0 {
        return Err(Error::invalid(
            "/amount",
            "out_of_range",
            "An adjustment changes something.",
        ));
    }
    let adjustment = Adjustment {
        account: body.account_id,
        amount: body.amount,
        currency: &body.currency,
        against: body.against.as_str(),
        reason: &body.reason,
    };
    Answer::from_write(wallets::adjust(caller.account_id, &idempotency, &adjustment).await?)
}
