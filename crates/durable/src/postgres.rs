//! Runs in Postgres: one statement for each call, functions of `sql/`.

use serde::de::DeserializeOwned;
use serde_json::Value;
use stoa_kit::pg::{Db, DbError, ParameterValue};
use uuid::Uuid;

use crate::engine::{Called, End, Engine, EngineError};
use crate::run::{Note, Run, Signal};

/// The workflows of one module's schema.
#[derive(Debug, Clone, Copy)]
pub struct Postgres {
    db: Db,
    sql: Statements,
}

/// A statement for each call, with the schema's name in it.
#[derive(Debug, Clone, Copy)]
#[doc(hidden)]
pub struct Statements {
    pub note: &'static str,
    pub wait: &'static str,
    pub retry: &'static str,
    pub stick: &'static str,
    pub end: &'static str,
    pub take: &'static str,
    pub claim: &'static str,
    pub page: &'static str,
    pub show: &'static str,
    pub again: &'static str,
    pub cancel: &'static str,
}

/// The engine of a module: `stoa_durable::postgres!(crate::DB, "order")`.
#[macro_export]
macro_rules! postgres {
    ($db:expr, $schema:literal) => {
        $crate::Postgres::new(
            $db,
            $crate::Statements {
                note: concat!("SELECT \"", $schema, "\".workflow_note($1)"),
                wait: concat!("SELECT \"", $schema, "\".workflow_wait($1, $2, $3)"),
                retry: concat!(
                    "SELECT \"",
                    $schema,
                    "\".workflow_retry($1, $2, $3, $4, $5) IS NULL"
                ),
                stick: concat!("SELECT \"", $schema, "\".workflow_stick($1, $2) IS NULL"),
                end: concat!("SELECT \"", $schema, "\".workflow_end($1, $2, $3) IS NULL"),
                take: concat!("SELECT \"", $schema, "\".workflow_take($1, $2)"),
                claim: concat!("SELECT \"", $schema, "\".workflow_claim($1, $2)"),
                page: concat!(
                    "SELECT * FROM \"",
                    $schema,
                    "\".workflow_page($1, $2, $3, $4, $5)"
                ),
                show: concat!("SELECT \"", $schema, "\".workflow_show($1)"),
                again: concat!("SELECT \"", $schema, "\".workflow_again($1)"),
                cancel: concat!("SELECT \"", $schema, "\".workflow_cancel($1, $2)"),
            },
        )
    };
}

impl Postgres {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(db: Db, sql: Statements) -> Self {
        Self {
            db: db.patient(),
            sql,
        }
    }

    #[cfg(feature = "http")]
    pub(crate) fn db(&self) -> Db {
        self.db
    }

    #[cfg(feature = "http")]
    pub(crate) fn sql(&self) -> Statements {
        self.sql
    }

    async fn one(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<Option<String>, EngineError> {
        let row = self.db.write_one(sql, params).await.map_err(refused)?;
        let row =
            row.ok_or_else(|| EngineError::Unavailable("the statement gave no row".into()))?;
        row.get(0).map_err(refused)
    }

    async fn done(
        &self,
        sql: &'static str,
        params: Vec<ParameterValue>,
    ) -> Result<(), EngineError> {
        self.db.write_one(sql, params).await.map_err(refused)?;
        Ok(())
    }
}

fn refused(error: DbError) -> EngineError {
    match error {
        DbError::Refused { code, .. } if code == "workflow_superseded" => EngineError::Superseded,
        other => EngineError::Unavailable(other.to_string()),
    }
}

/// A note as the one parameter of a SQL function.
///
/// # Errors
/// When an outcome cannot be written as JSON, which derived types always can.
pub fn note_param(note: &Note) -> Result<ParameterValue, DbError> {
    let bytes = serde_json::to_vec(note).map_err(|e| DbError::Shape(e.to_string()))?;
    Ok(ParameterValue::Jsonb(bytes))
}

fn jsonb(note: &Note) -> Result<ParameterValue, EngineError> {
    note_param(note).map_err(refused)
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, EngineError> {
    serde_json::from_str(text).map_err(|e| EngineError::Unavailable(format!("{e} in {text}")))
}

fn number(value: u32) -> ParameterValue {
    ParameterValue::Int32(i32::try_from(value).unwrap_or(i32::MAX))
}

impl Engine for Postgres {
    fn note(&self, note: Note) -> Called<'_, ()> {
        Box::pin(async move { self.done(self.sql.note, vec![jsonb(&note)?]).await })
    }

    fn wait(
        &self,
        note: Note,
        until: Option<String>,
        awaits: Vec<String>,
    ) -> Called<'_, Option<Signal>> {
        Box::pin(async move {
            let awaits: Vec<Option<String>> = awaits.into_iter().map(Some).collect();
            let params = vec![
                jsonb(&note)?,
                until.map_or(ParameterValue::DbNull, ParameterValue::Str),
                ParameterValue::ArrayStr(awaits),
            ];
            let there = self.one(self.sql.wait, params).await?;
            there.as_deref().map(read).transpose()
        })
    }

    fn retry(
        &self,
        note: Note,
        failed: Option<String>,
        error: String,
        pause_ms: u32,
        undoing: bool,
    ) -> Called<'_, ()> {
        Box::pin(async move {
            let params = vec![
                jsonb(&note)?,
                failed.map_or(ParameterValue::DbNull, ParameterValue::Str),
                ParameterValue::Str(error),
                number(pause_ms),
                ParameterValue::Boolean(undoing),
            ];
            self.done(self.sql.retry, params).await
        })
    }

    fn stick(&self, note: Note, error: String) -> Called<'_, ()> {
        Box::pin(async move {
            let params = vec![jsonb(&note)?, ParameterValue::Str(error)];
            self.done(self.sql.stick, params).await
        })
    }

    fn end(&self, note: Note, end: End, outcome: Value) -> Called<'_, ()> {
        Box::pin(async move {
            let outcome = serde_json::to_vec(&outcome)
                .map_err(|e| EngineError::Unavailable(e.to_string()))?;
            let params = vec![
                jsonb(&note)?,
                ParameterValue::Str(end.as_str().to_owned()),
                ParameterValue::Jsonb(outcome),
            ];
            self.done(self.sql.end, params).await
        })
    }

    fn take(&self, id: Uuid, lease_ms: u32) -> Called<'_, Option<Run>> {
        Box::pin(async move {
            let params = vec![ParameterValue::Uuid(id.to_string()), number(lease_ms)];
            let run = self.one(self.sql.take, params).await?;
            run.as_deref().map(read).transpose()
        })
    }

    fn claim(&self, limit: u32, lease_ms: u32) -> Called<'_, Vec<Run>> {
        Box::pin(async move {
            let params = vec![number(limit), number(lease_ms)];
            let runs = self.one(self.sql.claim, params).await?;
            runs.as_deref().map_or_else(|| Ok(Vec::new()), read)
        })
    }
}
