//! The unprivileged user that the private servers run under when `stoa` runs as root.
//!
//! Postgres refuses root outright, and a Redis without a password that runs as root would hand
//! root to everybody on the machine.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use nix::unistd::{Gid, Uid, User};

use crate::processes;

/// Who the private servers run as.
#[derive(Clone, Debug)]
pub struct SystemUser {
    pub name: String,
    pub uid: Uid,
    pub gid: Gid,
}

/// `None` unless this process is root; then `postgres` where there is such a user, else `nobody`.
pub fn for_servers() -> Result<Option<SystemUser>> {
    if !nix::unistd::geteuid().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        let found = User::from_name(name).with_context(|| format!("looking up the user {name}"))?;
        if let Some(user) = found.filter(|user| !user.uid.is_root()) {
            return Ok(Some(SystemUser {
                name: user.name,
                uid: user.uid,
                gid: user.gid,
            }));
        }
    }
    anyhow::bail!(
        "Postgres refuses to run as root, and this machine has neither a user `postgres` nor `nobody`; make one with: useradd --system postgres"
    )
}

/// The unprivileged user whom a file belongs to, when it is there.
pub fn owner(path: &Path) -> Option<SystemUser> {
    let uid = Uid::from_raw(std::fs::metadata(path).ok()?.uid());
    let user = User::from_uid(uid)
        .ok()
        .flatten()
        .filter(|user| !user.uid.is_root())?;
    Some(SystemUser {
        name: user.name,
        uid: user.uid,
        gid: user.gid,
    })
}

/// Whether `user` may pass through to `directory`. Asked of the kernel rather than read from the
/// modes, because access lists and mount options count too.
pub async fn can_enter(user: &SystemUser, directory: &Path) -> bool {
    let mut shell = processes::command("/bin/sh", Signal::SIGTERM, Some(user));
    shell.args(["-c", "cd \"$1\"", "sh"]).arg(directory);
    processes::run(shell, "cd").await.is_ok()
}
