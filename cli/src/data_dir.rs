//! The directory that holds everything a running checkout keeps: secrets, ports, logs, the private
//! servers' files, and `ready.json`.

use std::collections::BTreeMap;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::failure::Failure;
use crate::fingerprint::hex;
use crate::seal_key;

/// A data directory that exists.
#[derive(Clone, Debug)]
pub struct DataDir {
    pub path: PathBuf,
}

/// Held while something runs on the directory; the kernel releases it however the process ends.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] Flock<std::fs::File>);

/// Secrets that `stoa` made up, kept for as long as the cluster they belong to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Secrets {
    /// Of the private cluster's superuser.
    pub superuser: String,
    /// Of the modules' roles, by module: only where they do not follow from the administrator's.
    #[serde(default)]
    pub roles: BTreeMap<String, String>,
    /// What the sandbox signs its webhooks with.
    #[serde(default)]
    pub sandbox: String,
    /// What `notification` opens sealed secrets with; see [`crate::seal_key`].
    #[serde(default)]
    pub seal: String,
    /// What `account` seals second factors with: 32 bytes in base64url.
    #[serde(default)]
    pub account: String,
    /// What `payment` opens the numbers of people's documents with; see [`crate::seal_key`].
    #[serde(default)]
    pub identity: String,
    /// What modules sign calls with of those that are deployed apart, by the caller's name; see
    /// [`crate::topology`].
    #[serde(default)]
    pub service: BTreeMap<String, String>,
}

impl DataDir {
    /// Creates the directory where it is missing.
    pub fn open(path: &Path) -> Result<DataDir> {
        std::fs::create_dir_all(path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let path = path
            .canonicalize()
            .with_context(|| format!("cannot resolve {}", path.display()))?;
        Ok(DataDir { path })
    }

    /// The directory, when it is there.
    pub fn existing(path: &Path) -> Option<DataDir> {
        path.canonicalize().ok().map(|path| DataDir { path })
    }

    /// A path inside the directory.
    pub fn join(&self, inside: impl AsRef<Path>) -> PathBuf {
        self.path.join(inside)
    }

    /// Takes the directory for this process alone.
    pub fn lock(&self) -> Result<Lock> {
        let path = self.join("lock");
        let file = std::fs::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path);
        let file = file.with_context(|| format!("cannot open {}", path.display()))?;
        match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(mut lock) => {
                // Written over the old number, so that a reader always finds one.
                let id = std::process::id().to_string();
                lock.rewind()?;
                lock.write_all(id.as_bytes())?;
                lock.set_len(id.len() as u64)?;
                Ok(Lock(lock))
            }
            Err((mut file, Errno::EWOULDBLOCK)) => {
                let mut holder = String::new();
                let _ = file.read_to_string(&mut holder);
                Err(Failure::InUse(format!(
                    "{} is in use by another stoa (process {}). Stop it first, or give this one its own --data-dir",
                    self.path.display(),
                    if holder.is_empty() { "unknown" } else { &holder },
                ))
                .into())
            }
            Err((_, error)) => {
                Err(error).with_context(|| format!("cannot lock {}", path.display()))
            }
        }
    }

    /// Where a process's output goes.
    pub fn log(&self, name: &str) -> Result<PathBuf> {
        let directory = self.join("logs");
        std::fs::create_dir_all(&directory)
            .with_context(|| format!("cannot create {}", directory.display()))?;
        Ok(directory.join(format!("{name}.log")))
    }

    /// The secrets, with a password for the superuser and each of `modules`; new ones are made up.
    pub fn secrets(&self, modules: &[String]) -> Result<Secrets> {
        let mut secrets: Secrets = self.load("secrets.json")?.unwrap_or_default();
        let before = secrets.roles.len();
        let mut fresh = false;
        for secret in [&mut secrets.superuser, &mut secrets.sandbox] {
            if secret.is_empty() {
                *secret = password()?;
                fresh = true;
            }
        }
        for key in [
            &mut secrets.seal,
            &mut secrets.account,
            &mut secrets.identity,
        ] {
            if key.is_empty() {
                *key = seal_key::new()?;
                fresh = true;
            }
        }
        for module in modules {
            if !secrets.roles.contains_key(module) {
                secrets.roles.insert(module.clone(), password()?);
            }
        }
        if fresh || secrets.roles.len() != before {
            self.save("secrets.json", &secrets)?;
        }
        Ok(secrets)
    }

    /// The keys with which `callers` sign calls of modules that are deployed apart; new ones are made up.
    pub fn service_keys<'a>(
        &self,
        callers: impl IntoIterator<Item = &'a String>,
    ) -> Result<BTreeMap<String, String>> {
        let mut secrets = self.secrets(&[])?;
        let before = secrets.service.len();
        for caller in callers {
            if !secrets.service.contains_key(caller) {
                secrets.service.insert(caller.clone(), seal_key::new()?);
            }
        }
        if secrets.service.len() != before {
            self.save("secrets.json", &secrets)?;
        }
        Ok(secrets.service)
    }

    /// Reads a JSON file of the directory; `None` when it is not there.
    pub fn load<T: DeserializeOwned>(&self, file: &str) -> Result<Option<T>> {
        let path = self.join(file);
        match std::fs::read(&path) {
            Ok(bytes) => {
                let value = serde_json::from_slice(&bytes);
                value.map(Some).with_context(|| {
                    format!("{} is damaged; delete it to start anew", path.display())
                })
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    /// Writes a JSON file that only its owner can read, whole or not at all.
    pub fn save<T: Serialize>(&self, file: &str, value: &T) -> Result<()> {
        let path = self.join(file);
        let part = self.join(format!("{file}.part"));
        let write = || -> std::io::Result<()> {
            let mut out = std::fs::OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&part)?;
            out.set_permissions(std::fs::Permissions::from_mode(0o600))?;
            serde_json::to_writer_pretty(&mut out, value)?;
            out.write_all(b"\n")?;
            std::fs::rename(&part, &path)
        };
        write().with_context(|| format!("cannot write {}", path.display()))
    }

    /// Removes a file of the directory if it is there.
    pub fn remove(&self, file: &str) {
        let _ = std::fs::remove_file(self.join(file));
    }
}

/// 32 random bytes in hexadecimal: needs no quoting in URLs, connection strings or SQL.
pub fn password() -> Result<String> {
    Ok(hex(&random()?))
}

/// Random bytes of the system.
pub fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)
        .map_err(|error| anyhow::anyhow!("the system gives no random bytes: {error}"))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::exit_code;

    #[test]
    fn a_second_lock_is_refused_and_names_the_first() {
        let root = tempfile::tempdir().unwrap();
        let data = DataDir::open(&root.path().join("data")).unwrap();
        let first = data.lock().unwrap();
        let error = data.lock().err().unwrap();
        assert_eq!(exit_code(&error), 5);
        assert!(error.to_string().contains(&std::process::id().to_string()));
        drop(first);
        assert!(data.lock().is_ok());
    }

    #[test]
    fn secrets_stay_and_are_the_owners_alone() {
        let root = tempfile::tempdir().unwrap();
        let data = DataDir::open(root.path()).unwrap();
        let first = data.secrets(&["order".into()]).unwrap();
        let second = data.secrets(&["order".into(), "account".into()]).unwrap();
        assert_eq!(first.superuser, second.superuser);
        assert_eq!(first.sandbox, second.sandbox);
        assert_eq!(first.seal, second.seal);
        assert_ne!(first.sandbox, first.superuser);
        assert_eq!(first.roles["order"], second.roles["order"]);
        assert_eq!(second.roles.len(), 2);
        let mode = std::fs::metadata(data.join("secrets.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
