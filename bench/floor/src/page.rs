//! A product's page: one statement, or one look into Redis.

use std::cell::RefCell;
use std::rc::Rc;

use spin_sdk::pg::{DbValue, ParameterValue};
use spin_sdk::redis::{Connection, RedisParameter};

use crate::{Failure, database};

thread_local! {
    static REDIS: RefCell<Option<Rc<Connection>>> = const { RefCell::new(None) };
}

/// The page's text; `None` when there is no such product.
pub async fn answer(id: &str) -> Result<Option<String>, Failure> {
    let life: i64 = database::variable("product_cache_ms").await?.parse()?;
    if life == 0 {
        return read(id).await;
    }
    let redis = redis().await?;
    // A key of its own: the app's pages are not to be found by their copy.
    let key = format!("bench:floor:{id}");
    if let Some(page) = redis.get(&key).await? {
        return Ok(Some(String::from_utf8(page)?));
    }
    let page = read(id).await?;
    if let Some(text) = &page {
        let arguments = [
            RedisParameter::Binary(key.into_bytes()),
            RedisParameter::Binary(text.clone().into_bytes()),
            RedisParameter::Binary(b"PX".to_vec()),
            RedisParameter::Int64(life),
        ];
        redis.execute("SET", arguments).await?;
    }
    Ok(page)
}

async fn read(id: &str) -> Result<Option<String>, Failure> {
    let parameters = vec![
        ParameterValue::Uuid(id.to_owned()),
        ParameterValue::DbNull,
        ParameterValue::Boolean(false),
    ];
    let statement = "SELECT * FROM catalog.product_page_v1($1, $2, $3)";
    let row = database::first_row("catalog_db", statement, parameters).await?;
    match row.and_then(|row| row.into_iter().nth(2)) {
        Some(DbValue::Str(page)) => Ok(Some(page)),
        Some(DbValue::DbNull) | None => Ok(None),
        other => Err(format!("a page is {other:?}").into()),
    }
}

async fn redis() -> Result<Rc<Connection>, Failure> {
    if let Some(open) = REDIS.with_borrow(Clone::clone) {
        return Ok(open);
    }
    let open = Rc::new(Connection::open(database::variable("redis_url").await?).await?);
    REDIS.set(Some(Rc::clone(&open)));
    Ok(open)
}
