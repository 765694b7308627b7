//! The report for people.

use std::fmt::Write as _;

use crate::report::{Figures, Report, title};

const HEAD: [&str; 15] = [
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
];

/// An aligned table, with the machine above and what has to be known below.
pub fn render(report: &Report) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(report.scenarios.iter().map(row));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(String::len)
                .max()
                .unwrap_or(0)
        })
        .collect();
    let machine = &report.machine;
    let mut text = format!(
        "{}, {} cores, {} MiB, {}; Postgres {}; {}\nmedians; rounds: {}, of {} s each\n\n",
        machine.cpu,
        machine.cores,
        machine.memory_mib,
        machine.system,
        machine.postgres,
        machine.runtime,
        report.rounds,
        report.seconds,
    );
    for row in &rows {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            // Names to the left, figures to the right. Writing to a String cannot fail.
            let _ = match column {
                0 => write!(line, "{cell:<width$}"),
                _ => write!(line, "  {cell:>width$}"),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    let errors: u64 = report.scenarios.iter().map(|it| it.errors).sum();
    let _ = write!(text, "\nerrors: {errors}\n{}\n", report.note);
    for failure in &report.failures {
        let _ = writeln!(text, "FAILED: {failure}");
    }
    text
}

fn row(figures: &Figures) -> [String; 15] {
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
        format!("{:.2}", figures.latency.p50_ms),
        format!("{:.2}", figures.latency.p95_ms),
        format!("{:.2}", figures.latency.p99_ms),
        rate(figures.memory_mib),
        ratio(figures.statements_per_request),
    ]
}
