//! Who may what: every operation of the OpenAPI document by everybody who may come, against what
//! `authorisation_matrix/matrix.txt` says.
//!
//! The document makes the cases: an operation without a row fails, and a row without an operation.
//! First come the calls that are to be refused, all of them, with everything in place; a refusal that is
//! none would show in what comes after. Then come those that are allowed: reading, changing, deleting.

mod bodies;
pub mod cast;
mod programs;
mod table;
pub mod things;

use std::collections::BTreeSet;

use crate::bad_input::operations::{Operation, operations};
use crate::bad_input::walked;
use crate::support::actor::send;
use crate::support::{Actor, Reply};
use cast::{Cast, Who};
use table::{Cell, Row, rows};
use things::Things;

const ERASURE: &str = "DELETE /v1/me";

/// The operation of a row.
fn operation<'a>(row: &Row, all: &'a [Operation]) -> Option<&'a Operation> {
    all.iter().find(|it| it.name() == row.operation())
}

#[test]
fn every_operation_has_its_row_and_every_row_its_operation() {
    let (rows, operations) = (rows(), operations());
    let known: BTreeSet<String> = rows.iter().map(Row::operation).collect();
    let mut wrong: Vec<String> = operations
        .iter()
        .filter(|it| !known.contains(&it.name()))
        .map(|it| format!("{}: no row says who may", it.name()))
        .collect();
    let mut seen = BTreeSet::new();
    for row in &rows {
        let name = &row.name;
        if !seen.insert(name.clone()) {
            wrong.push(format!("{name}: two rows"));
        }
        let Some(operation) = operation(row, &operations) else {
            wrong.push(format!("{name}: no such operation in the document"));
            continue;
        };
        for who in Who::ALL {
            let cell = row.cell(who);
            let shut_out = matches!(who, Who::Anonymous | Who::Suspended);
            if operation.secured && shut_out && cell != Cell::Unauthenticated {
                wrong.push(format!("{name}: needs a token, and {who:?} has none"));
            }
            if let Some(status) = cell.status()
                && !operation.statuses.contains(&status.to_string())
            {
                wrong.push(format!(
                    "{name}: {status} for {who:?} is not in the document"
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn authorisation_matrix() {
    let app = walked();
    let mut cast = Cast::assemble(app).await;
    let things = Things::make(app, &cast).await;
    let (rows, operations) = (rows(), operations());
    let mut cases: Vec<(Turn, &Row, &Operation, Who)> = Vec::new();
    for row in &rows {
        let operation =
            operation(row, &operations).unwrap_or_else(|| panic!("{}: no operation", row.name));
        for who in Who::ALL {
            cases.push((Turn::of(operation, row.cell(who)), row, operation, who));
        }
    }
    // What has the same turn stays in the table's order.
    cases.sort_by_key(|(turn, ..)| *turn);

    let mut wrong = Vec::new();
    for (turn, row, operation, who) in &cases {
        let cell = row.cell(*who);
        let stand_in;
        // The owner ends their own sessions, and comes back. Nobody comes back from an erased account.
        let comes_back = *who == Who::Owner && operation.name() != ERASURE;
        let actor = if *turn == Turn::Farewell && !comes_back {
            stand_in = cast.like(app, *who).await;
            &stand_in
        } else {
            cast.actor(*who)
        };
        let reply = ask(row, operation, actor, &things).await;
        if !cell.agrees(&reply) {
            let body: String = reply.raw.chars().take(300).collect();
            wrong.push(format!(
                "{} by {who:?}: {cell:?} expected, {} came: {body}",
                row.name, reply.status
            ));
        }
        if *turn == Turn::Farewell && comes_back {
            cast.back(Who::Owner).await;
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases:\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n")
    );
}

/// When a case comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Refusal,
    Reading,
    Change,
    Deletion,
    /// Ends sessions, or the account.
    Farewell,
}

impl Turn {
    fn of(operation: &Operation, cell: Cell) -> Turn {
        let farewells = [
            "DELETE /v1/sessions",
            "DELETE /v1/sessions/{id}",
            "POST /v1/me/password",
            ERASURE,
        ];
        match operation.method.as_str() {
            _ if cell.status().is_some() => Turn::Refusal,
            _ if farewells.contains(&operation.name().as_str()) => Turn::Farewell,
            "GET" => Turn::Reading,
            "DELETE" => Turn::Deletion,
            _ => Turn::Change,
        }
    }
}

/// The request of a case, with everything that it needs.
async fn ask(row: &Row, operation: &Operation, actor: &Actor, things: &Things) -> Reply {
    let path = things.fill(row);
    let query = [row.query(), Some(operation.query.as_str())]
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("&");
    let query = things.fill_query(&query);
    let request = operation.request(actor, &format!("{path}?{query}"));
    let body = match &operation.body {
        Some(example) => Some(bodies::of(operation, example, things).await),
        None => None,
    };
    send(match body {
        Some(body) => request.json(&body),
        None => request,
    })
    .await
}
