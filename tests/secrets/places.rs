//! Everywhere that something is written: files, tables, Redis, refusals.

use std::collections::BTreeSet;
use std::path::Path;

use redis::AsyncCommands as _;

use super::Canaries;
use crate::support::app::App;

/// Where something is planted, as [`Found::place`] begins.
pub const PLANTED: [&str; 5] = [
    "file logs/planted.log",
    "table planted.text",
    "table planted.bytes",
    "redis planted",
    "problem",
];

/// Files of the data directory that are there to keep secrets, and the cluster, which is looked into by SQL.
const KEEPERS: [&str; 3] = ["secrets.json", "ready.json", "postgres"];

/// A canary where it should not be.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    pub what: String,
    pub place: String,
}

/// Every place in which a canary lies that may not lie there.
pub async fn search(app: &App, canaries: &Canaries) -> BTreeSet<Found> {
    let mut found = BTreeSet::new();
    let mut look = |place: &str, text: &[u8]| {
        for canary in canaries.within(text) {
            let allowed = |table: &&&str| place == format!("table {table}");
            if !canary.allowed.iter().any(|table| allowed(&table)) {
                found.insert(Found {
                    what: canary.what.clone(),
                    place: place.to_owned(),
                });
            }
        }
    };
    files(&app.data_dir, &app.data_dir, &mut look);
    tables(app, &mut look).await;
    keys(app, &mut look).await;
    for problem in &canaries.problems {
        look(&format!("problem {problem}"), problem.as_bytes());
    }
    found
}

fn files(root: &Path, folder: &Path, look: &mut impl FnMut(&str, &[u8])) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
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
            files(root, &path, look);
        } else if let Ok(bytes) = std::fs::read(&path) {
            // What came and went meanwhile is no log.
            look(&format!("file {name}"), &bytes);
        }
    }
}

/// Every row of every table, as text.
async fn tables(app: &App, look: &mut impl FnMut(&str, &[u8])) {
    let sql = app.sql().await;
    let names: Vec<(String, String)> = sql
        .query(
            "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE c.relkind IN ('r', 'm') AND n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema'",
            &[],
        )
        .await
        .expect("tables")
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    assert!(names.len() > 50, "only {} tables", names.len());
    for (schema, table) in names {
        let place = format!("table {schema}.{table}");
        let rows = sql
            .query(
                &format!("SELECT t::text FROM \"{schema}\".\"{table}\" t"),
                &[],
            )
            .await
            .unwrap_or_else(|error| panic!("{place}: {error}"));
        for row in rows {
            look(&place, row.get::<_, &str>(0).as_bytes());
        }
    }
}

/// Every key of Redis and what it holds.
async fn keys(app: &App, look: &mut impl FnMut(&str, &[u8])) {
    let mut redis = app.redis().await;
    let names: Vec<Vec<u8>> = redis.keys("*").await.expect("keys");
    for name in names {
        let place = format!("redis {}", String::from_utf8_lossy(&name));
        look(&place, &name);
        let kind: String = redis.key_type(&name).await.expect("a kind");
        let mut command = match kind.as_str() {
            "string" => redis::cmd("GET"),
            "hash" => redis::cmd("HGETALL"),
            "set" => redis::cmd("SMEMBERS"),
            "list" => redis::cmd("LRANGE"),
            "zset" => redis::cmd("ZRANGE"),
            "stream" => redis::cmd("XRANGE"),
            // It has expired.
            "none" => continue,
            _ => panic!("{place} is a {kind}: how is that read?"),
        };
        command.arg(&name);
        match kind.as_str() {
            "list" | "zset" => command.arg(0).arg(-1),
            "stream" => command.arg("-").arg("+"),
            _ => &mut command,
        };
        let value: redis::Value = command.query_async(&mut redis).await.expect("a value");
        each_text(&value, &mut |text| look(&place, text));
    }
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

/// Writes something into every kind of place.
pub async fn plant(app: &App, text: &str) {
    std::fs::write(app.data_dir.join("logs/planted.log"), text).expect("a file");
    let sql = app.sql().await;
    sql.batch_execute(&format!(
        "CREATE SCHEMA planted;
         CREATE TABLE planted.text (it jsonb);
         CREATE TABLE planted.bytes (it bytea);
         INSERT INTO planted.text VALUES ('{{\"a\": [\"{text}\"]}}');
         INSERT INTO planted.bytes VALUES (convert_to('{text}', 'UTF8'));"
    ))
    .await
    .expect("tables");
    let mut redis = app.redis().await;
    let _: () = redis.hset("planted", "field", text).await.expect("a hash");
}

/// Takes it away again.
pub async fn clear(app: &App) {
    let _ = std::fs::remove_file(app.data_dir.join("logs/planted.log"));
    let sql = app.sql().await;
    sql.batch_execute("DROP SCHEMA planted CASCADE")
        .await
        .expect("dropped");
    let mut redis = app.redis().await;
    let _: () = redis.del("planted").await.expect("deleted");
}
