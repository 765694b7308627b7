//! When money is withdrawn by itself.

use stoa_kit::pg::DbError;

use super::params::answered;

#[cfg(feature = "http")]
pub use requests::{list, put};

#[cfg(feature = "http")]
mod requests {
    use stoa_kit::pg::{DbError, ParameterValue};
    use uuid::Uuid;

    use crate::DB;
    use crate::store::params::{some, text, uuid};

    /// Somebody's schedules, as a JSON array.
    pub async fn list(account: Uuid) -> Result<String, DbError> {
        let row = DB
            .read_one(
                "SELECT payment.payout_schedules_v1($1)",
                vec![uuid(account)],
            )
            .await?;
        some(row)?.get(0)
    }

    /// Sets one; the schedule as JSON.
    pub async fn put(
        account: Uuid,
        currency: &str,
        every: &str,
        day: Option<i32>,
    ) -> Result<String, DbError> {
        let row = DB
            .write_one(
                "SELECT payment.put_payout_schedule_v1($1, $2, $3, $4)",
                vec![
                    uuid(account),
                    text(currency),
                    text(every),
                    day.map_or(ParameterValue::DbNull, ParameterValue::Int32),
                ],
            )
            .await?;
        some(row)?.get(0)
    }
}

/// Withdraws for one whose day has come. Whether there was one.
pub async fn pay_out_due() -> Result<bool, DbError> {
    answered("SELECT to_json(payment.pay_out_due_v1())::text", Vec::new()).await
}
