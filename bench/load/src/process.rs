//! Child processes that end with the benchmark, however it ends.

use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use tokio::process::{Child, Command};

/// How long a process may take to stop before it is killed.
const GRACE: Duration = Duration::from_secs(15);

/// A running child that leads a process group of its own. Dropping it stops the group and waits
/// until it is gone, so that nothing is left behind and the next start finds the ports free.
#[derive(Debug)]
pub struct Process {
    pub child: Child,
    pub log: PathBuf,
    group: Pid,
    stop: Signal,
}

impl Process {
    /// Starts `command` with its standard error, and its standard output unless that was set up
    /// already, in `log`. `stop` is the signal that ends it politely.
    pub fn spawn(
        mut command: Command,
        stop: Signal,
        log: &Path,
        keep_stdout: bool,
    ) -> Result<Self> {
        let file = open(log)?;
        if !keep_stdout {
            command.stdout(Stdio::from(
                file.try_clone().context("cannot share the log")?,
            ));
        }
        command
            .stdin(Stdio::null())
            .stderr(Stdio::from(file))
            .process_group(0);
        die_with_parent(&mut command, stop);
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start {program}"))?;
        let id = child.id().context("the process ended at once")?;
        Ok(Self {
            child,
            log: log.to_owned(),
            group: Pid::from_raw(i32::try_from(id)?),
            stop,
        })
    }

    /// Whether it has ended, with the end of its log as an error.
    pub fn require_running(&mut self, what: &str) -> Result<()> {
        match self
            .child
            .try_wait()
            .with_context(|| format!("looking after {what}"))?
        {
            None => Ok(()),
            Some(status) => anyhow::bail!(
                "{what} ended ({status}). The end of its log:\n{}",
                self.log_tail()
            ),
        }
    }

    /// The last lines of the log.
    pub fn log_tail(&self) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines
            .get(lines.len().saturating_sub(30)..)
            .unwrap_or_default()
            .join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // The leader may be gone and its group not, so the group is told in any case.
        let _ = killpg(self.group, self.stop);
        let deadline = Instant::now() + GRACE;
        // Nothing else is going on when a process is stopped: blocking is fine.
        while matches!(self.child.try_wait(), Ok(None)) {
            if Instant::now() > deadline {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = killpg(self.group, Signal::SIGKILL);
        let _ = self.child.try_wait();
    }
}

fn open(log: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .with_context(|| format!("cannot write {}", log.display()))
}

/// Even `kill -9` of the benchmark leaves nothing running.
#[cfg(target_os = "linux")]
fn die_with_parent(command: &mut Command, signal: Signal) {
    // SAFETY: between fork and exec only prctl is called, which is async-signal-safe.
    unsafe {
        command.pre_exec(move || nix::sys::prctl::set_pdeathsig(signal).map_err(Into::into));
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_: &mut Command, _: Signal) {}

/// A free port of this machine.
pub fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).context("no free port")?;
    Ok(listener.local_addr().context("no free port")?.port())
}

/// Polls `url` until it answers 2xx. Gives up when `process` ends, or after a minute.
pub async fn wait_answering(process: &mut Process, what: &str, url: &str) -> Result<()> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(5))
        .build()?;
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        process.require_running(what)?;
        match client.get(url).send().await {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            _ if Instant::now() > deadline => {
                anyhow::bail!(
                    "{what} does not answer. The end of its log:\n{}",
                    process.log_tail()
                )
            }
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_dropped_process_is_gone_with_its_group() {
        let directory = tempfile::tempdir().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 60 & sleep 60"]);
        let process =
            Process::spawn(shell, Signal::SIGTERM, &directory.path().join("log"), false).unwrap();
        let group = process.group;
        drop(process);
        // Killed it is at once; whoever inherits the dead takes a moment to bury them.
        let deadline = Instant::now() + Duration::from_secs(10);
        while killpg(group, None).is_ok() {
            assert!(Instant::now() < deadline, "the group is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    #[tokio::test]
    async fn a_process_that_ended_is_reported_with_its_log() {
        let directory = tempfile::tempdir().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", "echo no such file >&2; exit 3"]);
        let mut process =
            Process::spawn(shell, Signal::SIGTERM, &directory.path().join("log"), false).unwrap();
        process.child.wait().await.unwrap();
        let error = process.require_running("it").unwrap_err().to_string();
        assert!(error.contains("no such file"), "{error}");
    }
}
