//! Rows on their way to the guest. A type that the interface does not know comes as bytes.

use anyhow::Result;
use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike};
use postgres_range::{BoundSided, BoundType, Normalizable, RangeBound};
use rust_decimal::Decimal;
use tokio_postgres::types::{FromSql, Type};

use super::types::{Column, DbDataType, DbValue, Interval, Range, RangeBoundKind, Row};
use super::wire::{Bound, Raw};

/// The columns of a row.
pub fn columns(row: &tokio_postgres::Row) -> Vec<Column> {
    row.columns()
        .iter()
        .map(|column| Column {
            name: column.name().to_owned(),
            data_type: data_type(column.type_()),
        })
        .collect()
}

/// The values of a row.
pub fn values(row: &tokio_postgres::Row) -> Result<Row> {
    (0..row.len()).map(|index| value(row, index)).collect()
}

fn data_type(ty: &Type) -> DbDataType {
    match *ty {
        Type::BOOL => DbDataType::Boolean,
        Type::BYTEA => DbDataType::Binary,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR => DbDataType::Str,
        Type::TIMESTAMP | Type::TIMESTAMPTZ => DbDataType::Datetime,
        Type::DATE => DbDataType::Date,
        Type::TIME => DbDataType::Time,
        Type::UUID => DbDataType::Uuid,
        Type::JSONB => DbDataType::Jsonb,
        Type::NUMERIC => DbDataType::Decimal,
        Type::INT4_RANGE => DbDataType::RangeInt32,
        Type::INT8_RANGE => DbDataType::RangeInt64,
        Type::NUM_RANGE => DbDataType::RangeDecimal,
        Type::INT4_ARRAY => DbDataType::ArrayInt32,
        Type::INT8_ARRAY => DbDataType::ArrayInt64,
        Type::NUMERIC_ARRAY => DbDataType::ArrayDecimal,
        Type::TEXT_ARRAY | Type::VARCHAR_ARRAY | Type::BPCHAR_ARRAY => DbDataType::ArrayStr,
        Type::INTERVAL => DbDataType::Interval,
        _ => DbDataType::Other(ty.name().to_owned()),
    }
}

fn value(row: &tokio_postgres::Row, index: usize) -> Result<DbValue> {
    let cell = Cell { row, index };
    match data_type(row.columns()[index].type_()) {
        DbDataType::Boolean => cell.plain(DbValue::Boolean),
        DbDataType::Binary => cell.plain(DbValue::Binary),
        DbDataType::Floating32 => cell.plain(DbValue::Floating32),
        DbDataType::Floating64 => cell.plain(DbValue::Floating64),
        DbDataType::Int16 => cell.plain(DbValue::Int16),
        DbDataType::Int32 => cell.plain(DbValue::Int32),
        DbDataType::Int64 => cell.plain(DbValue::Int64),
        DbDataType::Str => cell.plain(DbValue::Str),
        // A timestamp with time zone does not convert to one without: an error, as on Spin.
        DbDataType::Datetime => cell.convert(|v: NaiveDateTime| {
            let ((year, month, day), (h, m, s, ns)) = (date(v.date())?, time(v.time())?);
            Ok(DbValue::Datetime((year, month, day, h, m, s, ns)))
        }),
        DbDataType::Date => cell.convert(|v: NaiveDate| Ok(DbValue::Date(date(v)?))),
        DbDataType::Time => cell.convert(|v: NaiveTime| Ok(DbValue::Time(time(v)?))),
        DbDataType::Uuid => cell.plain(|v: uuid::Uuid| DbValue::Uuid(v.to_string())),
        DbDataType::Jsonb => {
            cell.convert(|v: serde_json::Value| Ok(DbValue::Jsonb(serde_json::to_vec(&v)?)))
        }
        DbDataType::Decimal => cell.plain(|v: Decimal| DbValue::Decimal(v.to_string())),
        DbDataType::RangeInt32 => cell.plain(|v| DbValue::RangeInt32(range(&v, |v| *v))),
        DbDataType::RangeInt64 => cell.plain(|v| DbValue::RangeInt64(range(&v, |v| *v))),
        DbDataType::RangeDecimal => {
            cell.plain(|v| DbValue::RangeDecimal(range(&v, Bound::to_string)))
        }
        DbDataType::ArrayInt32 => cell.plain(DbValue::ArrayInt32),
        DbDataType::ArrayInt64 => cell.plain(DbValue::ArrayInt64),
        DbDataType::ArrayDecimal => cell.plain(|v: Vec<Option<Decimal>>| {
            DbValue::ArrayDecimal(v.iter().map(|d| d.map(|d| d.to_string())).collect())
        }),
        DbDataType::ArrayStr => cell.plain(DbValue::ArrayStr),
        DbDataType::Interval => cell.plain(|v: Interval| DbValue::Interval(v)),
        DbDataType::Int8 | DbDataType::Timestamp | DbDataType::Other(_) => {
            cell.plain(|v: Raw| DbValue::Unsupported(v.0))
        }
    }
}

struct Cell<'a> {
    row: &'a tokio_postgres::Row,
    index: usize,
}

impl<'a> Cell<'a> {
    fn plain<T: FromSql<'a>>(&self, make: impl FnOnce(T) -> DbValue) -> Result<DbValue> {
        self.convert(|value| Ok(make(value)))
    }

    fn convert<T: FromSql<'a>>(&self, make: impl FnOnce(T) -> Result<DbValue>) -> Result<DbValue> {
        match self.row.try_get::<_, Option<T>>(self.index)? {
            Some(value) => make(value),
            None => Ok(DbValue::DbNull),
        }
    }
}

fn date(value: NaiveDate) -> Result<super::types::Date> {
    let (month, day) = (value.month().try_into()?, value.day().try_into()?);
    Ok((value.year(), month, day))
}

fn time(value: NaiveTime) -> Result<super::types::Time> {
    Ok((
        value.hour().try_into()?,
        value.minute().try_into()?,
        value.second().try_into()?,
        value.nanosecond(),
    ))
}

fn range<P: PartialOrd + Normalizable, T>(
    value: &postgres_range::Range<P>,
    convert: impl Fn(&P) -> T + Copy,
) -> Range<T> {
    (
        value.lower().map(|b| bound(b, convert)),
        value.upper().map(|b| bound(b, convert)),
    )
}

fn bound<S: BoundSided, P, T>(
    bound: &RangeBound<S, P>,
    convert: impl Fn(&P) -> T,
) -> (T, RangeBoundKind) {
    let kind = match bound.type_ {
        BoundType::Inclusive => RangeBoundKind::Inclusive,
        BoundType::Exclusive => RangeBoundKind::Exclusive,
    };
    (convert(&bound.value), kind)
}
