//! Whether every dependency's licence is one that the project may be given away with.

use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, Licensee, ParseMode};

use crate::processes;
use crate::project::{self, Project};
use crate::toolchain;

/// What is allowed where the checkout has no `deny.toml` to say so.
const ALLOWED: [&str; 16] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<String>,
    /// `None` for the workspace's own.
    source: Option<String>,
}

/// Each dependency with a licence that is not allowed, and how many dependencies there are.
pub async fn check(project: &Project) -> Result<(usize, Vec<String>)> {
    let mut cargo = toolchain::cargo(project);
    cargo.args(["metadata", "--format-version", "1", "--locked"]);
    let out = processes::run(cargo, "cargo metadata").await?;
    let metadata: Metadata =
        serde_json::from_str(&out).context("cargo metadata printed no JSON")?;
    let allowed = allowed(project)?;
    let dependencies: Vec<_> = metadata
        .packages
        .iter()
        .filter(|package| package.source.is_some())
        .collect();
    let refused = dependencies
        .iter()
        .filter_map(|package| refusal(package, &allowed))
        .collect();
    Ok((dependencies.len(), refused))
}

/// The list in `deny.toml`, so that there is one list whichever tool checks it.
fn allowed(project: &Project) -> Result<Vec<Licensee>> {
    let path = project.path("deny.toml");
    let names: Vec<String> = if path.is_file() {
        let deny: toml::Table = toml::from_str(&project::read(&path)?)?;
        let list = deny
            .get("licenses")
            .and_then(|licenses| licenses.get("allow")?.as_array());
        let list = list.context("deny.toml has no list [licenses] allow")?;
        list.iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect()
    } else {
        ALLOWED.iter().map(|name| (*name).to_owned()).collect()
    };
    names.iter().map(|name| licence(name)).collect()
}

fn licence(name: &str) -> Result<Licensee> {
    Licensee::parse(name).with_context(|| format!("{name} is not an SPDX licence"))
}

fn refusal(package: &Package, allowed: &[Licensee]) -> Option<String> {
    let Package {
        name,
        version,
        license,
        license_file,
        ..
    } = package;
    let Some(license) = license else {
        let own = license_file.as_deref().unwrap_or("none");
        return Some(format!(
            "{name} {version}: names no licence (its own text: {own})"
        ));
    };
    // Old crates write `MIT/Apache-2.0`.
    let fine = Expression::parse_mode(license, ParseMode::LAX).is_ok_and(|expression| {
        expression.evaluate(|wanted| allowed.iter().any(|it| it.satisfies(wanted)))
    });
    (!fine).then(|| format!("{name} {version}: {license}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_allowed_alternative_is_enough_and_every_part_counts() {
        let allowed: Vec<_> = [
            "MIT",
            "MPL-2.0",
            "Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ]
        .iter()
        .map(|name| licence(name).unwrap())
        .collect();
        let fine = |license: Option<&str>| {
            let package = Package {
                name: "x".into(),
                version: "1.0.0".into(),
                license: license.map(str::to_owned),
                license_file: None,
                source: Some("registry".into()),
            };
            refusal(&package, &allowed).is_none()
        };
        assert!(fine(Some("GPL-3.0 OR MIT")));
        assert!(fine(Some("MIT/Apache-2.0")));
        assert!(fine(Some("MPL-2.0+")));
        assert!(fine(Some("Apache-2.0 WITH LLVM-exception OR GPL-2.0")));
        assert!(!fine(Some("MIT AND GPL-3.0")));
        assert!(!fine(None));
    }

    #[test]
    fn the_built_in_list_is_of_licences() {
        for name in ALLOWED {
            licence(name).unwrap();
        }
    }
}
