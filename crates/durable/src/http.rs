//! Routes for the operators of a module's workflows: list, inspect, try again, cancel.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::http::{Answer, Caller, Page, Role};
use stoa_kit::pg::{ParameterValue, Row};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::postgres::Postgres;

/// Where a workflow stands.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowStatus {
    /// Somebody runs it, or is going to in a moment.
    Running,
    /// For a signal, or for a time.
    Waiting,
    /// As `running`, on the way back.
    Undoing,
    /// For a person.
    Stuck,
    Completed,
    /// Everything is undone.
    Failed,
    /// On request; everything is undone.
    Cancelled,
}

impl WorkflowStatus {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Undoing => "undoing",
            Self::Stuck => "stuck",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Which workflows to list.
#[derive(Debug, Deserialize, garde::Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct WorkflowFilter {
    /// Only those of this kind.
    #[garde(inner(length(bytes, min = 1, max = 40)))]
    pub kind: Option<String>,
    /// Only those in this state.
    #[garde(skip)]
    #[param(inline)]
    pub status: Option<WorkflowStatus>,
}

/// A workflow in a list.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WorkflowBrief {
    id: Uuid,
    /// Whose it is.
    module: String,
    kind: String,
    /// Of the code that began it.
    version: i32,
    account_id: Option<Uuid>,
    #[schema(inline)]
    status: WorkflowStatus,
    last_error: Option<String>,
    /// Failures by step, or by `step/key`; under `!runner`, runners in a row that ended without a word.
    failures: Value,
    /// Signals that it waits for.
    awaits: Vec<String>,
    /// When its wait is over in any case.
    due_at: Option<DateTime<Utc>>,
    /// When it is tried again. Real time, which differs from the shop's where that is scaled.
    retry_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
}

/// A page of workflows, the newest first.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WorkflowPage {
    items: Vec<WorkflowBrief>,
    next_cursor: Option<String>,
}

/// Something that happened, once.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WorkflowEntry {
    step: String,
    /// Which one, where a step happens more than once.
    key: String,
    /// `step`, `wait` or `undo`.
    kind: String,
    /// `{"ok": …}` or `{"refused": …}`.
    outcome: Value,
    noted_at: DateTime<Utc>,
}

/// Something that it was told.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WorkflowSignal {
    name: String,
    key: String,
    payload: Value,
    arrived_at: DateTime<Utc>,
}

/// A workflow with its journal.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct WorkflowDetail {
    #[schema(inline)]
    #[serde(flatten)]
    brief: WorkflowBrief,
    input: Value,
    outcome: Option<Value>,
    traceparent: Option<String>,
    /// In the order in which it was noted.
    journal: Vec<WorkflowEntry>,
    signals: Vec<WorkflowSignal>,
}

/// Where a page of the list ends.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Position(NaiveDateTime, Uuid);

fn text(value: Option<&str>) -> ParameterValue {
    value.map_or(ParameterValue::DbNull, |value| {
        ParameterValue::Str(value.to_owned())
    })
}

fn uuid(id: Uuid) -> ParameterValue {
    ParameterValue::Uuid(id.to_string())
}

/// Lists workflows, the newest first.
///
/// # Errors
/// 403 for those who are no moderators.
pub async fn page(
    engine: Postgres,
    caller: &Caller,
    filter: &WorkflowFilter,
    page: Page<Position>,
) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let (at, id) = match page.after {
        Some(Position(at, id)) => (
            ParameterValue::Str(at.format("%Y-%m-%d %H:%M:%S%.6f").to_string()),
            uuid(id),
        ),
        None => (ParameterValue::DbNull, ParameterValue::DbNull),
    };
    let params = vec![
        text(filter.kind.as_deref()),
        text(filter.status.map(WorkflowStatus::as_str)),
        at,
        id,
        ParameterValue::Int32(page.limit),
    ];
    let row = engine.db().read_one(engine.sql().page, params).await?;
    let row: Row = row.ok_or_else(|| Error::internal("the page gave no row"))?;
    let items: String = row.get(0)?;
    let next = match (row.get(1)?, row.get(2)?) {
        (Some(at), Some(id)) => Some(Position(at, id)),
        _ => None,
    };
    Ok(Answer::list(&items, next.as_ref()))
}

/// Shows one with its journal.
///
/// # Errors
/// 403 for those who are no moderators, 404.
pub async fn read(engine: Postgres, caller: &Caller, id: Uuid) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let row = engine
        .db()
        .read_one(engine.sql().show, vec![uuid(id)])
        .await?;
    let shown: Option<String> = row.map(|row| row.get(0)).transpose()?.flatten();
    shown.map(Answer::json_text).ok_or_else(Error::not_found)
}

/// Lets a stuck one go on, or one that pauses go on now.
///
/// # Errors
/// 403 for those who are no moderators, 404, 409 `wrong_state`.
pub async fn retry(engine: Postgres, caller: &Caller, id: Uuid) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    changed(engine, engine.sql().again, vec![uuid(id)]).await
}

/// Sends one on its way back.
///
/// # Errors
/// 403 for those who are no moderators, 404, 409 `wrong_state`.
pub async fn cancel(engine: Postgres, caller: &Caller, id: Uuid) -> Result<Answer> {
    caller.require(Role::Moderator)?;
    let by = ParameterValue::Str(caller.account_id.to_string());
    changed(engine, engine.sql().cancel, vec![uuid(id), by]).await
}

async fn changed(
    engine: Postgres,
    sql: &'static str,
    params: Vec<ParameterValue>,
) -> Result<Answer> {
    let row = engine.db().write_one(sql, params).await?;
    let row = row.ok_or_else(|| Error::internal("the change gave no row"))?;
    Ok(Answer::json_text(row.get(0)?))
}

/// Handlers of a module's workflows, to be named in its `module_routes!` as `workflows::page`,
/// `workflows::read`, `workflows::retry` and `workflows::cancel`:
///
/// ```ignore
/// pub mod workflows {
///     stoa_durable::workflow_routes! {
///         engine: crate::flows::ENGINE, lane: "order-flows", tag: "order",
///         list: "/v1/workflows/order" as "list_order_workflows",
///         read: "/v1/workflows/order/{id}" as "read_order_workflow",
///         retry: "/v1/workflows/order/{id}/retry" as "retry_order_workflow",
///         cancel: "/v1/workflows/order/{id}/cancel" as "cancel_order_workflow",
///     }
/// }
/// ```
#[macro_export]
macro_rules! workflow_routes {
    (
        engine: $engine:expr, lane: $lane:literal, tag: $tag:literal,
        list: $list:literal as $list_id:literal,
        read: $read:literal as $read_id:literal,
        retry: $retry:literal as $retry_id:literal,
        cancel: $cancel:literal as $cancel_id:literal $(,)?
    ) => {
        use stoa_kit::Result;
        use stoa_kit::http::{Answer, Caller, Page, PageQuery, Path, Problem, Query};
        use uuid::Uuid;
        use $crate::http::{Position, WorkflowBrief, WorkflowDetail, WorkflowFilter, WorkflowPage};

        /// Lists the module's workflows, the newest first. For moderators.
        #[utoipa::path(
            get,
            path = $list,
            tag = $tag,
            operation_id = $list_id,
            params(PageQuery, WorkflowFilter),
            responses(
                (status = 200, description = "A page of workflows", body = WorkflowPage),
                (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
                (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
                (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
            ),
            security(("bearer" = []))
        )]
        pub async fn page(
            caller: Caller,
            page: Page<Position>,
            Query(filter): Query<WorkflowFilter>,
        ) -> Result<Answer> {
            $crate::http::page($engine, &caller, &filter, page).await
        }

        /// Shows a workflow with its journal: what happened, in order, what it waits for, what failed.
        /// For moderators.
        #[utoipa::path(
            get,
            path = $read,
            tag = $tag,
            operation_id = $read_id,
            params(("id" = Uuid, Path, description = "The workflow")),
            responses(
                (status = 200, description = "The workflow", body = WorkflowDetail),
                (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
                (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
                (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
            ),
            security(("bearer" = []))
        )]
        pub async fn read(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
            $crate::http::read($engine, &caller, id).await
        }

        /// Lets a stuck workflow go on where it was, or one that pauses after a failure go on now. For
        /// moderators.
        #[utoipa::path(
            post,
            path = $retry,
            tag = $tag,
            operation_id = $retry_id,
            params(("id" = Uuid, Path, description = "The workflow")),
            responses(
                (status = 200, description = "It goes on", body = WorkflowBrief),
                (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
                (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
                (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "`wrong_state`: it waits, or has ended", body = Problem, content_type = "application/problem+json"),
            ),
            security(("bearer" = []))
        )]
        pub async fn retry(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
            let answer = $crate::http::retry($engine, &caller, id).await?;
            stoa_kit::redis::ring($lane);
            Ok(answer)
        }

        /// Sends a workflow on its way back: at its next step it undoes what it did. For moderators.
        #[utoipa::path(
            post,
            path = $cancel,
            tag = $tag,
            operation_id = $cancel_id,
            params(("id" = Uuid, Path, description = "The workflow")),
            responses(
                (status = 200, description = "It will be undone", body = WorkflowBrief),
                (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
                (status = 403, description = "Not a moderator", body = Problem, content_type = "application/problem+json"),
                (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
                (status = 409, description = "`wrong_state`: it has ended", body = Problem, content_type = "application/problem+json"),
            ),
            security(("bearer" = []))
        )]
        pub async fn cancel(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
            let answer = $crate::http::cancel($engine, &caller, id).await?;
            stoa_kit::redis::ring($lane);
            Ok(answer)
        }
    };
}
