//! Everywhere that an app writes something: files, tables, Redis.

use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use futures::TryStreamExt as _;
use redis::AsyncCommands as _;
use redis::aio::MultiplexedConnection;
use tokio::time::timeout;
use tokio_postgres::NoTls;

use super::needles::{Finds, Needles};

/// What is in the data directory to keep secrets, the cluster, which is looked into by SQL, and what a program
/// of the tests that acts for somebody was told and has said.
const KEEPERS: [&str; 4] = ["secrets.json", "ready.json", "postgres", "schemathesis"];
/// A server that runs takes a connection within that time, however busy the machine is.
const ANSWER: Duration = Duration::from_secs(15);
/// So many keys of Redis are read at once.
const AT_ONCE: usize = 500;

/// Where an app writes.
#[derive(Debug, Clone)]
pub struct Site {
    pub data_dir: PathBuf,
    pub database: String,
    pub redis: String,
}

/// How much was looked through.
#[derive(Debug, Default, Clone, Copy)]
pub struct Amount {
    pub files: usize,
    pub rows: usize,
    pub keys: usize,
}

/// Looks through all of it. What is found is there even if something could not be looked into, which is the
/// error.
pub async fn search(site: &Site, needles: &Needles, finds: &mut Finds) -> Result<Amount, String> {
    let mut look = |place: &str, text: &[u8]| needles.look(place, text, finds);
    let files = files(&site.data_dir, &site.data_dir, &mut look);
    let rows = tables(&site.database, &mut look).await;
    let keys = keys(&site.redis, &mut look).await;
    Ok(Amount {
        files,
        rows: rows.map_err(|error| format!("tables: {error}"))?,
        keys: keys.map_err(|error| format!("Redis: {error}"))?,
    })
}

fn files(root: &Path, folder: &Path, look: &mut impl FnMut(&str, &[u8])) -> usize {
    let mut count = 0;
    // What came and went meanwhile is no log.
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = path
            .strip_prefix(root)
            .expect("inside")
            .display()
            .to_string();
        if KEEPERS.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            count += files(root, &path, look);
        } else if let Ok(bytes) = std::fs::read(&path) {
            look(&format!("file {name}"), &bytes);
            count += 1;
        }
    }
    count
}

/// Every row of every table, as text.
async fn tables(database: &str, look: &mut impl FnMut(&str, &[u8])) -> Result<usize, String> {
    let connecting = timeout(ANSWER, tokio_postgres::connect(database, NoTls));
    let (sql, connection) = connecting.await.map_err(text)?.map_err(text)?;
    let connection = tokio::spawn(connection);
    let names = sql
        .query(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'",
            &[],
        )
        .await
        .map_err(text)?;
    if names.len() <= 50 {
        return Err(format!("only {} of them", names.len()));
    }
    let mut count = 0;
    for name in names {
        let (schema, table): (&str, &str) = (name.get(0), name.get(1));
        let place = format!("table {schema}.{table}");
        let failed = |error| format!("{place}: {error}");
        let statement = format!("SELECT t::text FROM \"{schema}\".\"{table}\" t");
        let none: [&str; 0] = [];
        let rows = sql.query_raw(&statement, none).await.map_err(failed)?;
        let mut rows = pin!(rows);
        while let Some(row) = rows.try_next().await.map_err(failed)? {
            look(&place, row.get::<_, &str>(0).as_bytes());
            count += 1;
        }
    }
    drop(sql);
    let _ = connection.await;
    Ok(count)
}

/// Every key of Redis and what it holds.
async fn keys(url: &str, look: &mut impl FnMut(&str, &[u8])) -> Result<usize, String> {
    let client = redis::Client::open(url).map_err(text)?;
    let config = redis::AsyncConnectionConfig::new()
        .set_connection_timeout(ANSWER)
        .set_response_timeout(ANSWER);
    let mut redis = client
        .get_multiplexed_async_connection_with_config(&config)
        .await
        .map_err(text)?;
    let names: Vec<Vec<u8>> = redis.keys("*").await.map_err(text)?;
    for some in names.chunks(AT_ONCE) {
        let mut values = Err(String::new());
        // A key that becomes something else meanwhile is read again.
        for _ in 0..3 {
            values = values_of(&mut redis, some).await;
            if values.is_ok() {
                break;
            }
        }
        for (name, value) in values? {
            let place = format!("redis {}", String::from_utf8_lossy(name));
            look(&place, name);
            each_text(&value, &mut |text| look(&place, text));
        }
    }
    Ok(names.len())
}

/// What keys hold, those that have not expired.
async fn values_of<'a>(
    redis: &mut MultiplexedConnection,
    names: &'a [Vec<u8>],
) -> Result<Vec<(&'a [u8], redis::Value)>, String> {
    let mut ask = redis::pipe();
    for name in names {
        ask.cmd("TYPE").arg(name);
    }
    let kinds: Vec<String> = ask.query_async(redis).await.map_err(text)?;
    let mut there = Vec::new();
    let mut ask = redis::pipe();
    for (name, kind) in names.iter().zip(&kinds) {
        let (command, range): (&str, &[&str]) = match kind.as_str() {
            "string" => ("GET", &[]),
            "hash" => ("HGETALL", &[]),
            "set" => ("SMEMBERS", &[]),
            "list" => ("LRANGE", &["0", "-1"]),
            "zset" => ("ZRANGE", &["0", "-1"]),
            "stream" => ("XRANGE", &["-", "+"]),
            // It has expired.
            "none" => continue,
            _ => {
                let name = String::from_utf8_lossy(name);
                return Err(format!("{name} is a {kind}: how is that read?"));
            }
        };
        ask.cmd(command).arg(name).arg(range);
        there.push(name.as_slice());
    }
    let values: Vec<redis::Value> = ask.query_async(redis).await.map_err(text)?;
    Ok(there.into_iter().zip(values).collect())
}

fn each_text(value: &redis::Value, look: &mut impl FnMut(&[u8])) {
    match value {
        redis::Value::BulkString(bytes) => look(bytes),
        redis::Value::SimpleString(text) => look(text.as_bytes()),
        redis::Value::Array(all) | redis::Value::Set(all) => {
            all.iter().for_each(|it| each_text(it, look));
        }
        redis::Value::Map(all) => all.iter().for_each(|(name, value)| {
            each_text(name, look);
            each_text(value, look);
        }),
        _ => {}
    }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
