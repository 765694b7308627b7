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
    /// Whether it has the feature `provider`: a build with WIT exports only.
    pub provider: bool,
}

impl ComponentCrate {
    /// The cargo package.
    pub fn package(&self) -> String {
        format!("stoa-{}", self.name)
    }
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
            let provider = has_feature(&text, "provider")
                .with_context(|| format!("{} is not a manifest", manifest.display()))?;
            found.push(ComponentCrate { name, provider });
        }
        Ok(found)
    }
}

fn is_root(directory: &Path) -> bool {
    directory.join("spin.toml").is_file() && directory.join("Cargo.toml").is_file()
}

fn has_feature(manifest: &str, feature: &str) -> Result<bool> {
    let manifest: toml::Table = toml::from_str(manifest)?;
    Ok(manifest
        .get("features")
        .and_then(|features| features.get(feature))
        .is_some())
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
    fn a_provider_is_recognised_by_its_feature() {
        let with = "[features]\ndefault = [\"http\"]\nhttp = []\nprovider = []";
        assert!(has_feature(with, "provider").unwrap());
        assert!(!has_feature("[features]\nhttp = []", "provider").unwrap());
        assert!(!has_feature("[package]\nname = \"x\"", "provider").unwrap());
    }
}
