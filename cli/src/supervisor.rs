//! Keeps a process running: starts it again when it ends, slower and slower while it keeps ending.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::Signal;
use tokio::process::Command;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::processes::Group;
use crate::progress::Progress;

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A process that ran for so long was well: the next end is a new accident.
const HEALTHY_AFTER: Duration = Duration::from_secs(10);

/// A process to keep running.
pub struct Service {
    /// As in `ready.json` and the log's name.
    pub name: &'static str,
    /// Made anew for each start; it comes from `processes::command`.
    pub command: Box<dyn Fn() -> Command + Send>,
    /// Ends it politely.
    pub stop: Signal,
    /// How long it may take over that.
    pub grace: Duration,
    /// Gets what it prints.
    pub log: PathBuf,
}

/// What is known of a service.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// While it runs.
    pub pid: Option<u32>,
    /// How often it has ended.
    pub ends: u32,
    /// How it ended the last time.
    pub last: String,
}

/// The process ids of everything that runs, by name.
pub type Board = watch::Sender<BTreeMap<&'static str, u32>>;

/// A service being kept running.
pub struct Supervised {
    pub name: &'static str,
    pub log: PathBuf,
    state: watch::Receiver<State>,
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Supervised {
    /// Starts keeping `service` running, and its process id on the `board`.
    pub fn start(service: Service, board: Arc<Board>, progress: Progress) -> Supervised {
        let (stop, stopped) = watch::channel(false);
        let (publish, state) = watch::channel(State::default());
        let (name, log) = (service.name, service.log.clone());
        let task = tokio::spawn(keep(service, board, publish, stopped, progress));
        Supervised {
            name,
            log,
            state,
            stop,
            task,
        }
    }

    /// What is known of it now.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Says to stop, without waiting for it.
    pub fn tell_to_stop(&self) {
        self.stop.send_replace(true);
    }

    /// Waits until it has stopped.
    pub async fn stopped(self) {
        self.tell_to_stop();
        let _ = self.task.await;
    }

    /// The end of its log, for an error message.
    pub fn log_tail(&self) -> String {
        log_tail(&self.log, 20)
    }
}

/// The last lines of a log.
pub fn log_tail(log: &Path, lines: usize) -> String {
    let text = std::fs::read(log)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .unwrap_or_default();
    let all: Vec<&str> = text.lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

async fn keep(
    service: Service,
    board: Arc<Board>,
    publish: watch::Sender<State>,
    mut stopped: watch::Receiver<bool>,
    progress: Progress,
) {
    let mut pause = FIRST_PAUSE;
    while !*stopped.borrow() {
        let begun = Instant::now();
        let end = match start(&service) {
            Err(error) => format!("{error:#}"),
            Ok(mut group) => {
                let pid = group.pid();
                publish.send_modify(|state| state.pid = Some(pid));
                board.send_modify(|pids| {
                    pids.insert(service.name, pid);
                });
                let end = tokio::select! {
                    status = group.wait() => status.map_or_else(|error| format!("{error:#}"), |it| it.to_string()),
                    () = told_to_stop(&mut stopped) => {
                        group.stop(service.grace).await;
                        "stopped".to_owned()
                    }
                };
                board.send_modify(|pids| {
                    pids.remove(service.name);
                });
                end
            }
        };
        publish.send_modify(|state| {
            *state = State {
                pid: None,
                ends: state.ends.saturating_add(1),
                last: end.clone(),
            };
        });
        if *stopped.borrow() {
            return;
        }
        if begun.elapsed() > HEALTHY_AFTER {
            pause = FIRST_PAUSE;
        }
        let milliseconds = pause.as_millis();
        progress.say(format!(
            "  !  {} ended ({end}); starting it again in {milliseconds} ms",
            service.name
        ));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = told_to_stop(&mut stopped) => return,
        }
        pause = next_pause(pause);
    }
}

async fn told_to_stop(stopped: &mut watch::Receiver<bool>) {
    // An error means that nobody is left to say it: that ends the service as well.
    let _ = stopped.wait_for(|stop| *stop).await;
}

fn next_pause(pause: Duration) -> Duration {
    (pause * 2).min(LONGEST_PAUSE)
}

fn start(service: &Service) -> Result<Group> {
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&service.log);
    let log = log.with_context(|| format!("cannot write {}", service.log.display()))?;
    let mut command = (service.command)();
    command
        .stdout(Stdio::from(log.try_clone()?))
        .stderr(Stdio::from(log));
    Group::spawn(command, service.stop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes;

    fn service(log: &Path, script: &'static str) -> Service {
        Service {
            name: "test",
            command: Box::new(move || {
                let mut shell = processes::command("sh", Signal::SIGTERM, None);
                shell.args(["-c", script]);
                shell
            }),
            stop: Signal::SIGTERM,
            grace: Duration::from_secs(2),
            log: log.to_owned(),
        }
    }

    #[test]
    fn pauses_double_up_to_a_limit() {
        assert_eq!(next_pause(FIRST_PAUSE), Duration::from_millis(200));
        assert_eq!(next_pause(Duration::from_secs(4)), LONGEST_PAUSE);
    }

    #[tokio::test]
    async fn a_process_that_ends_is_started_again() {
        let root = tempfile::tempdir().unwrap();
        let log = root.path().join("log");
        let board = Arc::new(watch::channel(BTreeMap::new()).0);
        let supervised = Supervised::start(service(&log, "echo run"), board, Progress::quiet());
        let mut state = supervised.state.clone();
        let twice = state.wait_for(|state| state.ends >= 2);
        tokio::time::timeout(Duration::from_secs(10), twice)
            .await
            .unwrap()
            .unwrap();
        assert!(supervised.log_tail().contains("run\nrun"));
        supervised.stopped().await;
    }

    #[tokio::test]
    async fn a_running_process_is_on_the_board_until_it_is_stopped() {
        let root = tempfile::tempdir().unwrap();
        let board = Arc::new(watch::channel(BTreeMap::new()).0);
        let mut seen = board.subscribe();
        let supervised = Supervised::start(
            service(&root.path().join("log"), "sleep 60"),
            board,
            Progress::quiet(),
        );
        seen.wait_for(|pids| pids.contains_key("test"))
            .await
            .unwrap();
        supervised.stopped().await;
        assert!(seen.borrow().is_empty());
    }
}
