//! `ready.json`: what a running `stoa up` tells tests and other commands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::seed::SeedReport;

/// The state of a running `stoa up`. Rewritten whenever a process id changes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ready {
    /// Where the shop answers.
    pub url: String,
    /// For an administrator; what tests connect to.
    pub database: String,
    /// Whether that server is somebody else's.
    pub external_database: bool,
    pub redis: String,
    pub runtime: String,
    /// Demo accounts and their password.
    pub demo: SeedReport,
    /// Connection strings of the modules' roles, by module.
    pub modules: BTreeMap<String, String>,
    /// `up`, `http`, `worker`, `postgres` and `redis`, as far as they run.
    pub pids: BTreeMap<String, u32>,
}

impl Ready {
    pub const FILE: &'static str = "ready.json";

    /// The line on stdout.
    pub fn line(&self) -> String {
        let logins = if self.demo.logins.is_empty() {
            "none".to_owned()
        } else {
            format!(
                "{} (password {})",
                self.demo.logins.join(","),
                self.demo.password
            )
        };
        format!(
            "ready {} database={} redis={} logins={logins}",
            self.url, self.database, self.redis
        )
    }
}
