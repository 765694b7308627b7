//! An account's notifications.

use serde_json::Value;
use stoa_kit::http::{Idempotency, Page};
use stoa_kit::pg::{DbError, ParameterValue, Row};
use uuid::Uuid;

use crate::DB;
use crate::domain::marking::Selection;

/// A notification as it is stored.
#[derive(Debug)]
pub struct Notification {
    /// Its id, by which lists are sorted.
    pub id: Uuid,
    /// Such as `order.placed`.
    pub kind: String,
    /// What the template of the kind needs.
    pub data: Value,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339; `None` as long as it is unread.
    pub read_at: Option<String>,
}

/// A page, newest first, and where the next one starts, if there is one.
///
/// # Errors
/// [`DbError`]
pub async fn page(
    account: Uuid,
    page: &Page,
    unread: bool,
) -> Result<(Vec<Notification>, Option<Uuid>), DbError> {
    let params = vec![
        uuid(account),
        page.after.map_or(ParameterValue::DbNull, uuid),
        ParameterValue::Int32(page.limit),
        ParameterValue::Boolean(unread),
    ];
    let sql =
        "SELECT id, kind, data, created_at, read_at FROM notification.page_v1($1, $2, $3, $4)";
    let rows = DB.read(sql, params).await?;
    let limit = usize::try_from(page.limit).unwrap_or(0);
    let more = rows.len() > limit;
    let items = rows
        .iter()
        .take(limit)
        .map(notification)
        .collect::<Result<Vec<_>, _>>()?;
    let next = items.last().filter(|_| more).map(|last| last.id);
    Ok((items, next))
}

fn notification(row: &Row) -> Result<Notification, DbError> {
    Ok(Notification {
        id: row.get(0)?,
        kind: row.get(1)?,
        data: row.get(2)?,
        created_at: row.get(3)?,
        read_at: row.get(4)?,
    })
}

/// How many the account has not read.
///
/// # Errors
/// [`DbError`]
pub async fn unread_count(account: Uuid) -> Result<i64, DbError> {
    DB.read_one(
        "SELECT notification.unread_count_v1($1)",
        vec![uuid(account)],
    )
    .await?
    .ok_or_else(|| DbError::Shape("the count returned no row".into()))?
    .get(0)
}

/// Marks one read; nothing changes when it is already.
///
/// # Errors
/// Refused with `not_found` when the account has no such notification.
pub async fn mark_read(account: Uuid, id: Uuid) -> Result<(), DbError> {
    DB.write(
        "SELECT notification.mark_read_v1($1, $2)",
        vec![uuid(account), uuid(id)],
    )
    .await
    .map(|_| ())
}

/// Marks many read. Returns `status, body, replayed`.
///
/// # Errors
/// [`DbError`]
pub async fn mark_many_read(
    account: Uuid,
    idempotency: &Idempotency,
    selection: Selection,
) -> Result<Option<Row>, DbError> {
    let [key, hash, reference] = idempotency.params();
    let (ids, up_to) = match selection {
        Selection::Named(ids) => {
            let ids = ids.iter().map(|id| Some(id.to_string())).collect();
            (ParameterValue::ArrayStr(ids), ParameterValue::DbNull)
        }
        Selection::UpTo(last) => (
            ParameterValue::DbNull,
            last.map_or(ParameterValue::DbNull, uuid),
        ),
    };
    DB.write_one(
        "SELECT status, body, replayed FROM notification.mark_many_read_v1($1, $2, $3, $4, $5, $6)",
        vec![uuid(account), key, hash, reference, ids, up_to],
    )
    .await
}

fn uuid(id: Uuid) -> ParameterValue {
    ParameterValue::Uuid(id.to_string())
}
