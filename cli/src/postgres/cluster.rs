//! The private cluster's place on disk: where it may lie, how it is made, and what a killed run
//! may have left in it.

use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use std::io::Write;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::data_dir::DataDir;
use crate::fingerprint::hex;
use crate::processes;
use crate::users::{self, SystemUser};

use super::find::Installed;

/// For clusters of data directories that the servers' user cannot reach.
const ELSEWHERE: &str = "/var/lib/stoa";

/// Where the cluster went, when not into the data directory. The directory's own path is part of
/// it, because a copied data directory must not lead to the cluster of the original.
#[derive(Serialize, Deserialize)]
struct Note {
    data_dir: PathBuf,
    cluster: PathBuf,
}

const NOTE: &str = "cluster.json";

/// The directory above the cluster; it belongs to the user that Postgres runs as.
pub async fn place(data: &DataDir, user: Option<&SystemUser>) -> Result<PathBuf> {
    let inside = data.join("postgres");
    let Some(user) = user else {
        std::fs::create_dir_all(&inside)
            .with_context(|| format!("cannot create {}", inside.display()))?;
        return Ok(inside);
    };
    let noted = data
        .load::<Note>(NOTE)?
        .filter(|note| note.data_dir == data.path)
        .map(|note| note.cluster);
    let place = match noted {
        Some(cluster) => cluster,
        None if users::can_enter(user, &data.path).await => inside,
        None => {
            let digest = Sha256::digest(data.path.as_os_str().as_encoded_bytes());
            let cluster = Path::new(ELSEWHERE).join(&hex(&digest)[..16]);
            forget(&cluster).await?;
            data.save(
                NOTE,
                &Note {
                    data_dir: data.path.clone(),
                    cluster: cluster.clone(),
                },
            )?;
            cluster
        }
    };
    std::fs::create_dir_all(&place)
        .with_context(|| format!("cannot create {}", place.display()))?;
    chown(&place, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
        .and_then(|()| std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o700)))
        .with_context(|| format!("cannot give {} to {}", place.display(), user.name))?;
    Ok(place)
}

/// Removes the cluster of a data directory that was deleted: whoever deletes the one wants to be
/// rid of the other, and its password is lost anyway.
async fn forget(place: &Path) -> Result<()> {
    if !place.exists() {
        return Ok(());
    }
    stop_leftover(place).await?;
    std::fs::remove_dir_all(place).with_context(|| format!("cannot remove {}", place.display()))
}

/// The major version of the cluster at `place`, when there is one.
pub fn version(place: &Path) -> Option<u64> {
    std::fs::read_to_string(data(place).join("PG_VERSION"))
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The cluster itself.
pub fn data(place: &Path) -> PathBuf {
    place.join("data")
}

/// Makes a cluster whose superuser is `stoa`. It gets its final name when it is complete, so that
/// an interrupted run leaves nothing that looks like a cluster.
pub async fn create(
    place: &Path,
    installed: &Installed,
    password: &str,
    user: Option<&SystemUser>,
) -> Result<()> {
    let password_file = place.join("password");
    write_private(&password_file, password, user)?;
    let half = place.join("new");
    let mut result = Ok(());
    // Letters beyond ASCII need a UTF-8 locale; which of these exists differs by system.
    for locale in ["C.UTF-8", "C.utf8", "en_US.UTF-8", "C"] {
        let _ = std::fs::remove_dir_all(&half);
        let mut initdb = processes::command(installed.bin.join("initdb"), Signal::SIGTERM, user);
        initdb.env("LC_ALL", "C").arg("-D").arg(&half).args([
            "-U",
            "stoa",
            "-E",
            "UTF8",
            "-A",
            "scram-sha-256",
        ]);
        initdb
            .arg(format!("--locale={locale}"))
            .arg("--pwfile")
            .arg(&password_file);
        result = processes::run(initdb, "initdb").await.map(drop);
        if result.is_ok() {
            break;
        }
    }
    let _ = std::fs::remove_file(&password_file);
    result?;
    std::fs::rename(&half, data(place)).context("cannot name the new cluster")
}

fn write_private(path: &Path, text: &str, user: Option<&SystemUser>) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(text.as_bytes())?;
        match user {
            Some(user) => chown(path, Some(user.uid.as_raw()), Some(user.gid.as_raw())),
            None => Ok(()),
        }
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Stops a server that a killed `stoa up` left on the cluster. The kernel tells it to stop when
/// its `stoa` dies, so mostly this waits for the end of that.
pub async fn stop_leftover(place: &Path) -> Result<()> {
    let cluster = data(place);
    let Some(pid) = server_of(&cluster) else {
        return Ok(());
    };
    for (signal, seconds) in [
        (Signal::SIGINT, 10),
        (Signal::SIGQUIT, 10),
        (Signal::SIGKILL, 5),
    ] {
        let _ = kill(pid, signal);
        let deadline = Instant::now() + Duration::from_secs(seconds);
        while Instant::now() < deadline {
            if server_of(&cluster) != Some(pid) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    bail!(
        "a Postgres (process {pid}) still runs on {} and cannot be stopped",
        cluster.display()
    )
}

/// The server that runs on `cluster`, by its pid file. The file alone proves nothing: after a
/// crash its number may belong to anybody, so the process must also work in that directory.
fn server_of(cluster: &Path) -> Option<Pid> {
    let text = std::fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    let pid: i32 = text.lines().next()?.trim().parse().ok()?;
    let works_in = std::fs::read_link(format!("/proc/{pid}/cwd")).ok()?;
    (works_in == cluster).then(|| Pid::from_raw(pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stale_pid_file_names_no_server() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(server_of(root.path()), None);
        std::fs::write(
            root.path().join("postmaster.pid"),
            format!("{}\n/x\n", std::process::id()),
        )
        .unwrap();
        assert_eq!(server_of(root.path()), None);
    }
}
