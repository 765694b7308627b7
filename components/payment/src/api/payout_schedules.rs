//! When what somebody has is withdrawn by itself.

use garde::Validate;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, Json, Path, Problem};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use super::fields::Currency;
use crate::store::schedules;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PayoutRhythm {
    /// Only when somebody asks.
    Manual,
    Weekly,
    Monthly,
}

impl PayoutRhythm {
    fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }

    /// The last day that there is in each.
    fn last_day(self) -> i32 {
        match self {
            Self::Manual => 0,
            Self::Weekly => 7,
            Self::Monthly => 28,
        }
    }
}

/// When what somebody has in a currency is withdrawn to the default bank account of that currency.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PayoutSchedule {
    #[schema(example = "VND")]
    currency: String,
    #[schema(inline)]
    every: PayoutRhythm,
    /// Of the week, 1 is Monday, or of the month; null of `manual`.
    day: Option<i32>,
    /// The next time: the beginning of that day, UTC.
    due_on: Option<chrono::NaiveDate>,
    /// What kept it from being paid out the last time: `identity_unchecked` or `bank_account_missing`.
    missing: Option<String>,
    updated_at: chrono::DateTime<chrono::Utc>,
}

/// Somebody's schedules.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PayoutScheduleList {
    /// By currency. Others are `manual`.
    items: Vec<PayoutSchedule>,
    /// Always null: there is one page.
    next_cursor: Option<String>,
}

/// Says when what the caller has is withdrawn by itself.
#[utoipa::path(
    get,
    path = "/v1/payout-schedules",
    tag = "payment",
    operation_id = "list_payout_schedules",
    responses(
        (status = 200, description = "The schedules.", body = PayoutScheduleList),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    let items = schedules::list(caller.account_id).await?;
    Ok(Answer::list::<Uuid>(&items, None))
}

/// A schedule to be set.
#[derive(Debug, Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"every": "weekly", "day": 1}))]
pub struct NewPayoutSchedule {
    #[garde(skip)]
    #[schema(inline)]
    every: PayoutRhythm,
    /// Of `weekly` 1, Monday, to 7; of `monthly` 1 to 28; of `manual` none.
    #[garde(range(min = 1, max = 28))]
    #[schema(minimum = 1, maximum = 28)]
    day: Option<i32>,
}

impl NewPayoutSchedule {
    /// What no rule of a single field sees.
    fn check(&self) -> Result<()> {
        let last = self.every.last_day();
        match self.day {
            None if last > 0 => Err(Error::invalid(
                "/day",
                "missing_field",
                "Weekly and monthly are on a day.",
            )),
            Some(day) if day > last => Err(Error::invalid(
                "/day",
                "out_of_range",
                "A day of the week is 1 to 7, of the month 1 to 28, and by hand is any.",
            )),
            _ => Ok(()),
        }
    }
}

/// Sets when what the caller has in a currency is withdrawn by itself: all of it, to the default bank account.
///
/// From the next such day on, at its beginning in UTC. Nothing happens where less than the minimum is there or
/// another withdrawal is open. Where no identity is approved or there is no bank account, the caller is told, once.
#[utoipa::path(
    put,
    path = "/v1/payout-schedules/{currency}",
    tag = "payment",
    operation_id = "put_payout_schedule",
    request_body = NewPayoutSchedule,
    params(("currency" = String, Path, description = "ISO 4217 code in upper case.")),
    responses(
        (status = 200, description = "The schedule.", body = PayoutSchedule),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`address_unverified`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no such currency.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn put(
    caller: Caller,
    Path(currency): Path<Currency>,
    Json(body): Json<NewPayoutSchedule>,
) -> Result<Answer> {
    caller.require_person()?;
    caller.require_verified()?;
    body.check()?;
    let schedule = schedules::put(
        caller.account_id,
        currency.code(),
        body.every.as_str(),
        body.day,
    )
    .await?;
    Ok(Answer::json_text(schedule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rhythm_has_its_days_and_by_hand_has_none() {
        let holds = |every, day| NewPayoutSchedule { every, day }.check().is_ok();
        assert!(holds(PayoutRhythm::Manual, None) && !holds(PayoutRhythm::Manual, Some(1)));
        assert!(holds(PayoutRhythm::Weekly, Some(7)) && !holds(PayoutRhythm::Weekly, Some(8)));
        assert!(holds(PayoutRhythm::Monthly, Some(28)) && !holds(PayoutRhythm::Monthly, None));
        assert!(!holds(PayoutRhythm::Weekly, None));
    }
}
