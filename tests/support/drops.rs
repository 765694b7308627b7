//! Dropping an instance at one of its calls to the host: the built-in host's switch for tests.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::App;

/// When the instance is gone: before the call is made, or when it has had its effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    Before,
    After,
}

/// The switch of an app.
#[derive(Debug)]
pub struct Drops {
    directory: PathBuf,
    armed: AtomicBool,
}

/// Calls are being written down, under this name.
#[derive(Debug)]
#[must_use]
pub struct Recording(Uuid);

/// Where the switch of an app is, which its host is told when it starts.
pub fn directory(data_dir: &Path) -> PathBuf {
    data_dir.join("drops")
}

impl Drops {
    /// `None` on Spin, which has no such switch; says so.
    pub fn of(app: &App) -> Option<Drops> {
        if app.runtime != "builtin" {
            println!("skipped: {} drops no instances on purpose", app.runtime);
            return None;
        }
        let directory = directory(&app.data_dir);
        std::fs::create_dir_all(&directory).expect("a directory");
        Some(Drops {
            directory,
            armed: AtomicBool::new(false),
        })
    }

    /// From now on the `number`th call (from 1) of `component`, among the given kinds (`pg`, `redis`,
    /// `http`; none means all), ends its instance. Calls are counted over all instances, those of what
    /// is composed into the component among them.
    pub fn arm(&self, component: &str, when: When, number: usize, kinds: &[&str]) {
        let kinds = match kinds {
            [] => "*".to_owned(),
            kinds => kinds.join(","),
        };
        self.write(component, when, number, &kinds, None);
    }

    /// The same for the `number`th time that it makes a call that a recording has.
    pub fn arm_at(&self, component: &str, when: When, number: usize, call: &str) {
        self.write(component, when, number, "*", Some(call));
    }

    /// From now on calls of `component` are written down, and nothing is dropped.
    pub fn record(&self, component: &str) -> Recording {
        Recording(self.write(component, When::Before, 0, "*", None))
    }

    /// The calls since a recording began, in their order, as [`Drops::arm_at`] takes them. It is over.
    pub fn recorded(&self, recording: &Recording) -> Vec<String> {
        self.disarm();
        let path = self.directory.join(format!("calls-{}", recording.0));
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(_, call)| without_ids(call))
            .collect()
    }

    fn write(
        &self,
        component: &str,
        when: When,
        number: usize,
        kinds: &str,
        call: Option<&str>,
    ) -> Uuid {
        let _ = std::fs::remove_file(self.directory.join("dropped"));
        let when = match when {
            When::Before => "before",
            When::After => "after",
        };
        let arming = Uuid::new_v4();
        let mut text = format!("{component} {when} {number} {kinds} {arming}");
        if let Some(call) = call {
            text.push('\n');
            text.push_str(call);
        }
        let part = self.directory.join("armed.part");
        std::fs::write(&part, text)
            .and_then(|()| std::fs::rename(&part, self.directory.join("armed")))
            .expect("armed");
        self.armed.store(true, Ordering::Relaxed);
        arming
    }

    /// The call at which an instance was dropped since the last arming, if one was: its kind and what
    /// it was. Its effect, if it had one, has happened.
    pub fn dropped(&self) -> Option<String> {
        std::fs::read_to_string(self.directory.join("dropped")).ok()
    }

    /// Drops nothing any more. Answers what was dropped since the last arming.
    pub fn disarm(&self) -> Option<String> {
        let was_armed = self.armed.swap(false, Ordering::Relaxed);
        if was_armed && std::fs::remove_file(self.directory.join("armed")).is_ok() {
            return None;
        }
        // Its call may be under way.
        let deadline = Instant::now() + Duration::from_secs(5);
        while was_armed && self.dropped().is_none() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(5));
        }
        self.dropped()
    }
}

impl Drop for Drops {
    fn drop(&mut self) {
        self.disarm();
    }
}

/// A call with a `*` in place of every id, which is another one each time.
fn without_ids(call: &str) -> String {
    let is_part = |c: char| c == '-' || c.is_ascii_digit() || ('a'..='f').contains(&c);
    let mut shape = String::new();
    let mut rest = call;
    while let Some(begin) = rest.find(is_part) {
        let (before, from) = rest.split_at(begin);
        let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        shape.push_str(before);
        shape.push_str(if run.len() < 32 { run } else { "*" });
        rest = after;
    }
    shape + rest
}

#[test]
fn calls_are_known_again_without_their_ids() {
    let calls = [
        (
            "http GET http://127.0.0.1:80/v1/pi_0199c0de0199c0de0199c0de0199c0de?limit=10",
            "http GET http://127.0.0.1:80/v1/pi_*?limit=10",
        ),
        (
            "http GET /a/0199c0de-0199-c0de-0199-c0de0199c0de",
            "http GET /a/*",
        ),
        (
            "pg SELECT \"payment\".workflow_note($1)",
            "pg SELECT \"payment\".workflow_note($1)",
        ),
    ];
    for (call, shape) in calls {
        assert_eq!(without_ids(call), shape);
    }
}
