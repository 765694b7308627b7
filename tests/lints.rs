//! Rules that no compiler checks.

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::support::{MODULES, root};

fn files(below: &str, extension: &str) -> Vec<PathBuf> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                if path.file_name().is_some_and(|n| n != "target") {
                    walk(&path, extension, found);
                }
            } else if path.extension().is_some_and(|e| e == extension) {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    walk(&root().join(below), extension, &mut found);
    assert!(
        !found.is_empty(),
        "nothing under {below}: the rule checks nothing"
    );
    found
}

/// Lines that break a rule, `file:line: text`.
fn offenders(files: &[PathBuf], comment: &str, rule: &Regex) -> Vec<String> {
    files
        .iter()
        .flat_map(|path| {
            let text = std::fs::read_to_string(path).expect("a text file");
            text.lines()
                .enumerate()
                .filter(|(_, line)| !line.trim_start().starts_with(comment) && rule.is_match(line))
                .map(|(n, line)| format!("{}:{}: {line}", path.display(), n + 1))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn sql() -> Vec<PathBuf> {
    ["migrations", "crates", "components"]
        .iter()
        .flat_map(|b| files(b, "sql"))
        .collect()
}

fn guest_rust() -> Vec<PathBuf> {
    ["crates", "components"]
        .iter()
        .flat_map(|b| files(b, "rs"))
        .collect()
}

#[test]
fn business_time_comes_from_the_shared_clock() {
    let rule = Regex::new(r"(?i)(^|[^._a-z])(now\(\)|current_timestamp|localtimestamp|current_date|transaction_timestamp|timeofday)").expect("a rule");
    let allowed = ["statement_timestamp", "clock_timestamp"];
    let found: Vec<String> = offenders(&sql(), "--", &rule)
        .into_iter()
        .filter(|line| !allowed.iter().any(|a| line.contains(a)))
        .collect();
    assert!(
        found.is_empty(),
        "use shared.now() or shared.real_now():\n{}",
        found.join("\n")
    );
}

#[test]
fn guests_open_no_transaction() {
    // A transaction left open on a pooled connection is inherited, and committed, by a stranger.
    let rule = Regex::new(r#"(?i)"\s*(begin|start transaction|commit|rollback|savepoint)\b"#)
        .expect("a rule");
    let found = offenders(&guest_rust(), "//", &rule);
    assert!(
        found.is_empty(),
        "what must be atomic is one statement or one function:\n{}",
        found.join("\n")
    );
}

#[test]
fn every_guest_crate_inherits_the_lints() {
    for below in ["crates", "components", "bench/floor", "bench/token"] {
        for manifest in files(below, "toml")
            .iter()
            .filter(|p| p.ends_with("Cargo.toml"))
        {
            let text = std::fs::read_to_string(manifest).expect("a manifest");
            assert!(
                text.contains("[lints]\nworkspace = true"),
                "{} does not inherit the lints",
                manifest.display()
            );
        }
    }
}

#[test]
fn a_lint_is_lifted_only_with_a_reason() {
    let rule = Regex::new(r"#!?\[allow\(").expect("a rule");
    let found: Vec<String> = offenders(&guest_rust(), "//", &rule)
        .into_iter()
        .filter(|line| !line.contains("reason"))
        .collect();
    assert!(
        found.is_empty(),
        "give a reason, or use expect:\n{}",
        found.join("\n")
    );
}

#[test]
fn no_schema_is_reached_across() {
    // A module's SQL names its own schema and `shared`, and no other.
    for module in MODULES {
        let mut own = files(&format!("migrations/{module}"), "sql");
        own.extend(files(&format!("components/{module}/src/store"), "sql"));
        for other in MODULES.iter().filter(|m| **m != module) {
            let rule = Regex::new(&format!(
                r#"(?i)\b(from|join|into|update|table|perform|references)\s+"?{other}"?\."#
            ))
            .expect("a rule");
            let found = offenders(&own, "--", &rule);
            assert!(
                found.is_empty(),
                "{module} reaches into {other}:\n{}",
                found.join("\n")
            );
        }
    }
}

#[test]
fn no_route_of_the_manifest_has_a_dot_of_its_own() {
    // Spin orders routes by a comparison that is not one once a route holds a literal dot: from
    // then on requests may reach a less specific route than theirs.
    let manifest = std::fs::read_to_string(root().join("spin.toml")).expect("the manifest");
    let routes: Vec<&str> = manifest
        .lines()
        .filter_map(|line| line.strip_prefix("route = \""))
        .map(|rest| rest.trim_end_matches('"').trim_end_matches("/..."))
        .collect();
    assert!(routes.len() > 5, "only {} routes", routes.len());
    for route in routes {
        assert!(
            !route.contains('.'),
            "{route} holds a dot: let the edge serve it"
        );
    }
}

#[test]
fn every_test_that_the_security_page_names_is_there() {
    let page = std::fs::read_to_string(root().join("docs/security.md")).expect("the page");
    let link = Regex::new(r"\[`([a-z0-9_]+)`\]\(\.\./([a-z0-9_./]+\.rs)\)").expect("a pattern");
    let mut named = 0;
    let mut missing = Vec::new();
    for found in link.captures_iter(&page) {
        let (name, file) = (&found[1], &found[2]);
        named += 1;
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        let test = Regex::new(&format!(
            r"#\[(tokio::)?test[^\]]*\](\s*#\[[^\]]*\])*\s*(async )?fn {name}\("
        ))
        .expect("a pattern");
        if !test.is_match(&text) {
            missing.push(format!("{name} in {file}"));
        }
    }
    assert!(named > 50, "only {named} tests are named");
    assert!(missing.is_empty(), "no such test:\n{}", missing.join("\n"));
}
