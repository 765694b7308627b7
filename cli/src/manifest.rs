//! What `stoa` needs to know of `spin.toml`: which components are workers, and which variables the
//! application has.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::project;

/// The parts of a manifest that decide how it is run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Components without a Redis trigger: one process serves them.
    pub http: Vec<String>,
    /// Components with a Redis trigger: the other process.
    pub workers: Vec<String>,
    /// Modules that get a database role, by their variable `<module>_db`.
    pub databases: Vec<String>,
    /// Every variable of the application.
    pub variables: Vec<String>,
    /// Every file that a component or dependency is loaded from, relative to the manifest.
    pub sources: Vec<String>,
    /// How many components open database connections of their own, in both processes.
    pub pools: usize,
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default)]
    variables: toml::Table,
    #[serde(default)]
    trigger: Triggers,
    #[serde(default)]
    component: std::collections::BTreeMap<String, Component>,
}

#[derive(Default, Deserialize)]
struct Triggers {
    #[serde(default)]
    redis: Vec<Trigger>,
}

#[derive(Deserialize)]
struct Trigger {
    component: String,
}

#[derive(Deserialize)]
struct Component {
    source: toml::Value,
    #[serde(default)]
    variables: toml::Table,
    #[serde(default)]
    dependencies: toml::Table,
}

impl Manifest {
    /// Reads and splits the manifest at `path`.
    pub fn read(path: &Path) -> Result<Manifest> {
        let text = project::read(path)?;
        Manifest::parse(&text)
            .with_context(|| format!("{} is not a manifest that stoa understands", path.display()))
    }

    fn parse(text: &str) -> Result<Manifest> {
        let raw: Raw = toml::from_str(text)?;
        let workers: BTreeSet<&str> = raw
            .trigger
            .redis
            .iter()
            .map(|trigger| trigger.component.as_str())
            .collect();
        if let Some(unknown) = workers
            .iter()
            .find(|name| !raw.component.contains_key(**name))
        {
            anyhow::bail!("a Redis trigger names the component `{unknown}`, which does not exist");
        }
        let (workers, http): (Vec<_>, Vec<_>) = raw
            .component
            .keys()
            .cloned()
            .partition(|name| workers.contains(name.as_str()));
        let variables: Vec<String> = raw.variables.keys().cloned().collect();
        let databases = variables
            .iter()
            .filter_map(|name| name.strip_suffix("_db"))
            .map(str::to_owned)
            .collect();
        let pools = raw
            .component
            .values()
            .map(|component| database_variables(&component.variables))
            .sum();
        let mut sources = BTreeSet::new();
        for component in raw.component.values() {
            sources.extend(component.source.as_str().map(str::to_owned));
            let paths = component
                .dependencies
                .values()
                .filter_map(|dependency| dependency.get("path")?.as_str());
            sources.extend(paths.map(str::to_owned));
        }
        Ok(Manifest {
            http,
            workers,
            databases,
            variables,
            sources: sources.into_iter().collect(),
            pools,
        })
    }
}

/// A component has a pool for each address that it connects to, and each role is an address.
fn database_variables(variables: &toml::Table) -> usize {
    variables
        .keys()
        .filter(|name| name.ends_with("_db"))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [variables]
        account_db = { required = true }
        redis_url = { default = "redis://x" }
        [[trigger.http]]
        route = "/a/..."
        component = "account"
        [[trigger.redis]]
        component = "relay"
        address = "x"
        channel = "y"
        [component.account]
        source = "target/stoa/account.wasm"
        [component.account.variables]
        account_db = "{{ account_db }}"
        [component.relay]
        source = "target/stoa/relay.wasm"
        [component.relay.variables]
        account_db = "{{ account_db }}"
        [component.relay.dependencies]
        "stoa:account@0.1.0" = { path = "target/stoa/account.provider.wasm", inherit_configuration = true }
    "#;

    #[test]
    fn components_split_by_their_trigger() {
        let manifest = Manifest::parse(TEXT).unwrap();
        assert_eq!(manifest.http, ["account"]);
        assert_eq!(manifest.workers, ["relay"]);
        assert_eq!(manifest.databases, ["account"]);
        assert_eq!(manifest.pools, 2);
        let files = [
            "target/stoa/account.provider.wasm",
            "target/stoa/account.wasm",
            "target/stoa/relay.wasm",
        ];
        assert_eq!(manifest.sources, files);
    }

    #[test]
    fn a_trigger_for_nothing_is_refused() {
        let text = "[[trigger.redis]]\ncomponent = \"ghost\"\n";
        assert!(
            Manifest::parse(text)
                .unwrap_err()
                .to_string()
                .contains("ghost")
        );
    }
}
