//! Parameters on their way to Postgres.

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use postgres_range::{BoundSided, BoundType, Normalizable, RangeBound};
use rust_decimal::Decimal;
use tokio_postgres::types::ToSql;

use super::types::{Date, Datetime, ParameterValue, Range, RangeBoundKind, Time};
use super::wire::{Bound, Null};

pub type Parameter = Box<dyn ToSql + Send + Sync>;

/// Makes parameters of what the guest passed; the error says which value is none.
pub fn encode(values: Vec<ParameterValue>) -> Result<Vec<Parameter>> {
    values.into_iter().map(encode_one).collect()
}

fn encode_one(value: ParameterValue) -> Result<Parameter> {
    Ok(match value {
        ParameterValue::Boolean(v) => Box::new(v),
        ParameterValue::Int8(v) => Box::new(v),
        ParameterValue::Int16(v) => Box::new(v),
        ParameterValue::Int32(v) => Box::new(v),
        ParameterValue::Int64(v) => Box::new(v),
        ParameterValue::Floating32(v) => Box::new(v),
        ParameterValue::Floating64(v) => Box::new(v),
        ParameterValue::Str(v) => Box::new(v),
        ParameterValue::Binary(v) => Box::new(v),
        ParameterValue::Date(v) => Box::new(date(v)?),
        ParameterValue::Time(v) => Box::new(time(v)?),
        ParameterValue::Datetime(v) => Box::new(datetime(v)?),
        ParameterValue::Timestamp(v) => Box::new(timestamp(v)?),
        ParameterValue::Uuid(v) => {
            Box::new(uuid::Uuid::parse_str(&v).with_context(|| format!("{v:?} is not a UUID"))?)
        }
        ParameterValue::Jsonb(v) => Box::new(
            serde_json::from_slice::<serde_json::Value>(&v)
                .with_context(|| format!("not JSON: {}", String::from_utf8_lossy(&v)))?,
        ),
        ParameterValue::Decimal(v) => Box::new(decimal(&v)?),
        ParameterValue::RangeInt32(v) => Box::new(range(v, Ok)?),
        ParameterValue::RangeInt64(v) => Box::new(range(v, Ok)?),
        ParameterValue::RangeDecimal(v) => Box::new(range(v, |v| decimal(&v).map(Bound))?),
        ParameterValue::ArrayInt32(v) => Box::new(v),
        ParameterValue::ArrayInt64(v) => Box::new(v),
        ParameterValue::ArrayDecimal(v) => Box::new(decimals(v)?),
        ParameterValue::ArrayStr(v) => Box::new(v),
        ParameterValue::Interval(v) => Box::new(v),
        ParameterValue::DbNull => Box::new(Null),
    })
}

fn date((year, month, day): Date) -> Result<NaiveDate> {
    NaiveDate::from_ymd_opt(year, month.into(), day.into())
        .with_context(|| format!("there is no date {year}-{month}-{day}"))
}

fn time((hour, minute, second, nanosecond): Time) -> Result<NaiveTime> {
    NaiveTime::from_hms_nano_opt(hour.into(), minute.into(), second.into(), nanosecond)
        .with_context(|| format!("there is no time {hour}:{minute}:{second}:{nanosecond}"))
}

fn datetime((year, month, day, h, m, s, ns): Datetime) -> Result<NaiveDateTime> {
    Ok(date((year, month, day))?.and_time(time((h, m, s, ns))?))
}

fn timestamp(seconds: i64) -> Result<DateTime<Utc>> {
    DateTime::from_timestamp(seconds, 0)
        .with_context(|| format!("{seconds} is not a time of this calendar"))
}

fn decimal(text: &str) -> Result<Decimal> {
    Decimal::from_str_exact(text).with_context(|| format!("{text:?} is not a decimal"))
}

fn decimals(list: Vec<Option<String>>) -> Result<Vec<Option<Decimal>>> {
    list.into_iter()
        .map(|item| item.map(|text| decimal(&text)).transpose())
        .collect()
}

fn range<T, P: PartialOrd + Normalizable>(
    (lower, upper): Range<T>,
    convert: impl Fn(T) -> Result<P> + Copy,
) -> Result<postgres_range::Range<P>> {
    Ok(postgres_range::Range::new(
        lower.map(|b| bound(b, convert)).transpose()?,
        upper.map(|b| bound(b, convert)).transpose()?,
    ))
}

fn bound<S: BoundSided, T, P: PartialOrd>(
    (value, kind): (T, RangeBoundKind),
    convert: impl Fn(T) -> Result<P>,
) -> Result<RangeBound<S, P>> {
    let kind = match kind {
        RangeBoundKind::Inclusive => BoundType::Inclusive,
        RangeBoundKind::Exclusive => BoundType::Exclusive,
    };
    Ok(RangeBound::new(convert(value)?, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_a_value_is_refused() {
        for value in [
            ParameterValue::Uuid("x".to_owned()),
            ParameterValue::Jsonb(b"{".to_vec()),
            ParameterValue::Decimal("1,5".to_owned()),
            ParameterValue::Date((2023, 2, 29)),
            ParameterValue::Time((24, 0, 0, 0)),
            ParameterValue::ArrayDecimal(vec![None, Some("x".to_owned())]),
        ] {
            assert!(encode(vec![value.clone()]).is_err(), "{value:?}");
        }
    }

    #[test]
    fn a_timestamp_counts_seconds() {
        let time = timestamp(3600 + 2 * 60 + 3).unwrap();
        assert_eq!(time.to_rfc3339(), "1970-01-01T01:02:03+00:00");
    }
}
