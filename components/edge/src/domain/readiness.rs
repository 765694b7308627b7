//! Whether everything that Stoa needs is there, and how to say what is not.

use serde_json::{Value, json};

use super::beat;

/// Missing migrations named in an answer; more are only counted.
const NAMED: usize = 20;

/// What the database said.
#[derive(Debug)]
pub enum Database {
    /// It did not answer, or not in time.
    Away,
    /// It answers, but has no record of migrations.
    NotMigrated,
    /// It answers, and these migrations of this build have not been applied.
    Missing(Vec<String>),
}

/// What Redis said.
#[derive(Debug)]
pub enum Redis {
    /// It did not answer.
    Away,
    /// It answers, and the worker's last beat is that old, if there is one.
    Beat(Option<u64>),
}

/// Judges the findings: whether Stoa is ready, and each check by name.
#[must_use]
pub fn judge(database: &Database, redis: &Redis) -> (bool, Value) {
    let checks = [
        ("database", database_check(database)),
        ("migrations", migrations_check(database)),
        ("redis", redis_check(redis)),
        ("worker", worker_check(redis)),
    ];
    let ready = checks
        .iter()
        .all(|(_, check)| check.get("ok") == Some(&Value::Bool(true)));
    (
        ready,
        checks
            .into_iter()
            .map(|(name, check)| (name.to_owned(), check))
            .collect(),
    )
}

fn database_check(database: &Database) -> Value {
    match database {
        Database::Away => json!({"ok": false, "detail": "Postgres does not answer."}),
        Database::NotMigrated | Database::Missing(_) => json!({"ok": true}),
    }
}

fn migrations_check(database: &Database) -> Value {
    match database {
        Database::Away => json!({"ok": false, "detail": "Unknown without the database."}),
        Database::NotMigrated => {
            json!({"ok": false, "detail": "The database has never been migrated."})
        }
        Database::Missing(missing) if missing.is_empty() => json!({"ok": true}),
        Database::Missing(missing) => {
            let named: Vec<&String> = missing.iter().take(NAMED).collect();
            let detail = format!(
                "{} migrations of this build have not been applied.",
                missing.len()
            );
            json!({"ok": false, "detail": detail, "missing": named})
        }
    }
}

fn redis_check(redis: &Redis) -> Value {
    match redis {
        Redis::Away => json!({"ok": false, "detail": "Redis does not answer."}),
        Redis::Beat(_) => json!({"ok": true}),
    }
}

fn worker_check(redis: &Redis) -> Value {
    match redis {
        Redis::Away => json!({"ok": false, "detail": "Unknown without Redis."}),
        Redis::Beat(None) => {
            json!({"ok": false, "detail": "The worker has not been heard of lately."})
        }
        Redis::Beat(Some(age)) if *age > beat::MOST_MS => {
            json!({"ok": false, "beat_age_ms": age, "detail": "The worker is behind."})
        }
        Redis::Beat(Some(age)) => json!({"ok": true, "beat_age_ms": age}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failing(database: Database, redis: Redis) -> Vec<String> {
        let (ready, checks) = judge(&database, &redis);
        let names: Vec<String> = checks
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, check)| check["ok"] != true)
            .map(|(name, _)| name.clone())
            .collect();
        assert_eq!(ready, names.is_empty());
        names
    }

    #[test]
    fn ready_when_everything_is_there() {
        let none: [&str; 0] = [];
        assert_eq!(
            failing(Database::Missing(Vec::new()), Redis::Beat(Some(300))),
            none
        );
    }

    #[test]
    fn each_check_is_named() {
        let migrated = || Database::Missing(Vec::new());
        assert_eq!(
            failing(Database::Away, Redis::Beat(Some(0))),
            ["database", "migrations"]
        );
        assert_eq!(
            failing(Database::NotMigrated, Redis::Beat(Some(0))),
            ["migrations"]
        );
        assert_eq!(
            failing(
                Database::Missing(vec!["order/0001_a.sql".into()]),
                Redis::Beat(Some(0))
            ),
            ["migrations"]
        );
        assert_eq!(failing(migrated(), Redis::Away), ["redis", "worker"]);
        assert_eq!(failing(migrated(), Redis::Beat(None)), ["worker"]);
        assert_eq!(failing(migrated(), Redis::Beat(Some(5_001))), ["worker"]);
    }

    #[test]
    fn a_long_list_of_missing_migrations_is_cut() {
        let missing = (0..50).map(|i| format!("order/{i:04}_a.sql")).collect();
        let (_, checks) = judge(&Database::Missing(missing), &Redis::Beat(Some(0)));
        assert_eq!(
            checks["migrations"]["missing"].as_array().unwrap().len(),
            20
        );
        assert!(
            checks["migrations"]["detail"]
                .as_str()
                .unwrap()
                .starts_with("50 ")
        );
    }
}
