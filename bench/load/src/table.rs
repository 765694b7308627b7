//! The report for people.

use std::fmt::Write as _;

use crate::report::{Figures, Report, title};
use crate::{logins, token};

const HEAD: [&str; 16] = [
    "scenario",
    "conn",
    "app/s",
    "spread",
    "floor/s",
    "peer/s",
    "limit/s",
    "app/floor",
    "app/peer",
    "peer/limit",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "MiB",
    "stmts",
    // Only where there is something to say in it.
    "refused (p99 ms)",
];

/// Aligned tables, with the machine above and what has to be known below.
pub fn render(report: &Report) -> String {
    let machine = &report.machine;
    let mut text = format!(
        "{}, {} cores, {} MiB, {}; Postgres {}; {}\nmedians; rounds: {}, of {} s each\n",
        machine.cpu,
        machine.cores,
        machine.memory_mib,
        machine.system,
        machine.postgres,
        machine.runtime,
        report.rounds,
        report.seconds,
    );
    if !report.scenarios.is_empty() {
        let mut rows = vec![HEAD.map(str::to_owned).to_vec()];
        rows.extend(report.scenarios.iter().map(|it| row(it).to_vec()));
        let refusals = report.scenarios.iter().any(|it| !refused(it).is_empty());
        let columns = HEAD.len() - usize::from(!refusals);
        rows.iter_mut().for_each(|row| row.truncate(columns));
        text.push_str(&aligned(&rows));
    }
    text.push_str(&logins::table(&report.logins));
    text.push_str(&token::table(&report.token));
    let errors: u64 = report.scenarios.iter().map(|it| it.errors).sum();
    // Writing to a String cannot fail.
    let _ = write!(text, "\nerrors: {errors}\n{}\n", report.note);
    for failure in &report.failures {
        let _ = writeln!(text, "FAILED: {failure}");
    }
    text
}

/// Rows below each other, an empty line above: names to the left, figures to the right.
pub fn aligned(rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let mut text = String::from("\n");
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = width(column);
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

fn row(figures: &Figures) -> [String; 16] {
    let rate = |it: Option<f64>| it.map_or("–".to_owned(), |it| format!("{it:.0}"));
    let ratio = |it: Option<f64>| it.map_or("–".to_owned(), |it| format!("{it:.2}"));
    let spread = figures
        .spread
        .app_rps
        .map_or("–".to_owned(), |[min, max]| format!("{min:.0}-{max:.0}"));
    [
        title(figures.scenario, figures.cached),
        figures.connections.to_string(),
        rate(figures.app_rps),
        spread,
        rate(figures.floor_rps),
        rate(figures.peer_rps),
        rate(figures.limit_rps),
        ratio(figures.ratio_floor),
        ratio(figures.ratio_peer),
        ratio(figures.ratio_limit),
        format!("{:.2}", figures.app.p50_ms),
        format!("{:.2}", figures.app.p95_ms),
        format!("{:.2}", figures.app.p99_ms),
        rate(figures.memory_mib),
        ratio(figures.statements_per_request),
        refused(figures),
    ]
}

/// By whom, how often, and how long the slowest of these took.
fn refused(figures: &Figures) -> String {
    let targets = [
        ("app", &figures.app),
        ("floor", &figures.floor),
        ("peer", &figures.peer),
    ];
    let refused: Vec<String> = targets
        .iter()
        .filter_map(|(name, answers)| {
            let p99 = answers.refused_p99_ms?;
            Some(format!("{name} {} ({p99:.0})", answers.refused))
        })
        .collect();
    refused.join(", ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::cell::Cell;
    use crate::options::Scenario;
    use crate::sample::{Outcome, Sample};
    use crate::stage::{Measured, Target};

    fn table(outcomes: Vec<Outcome>) -> String {
        let mut sample = Sample::new(Duration::from_secs(1)).unwrap();
        for outcome in outcomes {
            sample.record(outcome, Duration::from_millis(7), true);
        }
        let mut cell = Cell::new(Scenario::Order, false, 256);
        cell.add(Target::App, Measured::Http(Box::new(sample)))
            .unwrap();
        render(&Report::example(vec![cell]))
    }

    #[test]
    fn refusals_have_a_column_where_there_are_any() {
        let text = table(vec![Outcome::Done, Outcome::Refused]);
        assert!(
            text.contains("refused") && text.contains("app 1 (7)"),
            "{text}"
        );
        assert!(!table(vec![Outcome::Done]).contains("refused"));
    }
}
