//! The types of the interface `spin:postgres`, case for case and in its order.

use wasmtime::component::{ComponentType, Lift, Lower};

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
pub enum Error {
    #[component(name = "connection-failed")]
    ConnectionFailed(String),
    #[component(name = "bad-parameter")]
    BadParameter(String),
    #[component(name = "query-failed")]
    QueryFailed(QueryError),
    #[component(name = "value-conversion-failed")]
    ValueConversionFailed(String),
    #[component(name = "other")]
    Other(String),
}

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(variant)]
pub enum QueryError {
    #[component(name = "text")]
    Text(String),
    #[component(name = "db-error")]
    DbError(DbError),
}

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(record)]
pub struct DbError {
    #[component(name = "as-text")]
    pub as_text: String,
    pub severity: String,
    pub code: String,
    pub message: String,
    pub detail: Option<String>,
    pub extras: Vec<(String, String)>,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
pub enum DbDataType {
    #[component(name = "boolean")]
    Boolean,
    #[component(name = "int8")]
    Int8,
    #[component(name = "int16")]
    Int16,
    #[component(name = "int32")]
    Int32,
    #[component(name = "int64")]
    Int64,
    #[component(name = "floating32")]
    Floating32,
    #[component(name = "floating64")]
    Floating64,
    #[component(name = "str")]
    Str,
    #[component(name = "binary")]
    Binary,
    #[component(name = "date")]
    Date,
    #[component(name = "time")]
    Time,
    #[component(name = "datetime")]
    Datetime,
    #[component(name = "timestamp")]
    Timestamp,
    #[component(name = "uuid")]
    Uuid,
    #[component(name = "jsonb")]
    Jsonb,
    #[component(name = "decimal")]
    Decimal,
    #[component(name = "range-int32")]
    RangeInt32,
    #[component(name = "range-int64")]
    RangeInt64,
    #[component(name = "range-decimal")]
    RangeDecimal,
    #[component(name = "array-int32")]
    ArrayInt32,
    #[component(name = "array-int64")]
    ArrayInt64,
    #[component(name = "array-decimal")]
    ArrayDecimal,
    #[component(name = "array-str")]
    ArrayStr,
    #[component(name = "interval")]
    Interval,
    #[component(name = "other")]
    Other(String),
}

/// Year, month, day.
pub type Date = (i32, u8, u8);
/// Hour, minute, second, nanosecond.
pub type Time = (u8, u8, u8, u32);
/// Year, month, day, hour, minute, second, nanosecond; always UTC.
pub type Datetime = (i32, u8, u8, u8, u8, u8, u32);
/// The lower and the upper bound, where there are such.
pub type Range<T> = (Option<(T, RangeBoundKind)>, Option<(T, RangeBoundKind)>);

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
pub enum DbValue {
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "int8")]
    Int8(i8),
    #[component(name = "int16")]
    Int16(i16),
    #[component(name = "int32")]
    Int32(i32),
    #[component(name = "int64")]
    Int64(i64),
    #[component(name = "floating32")]
    Floating32(f32),
    #[component(name = "floating64")]
    Floating64(f64),
    #[component(name = "str")]
    Str(String),
    #[component(name = "binary")]
    Binary(Vec<u8>),
    #[component(name = "date")]
    Date(Date),
    #[component(name = "time")]
    Time(Time),
    #[component(name = "datetime")]
    Datetime(Datetime),
    #[component(name = "timestamp")]
    Timestamp(i64),
    #[component(name = "uuid")]
    Uuid(String),
    #[component(name = "jsonb")]
    Jsonb(Vec<u8>),
    #[component(name = "decimal")]
    Decimal(String),
    #[component(name = "range-int32")]
    RangeInt32(Range<i32>),
    #[component(name = "range-int64")]
    RangeInt64(Range<i64>),
    #[component(name = "range-decimal")]
    RangeDecimal(Range<String>),
    #[component(name = "array-int32")]
    ArrayInt32(Vec<Option<i32>>),
    #[component(name = "array-int64")]
    ArrayInt64(Vec<Option<i64>>),
    #[component(name = "array-decimal")]
    ArrayDecimal(Vec<Option<String>>),
    #[component(name = "array-str")]
    ArrayStr(Vec<Option<String>>),
    #[component(name = "interval")]
    Interval(Interval),
    #[component(name = "db-null")]
    DbNull,
    #[component(name = "unsupported")]
    Unsupported(Vec<u8>),
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
pub enum ParameterValue {
    #[component(name = "boolean")]
    Boolean(bool),
    #[component(name = "int8")]
    Int8(i8),
    #[component(name = "int16")]
    Int16(i16),
    #[component(name = "int32")]
    Int32(i32),
    #[component(name = "int64")]
    Int64(i64),
    #[component(name = "floating32")]
    Floating32(f32),
    #[component(name = "floating64")]
    Floating64(f64),
    #[component(name = "str")]
    Str(String),
    #[component(name = "binary")]
    Binary(Vec<u8>),
    #[component(name = "date")]
    Date(Date),
    #[component(name = "time")]
    Time(Time),
    #[component(name = "datetime")]
    Datetime(Datetime),
    #[component(name = "timestamp")]
    Timestamp(i64),
    #[component(name = "uuid")]
    Uuid(String),
    #[component(name = "jsonb")]
    Jsonb(Vec<u8>),
    #[component(name = "decimal")]
    Decimal(String),
    #[component(name = "range-int32")]
    RangeInt32(Range<i32>),
    #[component(name = "range-int64")]
    RangeInt64(Range<i64>),
    #[component(name = "range-decimal")]
    RangeDecimal(Range<String>),
    #[component(name = "array-int32")]
    ArrayInt32(Vec<Option<i32>>),
    #[component(name = "array-int64")]
    ArrayInt64(Vec<Option<i64>>),
    #[component(name = "array-decimal")]
    ArrayDecimal(Vec<Option<String>>),
    #[component(name = "array-str")]
    ArrayStr(Vec<Option<String>>),
    #[component(name = "interval")]
    Interval(Interval),
    #[component(name = "db-null")]
    DbNull,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, Copy, PartialEq)]
#[component(record)]
pub struct Interval {
    pub micros: i64,
    pub days: i32,
    pub months: i32,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(record)]
pub struct Column {
    pub name: String,
    #[component(name = "data-type")]
    pub data_type: DbDataType,
}

pub type Row = Vec<DbValue>;

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(record)]
pub struct RowSet {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, Copy, PartialEq)]
#[component(enum)]
#[repr(u8)]
pub enum RangeBoundKind {
    #[component(name = "inclusive")]
    Inclusive,
    #[component(name = "exclusive")]
    Exclusive,
}

impl DbValue {
    /// About how much memory the value takes.
    pub fn size(&self) -> usize {
        let texts = |list: &[Option<String>]| {
            list.iter()
                .map(|s| size_of::<Option<String>>() + s.as_ref().map_or(0, String::len))
                .sum()
        };
        size_of::<Self>()
            + match self {
                Self::Str(s) | Self::Uuid(s) | Self::Decimal(s) => s.len(),
                Self::Binary(b) | Self::Jsonb(b) | Self::Unsupported(b) => b.len(),
                Self::ArrayInt32(list) => size_of_val(list.as_slice()),
                Self::ArrayInt64(list) => size_of_val(list.as_slice()),
                Self::ArrayDecimal(list) | Self::ArrayStr(list) => texts(list),
                _ => 0,
            }
    }
}
