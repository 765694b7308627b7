//! Whether everything that Stoa needs is there, and how to say what is not.

use serde_json::{Value, json};

use super::beat::{self, Beat};

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
    /// It answers, and says how old the last beat of each lane is.
    Beats(Vec<Beat>),
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
        Redis::Beats(_) => json!({"ok": true}),
    }
}

fn worker_check(redis: &Redis) -> Value {
    let Redis::Beats(beats) = redis else {
        return json!({"ok": false, "detail": "Unknown without Redis."});
    };
    let lanes = lanes(beats);
    match beat::worst(beats) {
        None => {
            json!({"ok": false, "lanes": lanes, "detail": "A lane of the worker has not been heard of lately."})
        }
        Some(age) if age > beat::MOST_MS => {
            json!({"ok": false, "beat_age_ms": age, "lanes": lanes, "detail": "A lane of the worker is behind."})
        }
        Some(age) => json!({"ok": true, "beat_age_ms": age, "lanes": lanes}),
    }
}

/// Each lane by its name: its state in a word, and the age of its beat.
#[must_use]
pub fn lanes(beats: &[Beat]) -> Value {
    beats
        .iter()
        .map(|(lane, age)| {
            let state = json!({"status": beat::word(*age), "beat_age_ms": age});
            ((*lane).to_owned(), state)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn beats(relay: Option<u64>) -> Redis {
        Redis::Beats(vec![("relay", relay), ("order-flows", Some(200))])
    }

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
            failing(Database::Missing(Vec::new()), beats(Some(300))),
            none
        );
    }

    #[test]
    fn each_check_is_named() {
        let migrated = || Database::Missing(Vec::new());
        assert_eq!(
            failing(Database::Away, beats(Some(0))),
            ["database", "migrations"]
        );
        assert_eq!(
            failing(Database::NotMigrated, beats(Some(0))),
            ["migrations"]
        );
        assert_eq!(
            failing(
                Database::Missing(vec!["order/0001_a.sql".into()]),
                beats(Some(0))
            ),
            ["migrations"]
        );
        assert_eq!(failing(migrated(), Redis::Away), ["redis", "worker"]);
        assert_eq!(failing(migrated(), beats(None)), ["worker"]);
        assert_eq!(failing(migrated(), beats(Some(10_001))), ["worker"]);
    }

    #[test]
    fn each_lane_says_how_it_is() {
        let (_, checks) = judge(&Database::Missing(Vec::new()), &beats(Some(20_000)));
        let worker = &checks["worker"];
        assert_eq!(worker["beat_age_ms"], 20_000);
        assert_eq!(worker["lanes"]["relay"]["status"], "late");
        assert_eq!(worker["lanes"]["order-flows"]["status"], "ok");
    }

    #[test]
    fn a_long_list_of_missing_migrations_is_cut() {
        let missing = (0..50).map(|i| format!("order/{i:04}_a.sql")).collect();
        let (_, checks) = judge(&Database::Missing(missing), &beats(Some(0)));
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
