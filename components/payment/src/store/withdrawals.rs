//! Withdrawals: asked for, decided, paid.

use stoa_kit::pg::{DbError, ParameterValue};
use uuid::Uuid;

use super::params::{answered, done, uuid};

#[cfg(feature = "http")]
pub use requests::{NewWithdrawal, decide, page, read, request};

#[cfg(feature = "http")]
mod requests {
    use stoa_kit::http::{Idempotency, Page};
    use stoa_kit::pg::{DbError, ParameterValue, Row};
    use uuid::Uuid;

    use crate::DB;
    use crate::domain::withdrawal::{Decision, WithdrawalState};
    use crate::store::items::{Items, items};
    use crate::store::keyed::keyed;
    use crate::store::params::{maybe_text, maybe_uuid, some, text, uuid};

    /// What somebody asks for.
    #[derive(Debug)]
    pub struct NewWithdrawal<'a> {
        /// `None`: the default of the currency.
        pub bank_account: Option<Uuid>,
        /// Minor units.
        pub amount: i64,
        pub currency: &'a str,
    }

    /// Asks for one, and starts its workflow: status, body and whether the key had done it before.
    pub async fn request(
        account: Uuid,
        idempotency: &Idempotency,
        trace: Option<String>,
        new: &NewWithdrawal<'_>,
    ) -> Result<Option<Row>, DbError> {
        keyed(
            "SELECT * FROM payment.withdraw_v1($1, $2, $3, $4, $5, $6, $7, $8)",
            account,
            idempotency,
            [
                maybe_text(trace),
                maybe_uuid(new.bank_account),
                ParameterValue::Int64(new.amount),
                text(new.currency),
            ],
        )
        .await
    }

    /// Decides one that waits: status, body and whether the key had done it before.
    pub async fn decide(
        actor: Uuid,
        idempotency: &Idempotency,
        trace: Option<String>,
        id: Uuid,
        decision: &Decision,
    ) -> Result<Option<Row>, DbError> {
        keyed(
            "SELECT * FROM payment.decide_withdrawal_v1($1, $2, $3, $4, $5, $6, $7, $8)",
            actor,
            idempotency,
            [
                maybe_text(trace),
                uuid(id),
                text(decision.as_str()),
                maybe_text(decision.text()),
            ],
        )
        .await
    }

    /// Somebody's withdrawals, newest first; everybody's, the longest waiting first, where `account` is
    /// `None`.
    pub async fn page(
        account: Option<Uuid>,
        state: Option<WithdrawalState>,
        page: &Page,
    ) -> Result<Items<Uuid>, DbError> {
        items(
            "SELECT * FROM payment.withdrawals_v1($1, $2, $3, $4)",
            vec![
                maybe_uuid(account),
                maybe_text(state.map(WithdrawalState::as_str)),
                maybe_uuid(page.after),
                ParameterValue::Int32(page.limit),
            ],
        )
        .await
    }

    /// A withdrawal as JSON, for whose it is or for staff.
    pub async fn read(caller: Uuid, staff: bool, id: Uuid) -> Result<Option<String>, DbError> {
        let row = DB
            .read_one(
                "SELECT payment.withdrawal_v1($1, $2, $3)",
                vec![uuid(caller), ParameterValue::Boolean(staff), uuid(id)],
            )
            .await?;
        some(row)?.get(0)
    }
}

/// An approved one is paid: out of the books with it. `note` is the workflow's.
pub async fn paid(id: Uuid, note: ParameterValue) -> Result<bool, DbError> {
    answered(
        "SELECT to_json(payment.withdrawal_paid_v1($1, $2))::text",
        vec![uuid(id), note],
    )
    .await
}

/// Its workflow was given up: what nobody has decided goes back to the wallet. May be repeated.
pub async fn given_up(id: Uuid) -> Result<(), DbError> {
    done("SELECT payment.withdrawal_given_up_v1($1)", vec![uuid(id)]).await
}
