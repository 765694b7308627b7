//! Child processes that never outlive the command.
//!
//! Each child leads a process group of its own and asks the kernel to be signalled when `stoa`
//! dies, so that even `kill -9` leaves nothing behind. A group that was told to stop stays in a
//! registry until it is gone: [`sweep`] waits for the rest before the command ends.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::users::SystemUser;

/// Every group that may still be there, and how long it is given to stop at least.
static GROUPS: Mutex<BTreeMap<i32, Duration>> = Mutex::new(BTreeMap::new());

/// How long a killed process may take to disappear.
const DYING: Duration = Duration::from_secs(5);

fn groups() -> std::sync::MutexGuard<'static, BTreeMap<i32, Duration>> {
    // The set is valid after any panic: inserts and removes are all that happens to it.
    GROUPS
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A command in its own process group, with nothing on stdin, that gets `on_death` when this
/// process dies.
pub fn command(program: impl AsRef<OsStr>, on_death: Signal, user: Option<&SystemUser>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).process_group(0);
    if let Some(user) = user {
        command.uid(user.uid.as_raw()).gid(user.gid.as_raw());
        // The caller's directory may be closed to that user.
        command.current_dir("/");
    }
    die_with_parent(&mut command, on_death);
    command
}

#[cfg(target_os = "linux")]
fn die_with_parent(command: &mut Command, signal: Signal) {
    let parent = nix::unistd::getpid();
    // SAFETY: between fork and exec only async-signal-safe calls are made: prctl and getppid.
    unsafe {
        // Runs after the change of user, which would clear the setting.
        command.pre_exec(move || {
            nix::sys::prctl::set_pdeathsig(signal)?;
            if nix::unistd::getppid() != parent {
                return Err(std::io::Error::other("stoa ended meanwhile"));
            }
            Ok(())
        });
    }
}

#[cfg(not(target_os = "linux"))]
fn die_with_parent(_command: &mut Command, _signal: Signal) {}

/// A running child and its group. Dropping it tells the group to stop; [`sweep`] sees to the rest.
pub struct Group {
    child: Child,
    id: Pid,
    stop: Signal,
    ended: bool,
}

impl Group {
    /// Starts `command`, which was made by [`command`]; `stop` is the signal that ends it politely.
    pub fn spawn(mut command: Command, stop: Signal) -> Result<Group> {
        let program = command
            .as_std()
            .get_program()
            .to_string_lossy()
            .into_owned();
        let child = command
            .spawn()
            .with_context(|| format!("cannot start `{program}`"))?;
        let id = child.id().context("the process has no id")?;
        let id = Pid::from_raw(i32::try_from(id)?);
        groups().insert(id.as_raw(), Duration::ZERO);
        Ok(Group {
            child,
            id,
            stop,
            ended: false,
        })
    }

    /// The process id, which is the group's id as well.
    pub fn pid(&self) -> u32 {
        self.id.as_raw().unsigned_abs()
    }

    /// Waits until the leader has ended, then ends what it left in its group.
    pub async fn wait(&mut self) -> Result<ExitStatus> {
        let status = self.child.wait().await.context("waiting for a process")?;
        self.ended = true;
        let _ = killpg(self.id, Signal::SIGKILL);
        groups().remove(&self.id.as_raw());
        Ok(status)
    }

    /// Asks the group to stop and kills it when it has not after `grace`.
    pub async fn stop(&mut self, grace: Duration) {
        let _ = killpg(self.id, self.stop);
        if tokio::time::timeout(grace, self.wait()).await.is_err() {
            let _ = killpg(self.id, Signal::SIGKILL);
            let _ = self.wait().await;
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if !self.ended {
            let _ = killpg(self.id, self.stop);
        }
    }
}

/// Whether a group may still be there.
pub fn busy() -> bool {
    !groups().is_empty()
}

/// Waits until every group that was told to stop is gone. Those that are still there after `grace`
/// are killed, unless they were promised more.
pub async fn sweep(grace: Duration) {
    let begun = Instant::now();
    loop {
        let waiting: Vec<(i32, Duration)> = groups().iter().map(|(id, it)| (*id, *it)).collect();
        if waiting.is_empty() {
            return;
        }
        for (id, patience) in waiting {
            let pid = Pid::from_raw(id);
            let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
            let patience = patience.max(grace);
            let late = begun.elapsed() > patience;
            let signal = late.then_some(Signal::SIGKILL);
            // One that belongs to another user cannot be killed, only waited for.
            let gone = match killpg(pid, signal) {
                Err(Errno::ESRCH) => true,
                Err(_) => late,
                Ok(()) => begun.elapsed() > patience + DYING,
            };
            if gone {
                groups().remove(&id);
            }
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Which of a tool's two streams a line came from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// Runs a tool that must not be torn off half-way: told to stop, it is given `patience`, and it
/// prints into a file, because a pipe without a reader would kill it. `note` gets the file's last
/// line now and then.
pub async fn run_patiently(
    mut command: Command,
    patience: Duration,
    log: &Path,
    mut note: impl FnMut(&str),
) -> Result<ExitStatus> {
    let file = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command.stdout(file.try_clone()?).stderr(file);
    let mut group = Group::spawn(command, Signal::SIGTERM)?;
    groups().insert(group.id.as_raw(), patience);
    loop {
        tokio::select! {
            status = group.wait() => return status,
            () = tokio::time::sleep(Duration::from_millis(300)) => {}
        }
        if let Ok(text) = std::fs::read(log) {
            let text = String::from_utf8_lossy(&text);
            note(text.lines().last().unwrap_or_default());
        }
    }
}

/// Runs a tool to its end and hands over each line that it prints.
pub async fn run_lines(
    mut command: Command,
    mut line: impl FnMut(Stream, &str),
) -> Result<ExitStatus> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut group = Group::spawn(command, Signal::SIGTERM)?;
    let mut out = group.child.stdout.take().map(lines_of);
    let mut err = group.child.stderr.take().map(lines_of);
    while out.is_some() || err.is_some() {
        let (stream, read) = tokio::select! {
            read = next(&mut out), if out.is_some() => (Stream::Out, read),
            read = next(&mut err), if err.is_some() => (Stream::Err, read),
        };
        match (read, stream) {
            (Some(text), _) => line(stream, &text),
            (None, Stream::Out) => out = None,
            (None, Stream::Err) => err = None,
        }
    }
    group.wait().await
}

type Lines<R> = tokio::io::Split<BufReader<R>>;

fn lines_of<R: AsyncRead + Unpin>(stream: R) -> Lines<R> {
    BufReader::new(stream).split(b'\n')
}

/// The next line, whatever its encoding; `None` at the end or when the stream broke.
async fn next<R: AsyncRead + Unpin>(lines: &mut Option<Lines<R>>) -> Option<String> {
    let bytes = lines.as_mut()?.next_segment().await.ok().flatten()?;
    Some(
        String::from_utf8_lossy(&bytes)
            .trim_end_matches('\r')
            .to_owned(),
    )
}

/// Runs a tool to its end; the error carries the end of what it printed.
pub async fn run(command: Command, what: &str) -> Result<String> {
    let mut out = String::new();
    let mut all = Vec::new();
    let status = run_lines(command, |stream, line| {
        if stream == Stream::Out {
            out.push_str(line);
            out.push('\n');
        }
        all.push(line.to_owned());
    })
    .await
    .with_context(|| format!("{what} failed"))?;
    if !status.success() {
        anyhow::bail!("{what} failed ({status}):\n{}", tail(&all, 30));
    }
    Ok(out)
}

/// The last `count` lines.
pub fn tail(lines: &[String], count: usize) -> String {
    lines[lines.len().saturating_sub(count)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tool_that_fails_is_reported_with_what_it_printed() {
        let mut tool = command("sh", Signal::SIGTERM, None);
        tool.args(["-c", "echo first; echo second >&2; exit 3"]);
        let error = run(tool, "the tool").await.unwrap_err().to_string();
        assert!(
            error.contains("first") && error.contains("second"),
            "{error}"
        );
    }

    #[tokio::test]
    async fn a_dropped_group_is_gone_after_the_sweep() {
        let mut sleeper = command("sh", Signal::SIGTERM, None);
        sleeper.args(["-c", "sleep 60 & sleep 60"]);
        let group = Group::spawn(sleeper, Signal::SIGTERM).unwrap();
        let id = group.id;
        drop(group);
        sweep(Duration::from_secs(5)).await;
        assert_eq!(killpg(id, None), Err(Errno::ESRCH));
    }
}
