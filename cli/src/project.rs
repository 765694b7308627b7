//! Where the checkout is and what lies in it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::failure::Failure;

/// A checkout.
#[derive(Clone, Debug)]
pub struct Project {
    pub root: PathBuf,
}

/// One component crate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentCrate {
    /// The directory's name, which is the module's.
    pub name: String,
    /// How it is built: as a service in any case, and for each feature that it has.
    pub variants: Vec<Variant>,
}

impl ComponentCrate {
    /// The cargo package.
    pub fn package(&self) -> String {
        format!("stoa-{}", self.name)
    }

    /// What a build is called in `target/stoa`.
    pub fn file(&self, variant: Variant) -> String {
        format!("{}{}", self.name, variant.suffix())
    }
}

/// One build of a component crate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// With its default features: what serves its triggers.
    Service,
    /// Feature `provider`: WIT exports only, for others to plug.
    Provider,
    /// Feature `flows`: the worker that runs the module's workflows.
    Flows,
    /// Feature `lane`: a worker for something else.
    Lane,
    /// Feature `remote`: the exports of a module that is deployed apart, for its callers to plug.
    Remote,
}

impl Variant {
    pub const ALL: [Variant; 5] = [
        Variant::Service,
        Variant::Provider,
        Variant::Flows,
        Variant::Lane,
        Variant::Remote,
    ];

    /// The feature that a crate has when it has this build.
    fn feature(self) -> Option<&'static str> {
        match self {
            Variant::Service => None,
            Variant::Provider => Some("provider"),
            Variant::Flows => Some("flows"),
            Variant::Lane => Some("lane"),
            Variant::Remote => Some("remote"),
        }
    }

    /// Cargo's arguments for it.
    pub fn arguments(self) -> Vec<String> {
        self.feature().map_or_else(Vec::new, |feature| {
            vec![
                "--no-default-features".to_owned(),
                format!("--features={feature}"),
            ]
        })
    }

    fn suffix(self) -> &'static str {
        match self {
            Variant::Service => ".wasm",
            Variant::Provider => ".provider.wasm",
            Variant::Flows => ".flows.wasm",
            Variant::Lane => ".lane.wasm",
            Variant::Remote => ".remote.wasm",
        }
    }
}

/// Those of `crates` that have a build.
pub fn with_variant(crates: &[ComponentCrate], variant: Variant) -> Vec<&ComponentCrate> {
    crates
        .iter()
        .filter(|component| component.variants.contains(&variant))
        .collect()
}

impl Project {
    /// The checkout around the current directory, else the one this binary was built from.
    pub fn find() -> Result<Project> {
        let here = std::env::current_dir().context("the current directory is gone")?;
        let around = here.ancestors().find(|directory| is_root(directory));
        // `cargo stoa` works from anywhere in the workspace and names the crate it runs.
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
        let root = around
            .map(Path::to_owned)
            .or_else(|| manifest?.parent().filter(|parent| is_root(parent)).map(Path::to_owned))
            .ok_or_else(|| {
                Failure::Usage(format!(
                    "{} is not inside a Stoa checkout (no directory above it has spin.toml and Cargo.toml); cd into one first",
                    here.display()
                ))
            })?;
        Ok(Project { root })
    }

    /// A path inside the checkout.
    pub fn path(&self, inside: &str) -> PathBuf {
        self.root.join(inside)
    }

    /// Where the built components are, which `spin.toml` refers to whatever cargo's target
    /// directory is.
    pub fn artifacts(&self) -> PathBuf {
        self.path("target/stoa")
    }

    /// Compiled components of the built-in host.
    pub fn compile_cache(&self) -> PathBuf {
        self.path("target/stoa/cache")
    }

    /// Every crate under `components/`, by name.
    pub fn components(&self) -> Result<Vec<ComponentCrate>> {
        let directory = self.path("components");
        let mut found = Vec::new();
        for name in directories(&directory)? {
            let manifest = directory.join(&name).join("Cargo.toml");
            if !manifest.is_file() {
                continue;
            }
            let text = read(&manifest)?;
            let variants = variants(&text)
                .with_context(|| format!("{} is not a manifest", manifest.display()))?;
            found.push(ComponentCrate { name, variants });
        }
        Ok(found)
    }
}

fn is_root(directory: &Path) -> bool {
    directory.join("spin.toml").is_file() && directory.join("Cargo.toml").is_file()
}

/// The builds that a crate's manifest has features for.
fn variants(manifest: &str) -> Result<Vec<Variant>> {
    let manifest: toml::Table = toml::from_str(manifest)?;
    let features = manifest.get("features");
    let has = |feature: &str| features.is_some_and(|features| features.get(feature).is_some());
    Ok(Variant::ALL
        .into_iter()
        .filter(|variant| variant.feature().is_none_or(has))
        .collect())
}

/// The names of the directories in `path`, sorted; none when it does not exist.
pub fn directories(path: &Path) -> Result<Vec<String>> {
    names(path, |entry| entry.is_dir())
}

/// The names of the files in `path`, sorted; none when it does not exist.
pub fn files(path: &Path) -> Result<Vec<String>> {
    names(path, |entry| entry.is_file())
}

fn names(path: &Path, keep: impl Fn(&Path) -> bool) -> Result<Vec<String>> {
    let entries = match std::fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot list {}", path.display())),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot list {}", path.display()))?;
        if keep(&entry.path())
            && let Ok(name) = entry.file_name().into_string()
        {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// A file's text; the error names the file.
pub fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builds_of_a_crate_are_recognised_by_its_features() {
        use Variant::{Flows, Lane, Provider, Service};
        let all = "[features]\ndefault = [\"http\"]\nhttp = []\nprovider = []\nflows = []";
        assert_eq!(variants(all).unwrap(), [Service, Provider, Flows]);
        let leaf = "[features]\nhttp = []\nprovider = []";
        assert_eq!(variants(leaf).unwrap(), [Service, Provider]);
        let lane = "[features]\nhttp = []\nprovider = []\nlane = []";
        assert_eq!(variants(lane).unwrap(), [Service, Provider, Lane]);
        assert_eq!(variants("[package]\nname = \"x\"").unwrap(), [Service]);
        let component = ComponentCrate {
            name: "order".into(),
            variants: variants(all).unwrap(),
        };
        assert_eq!(component.file(Service), "order.wasm");
        assert_eq!(component.file(Flows), "order.flows.wasm");
        assert!(Service.arguments().is_empty());
        assert_eq!(
            Flows.arguments(),
            ["--no-default-features", "--features=flows"]
        );
    }
}
