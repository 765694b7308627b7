//! Bank accounts, to which withdrawals go.

use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Caller, Idempotency, Json, Path, Problem};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields;
use crate::store::bank_accounts::{self, NewBankAccount as Stored};

/// An account at a bank.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct BankAccount {
    id: Uuid,
    #[schema(example = "VCB")]
    bank_code: String,
    /// Its last digits.
    #[schema(example = "****6789")]
    number: String,
    holder: String,
    currency: String,
    /// Where withdrawals in its currency go that name none.
    is_default: bool,
    created_at: chrono::DateTime<chrono::Utc>,
}

/// All bank accounts of somebody.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct BankAccountList {
    /// Newest first; at most 20.
    items: Vec<BankAccount>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Lists the caller's bank accounts, newest first.
#[utoipa::path(
    get,
    path = "/v1/bank-accounts",
    tag = "payment",
    operation_id = "list_bank_accounts",
    responses(
        (status = 200, description = "The accounts.", body = BankAccountList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = bank_accounts::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// A bank account to be kept.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "bank_code": "VCB", "number": "0123456789", "holder": "NGUYEN THI LAN", "currency": "VND"
}))]
pub struct NewBankAccount {
    /// BIC, or the bank's short code in its country: letters in upper case and digits.
    #[garde(length(chars, min = 2, max = 20), custom(fields::bank_code))]
    #[schema(min_length = 2, max_length = 20)]
    bank_code: String,
    /// Its number or IBAN, without blanks: letters in upper case and digits.
    #[garde(length(chars, min = 6, max = 34), custom(fields::bank_code))]
    #[schema(min_length = 6, max_length = 34)]
    number: String,
    /// As the bank knows the holder.
    #[garde(length(chars, min = 1, max = 100), custom(fields::line))]
    #[schema(min_length = 1, max_length = 100)]
    holder: String,
    #[garde(length(chars, max = 3), custom(fields::currency))]
    #[schema(min_length = 3, max_length = 3)]
    currency: String,
}

/// Adds a bank account of the caller's. The first of a currency is its default.
#[utoipa::path(
    post,
    path = "/v1/bank-accounts",
    tag = "payment",
    operation_id = "add_bank_account",
    request_body = NewBankAccount,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The account.", body = BankAccount),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`already_saved` with its `id`, `saved_limit`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn add(
    caller: Caller,
    idempotency: Idempotency,
    Json(body): Json<NewBankAccount>,
) -> Result<Answer> {
    caller.require_person()?;
    let new = Stored {
        bank_code: &body.bank_code,
        number: &body.number,
        holder: &body.holder,
        currency: &body.currency,
    };
    Answer::from_write(bank_accounts::add(caller.account_id, &idempotency, &new).await?)
}

/// Makes a bank account of the caller's the default of its currency.
#[utoipa::path(
    put,
    path = "/v1/bank-accounts/{id}/default",
    tag = "payment",
    operation_id = "default_bank_account",
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The account.", body = BankAccount),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn make_default(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    let account = bank_accounts::make_default(caller.account_id, id).await?;
    account.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// Deletes a bank account of the caller's.
///
/// Not while a withdrawal to it is open. The newest that remains in its currency becomes the default
/// where it was.
#[utoipa::path(
    delete,
    path = "/v1/bank-accounts/{id}",
    tag = "payment",
    operation_id = "delete_bank_account",
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`withdrawal_open`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn delete(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    if bank_accounts::delete(caller.account_id, id).await? {
        Ok(Answer::no_content())
    } else {
        Err(Error::not_found())
    }
}
