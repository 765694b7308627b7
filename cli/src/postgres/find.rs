//! Finding an installed Postgres: distributions put its programs off the PATH, one directory for
//! each version.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::packages::{self, POSTGRES};
use crate::processes;
use crate::progress::Progress;
use nix::sys::signal::Signal;

/// The oldest version whose features the migrations use.
const OLDEST: u64 = 15;

/// A directory with `postgres` and `initdb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    pub bin: PathBuf,
    pub major: u64,
}

/// An installed Postgres: of exactly the version `wanted` when a cluster of that version is there
/// already, else the newest. Installs the package when there is none.
pub async fn or_install(
    wanted: Option<u64>,
    data: &DataDir,
    progress: &Progress,
) -> Result<Installed> {
    if let Some(found) = find(wanted).await {
        return Ok(found);
    }
    if let Some(wanted) = wanted {
        return Err(Failure::Missing(format!(
            "the cluster of {} was made by Postgres {wanted}, which is not installed. Install that version (on Debian: sudo apt-get install -y postgresql-{wanted}), or throw the data away: rm -r {}",
            data.path.display(),
            data.path.display(),
        ))
        .into());
    }
    packages::install(&POSTGRES, data, progress).await?;
    find(None)
        .await
        .ok_or_else(|| packages::missing(&POSTGRES).into())
}

/// The best installed Postgres, if any is new enough.
pub async fn find(wanted: Option<u64>) -> Option<Installed> {
    let mut found = Vec::new();
    for bin in candidates() {
        if let Some(major) = major(&bin).await {
            found.push(Installed { bin, major });
        }
    }
    choose(found, wanted)
}

fn choose(mut found: Vec<Installed>, wanted: Option<u64>) -> Option<Installed> {
    found.retain(|it| wanted.map_or(it.major >= OLDEST, |wanted| it.major == wanted));
    // The first of the newest: candidates come in the order of preference.
    let newest = found.iter().map(|it| it.major).max()?;
    found.into_iter().find(|it| it.major == newest)
}

async fn major(bin: &Path) -> Option<u64> {
    let mut postgres = processes::command(bin.join("postgres"), Signal::SIGTERM, None);
    postgres.arg("--version");
    let line = processes::run(postgres, "postgres --version").await.ok()?;
    line.split_whitespace().find_map(major_of)
}

/// `18beta1` and `15.9` alike.
fn major_of(word: &str) -> Option<u64> {
    let digits = word
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(word.len());
    word[..digits].parse().ok()
}

/// Every directory that holds both programs.
fn candidates() -> Vec<PathBuf> {
    let mut directories = Vec::new();
    for (parent, inside) in [
        ("/usr/lib/postgresql", "bin"),
        ("/usr/lib/postgresql", ""),
        ("/usr", "bin"),
        ("/opt/homebrew/opt", "bin"),
        ("/usr/local/opt", "bin"),
        ("/home/linuxbrew/.linuxbrew/opt", "bin"),
    ] {
        let names = std::fs::read_dir(parent)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.file_name());
        let postgres = names
            .filter(|name| parent == "/usr/lib/postgresql" || is_postgres(&name.to_string_lossy()));
        directories.extend(postgres.map(|name| Path::new(parent).join(name).join(inside)));
    }
    directories.push("/usr/local/pgsql/bin".into());
    if let Some(on_path) =
        packages::on_path("initdb").and_then(|file| file.parent().map(Path::to_owned))
    {
        directories.push(on_path);
    }
    directories.retain(|bin| bin.join("postgres").is_file() && bin.join("initdb").is_file());
    directories
}

/// `/usr/pgsql-16`, `/opt/homebrew/opt/postgresql@16`.
fn is_postgres(name: &str) -> bool {
    name.starts_with("pgsql-") || name.starts_with("postgresql")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_is_chosen_unless_a_cluster_needs_another() {
        let found: Vec<_> = [14, 17, 15, 17]
            .into_iter()
            .enumerate()
            .map(|(place, major)| Installed {
                bin: format!("/{place}").into(),
                major,
            })
            .collect();
        assert_eq!(choose(found.clone(), None).unwrap().bin, Path::new("/1"));
        assert_eq!(choose(found.clone(), Some(15)).unwrap().major, 15);
        assert_eq!(choose(found.clone(), Some(16)), None);
        assert_eq!(choose(found.into_iter().take(1).collect(), None), None);
    }

    #[test]
    fn versions_before_a_release_count() {
        assert_eq!(
            "postgres (PostgreSQL) 18beta1"
                .split_whitespace()
                .find_map(major_of),
            Some(18)
        );
        assert_eq!(
            "postgres (PostgreSQL) 15.9 (Debian)"
                .split_whitespace()
                .find_map(major_of),
            Some(15)
        );
    }
}
