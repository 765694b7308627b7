//! Whether anything that the build reads has changed since the last one.
//!
//! Paths, sizes and modification times are compared, as cargo does: asking cargo itself takes
//! seconds for each of its builds, and a second `stoa up` should be ready in that time.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::project::Project;

/// Everything that a build of components or host reads, relative to the root.
const SOURCES: [&str; 11] = [
    "components",
    "crates",
    // The edge knows which migrations it needs, and serves the document.
    "migrations",
    "docs/openapi.json",
    "wit",
    "tests/host",
    ".cargo",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    "spin.toml",
];

const FILE: &str = "fingerprint";

/// The state of the sources, mixed with `salt`: what else the outcome depends on.
pub fn of(project: &Project, salt: &str) -> Result<String> {
    let mut list = format!("{salt}\n");
    for source in SOURCES {
        walk(&project.root, Path::new(source), &mut list)?;
    }
    Ok(hex(&Sha256::digest(list.as_bytes())))
}

/// The fingerprint of the last whole build.
pub fn stored(project: &Project) -> Option<String> {
    std::fs::read_to_string(project.artifacts().join(FILE)).ok()
}

/// Remembers `fingerprint`, taken before the build began: what changed meanwhile is built next time.
pub fn store(project: &Project, fingerprint: &str) -> Result<()> {
    let path = project.artifacts().join(FILE);
    std::fs::write(&path, fingerprint).with_context(|| format!("cannot write {}", path.display()))
}

fn walk(root: &Path, inside: &Path, list: &mut String) -> Result<()> {
    let path = root.join(inside);
    // A source may be missing (no lock file yet): then its name is not in the list.
    let Ok(metadata) = std::fs::metadata(&path) else {
        return Ok(());
    };
    if !metadata.is_dir() {
        let modified = metadata
            .modified()
            .context("this file system keeps no modification times")?;
        let age = modified
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        writeln!(
            list,
            "{} {} {}",
            inside.display(),
            metadata.len(),
            age.as_nanos()
        )?;
        return Ok(());
    }
    let entries =
        std::fs::read_dir(&path).with_context(|| format!("cannot list {}", path.display()))?;
    let mut names = entries
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<Vec<_>, _>>()
        .with_context(|| format!("cannot list {}", path.display()))?;
    names.sort();
    for name in names {
        // Editors' and tools' own files are no sources.
        if name != "target" && !name.as_encoded_bytes().starts_with(b".") {
            walk(root, &inside.join(name), list)?;
        }
    }
    Ok(())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_follows_the_sources_and_the_salt() {
        let root = tempfile::tempdir().unwrap();
        let project = Project {
            root: root.path().to_owned(),
        };
        std::fs::create_dir_all(root.path().join("crates/kit/src")).unwrap();
        let file = root.path().join("crates/kit/src/lib.rs");
        std::fs::write(&file, "one").unwrap();
        let first = of(&project, "spin").unwrap();
        assert_eq!(of(&project, "spin").unwrap(), first);
        assert_ne!(of(&project, "builtin").unwrap(), first);
        std::fs::write(&file, "longer").unwrap();
        let second = of(&project, "spin").unwrap();
        assert_ne!(second, first);
        std::fs::create_dir_all(root.path().join("crates/kit/target")).unwrap();
        std::fs::write(root.path().join("crates/kit/target/x"), "x").unwrap();
        std::fs::write(root.path().join("crates/kit/src/.lib.rs.swp"), "x").unwrap();
        assert_eq!(of(&project, "spin").unwrap(), second);
        std::fs::write(root.path().join("crates/kit/src/new.rs"), "").unwrap();
        assert_ne!(of(&project, "spin").unwrap(), second);
    }
}
