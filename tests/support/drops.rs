//! Dropping an instance at one of its calls to the host: the built-in host's switch for tests.

use std::path::{Path, PathBuf};

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
}

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
        Some(Drops { directory })
    }

    /// From now on the `number`th call (from 1) of `component`, among the given kinds (`pg`, `redis`,
    /// `http`; none means all), ends its instance. Calls are counted over all instances, those of what
    /// is composed into the component among them.
    pub fn arm(&self, component: &str, when: When, number: usize, kinds: &[&str]) {
        let _ = std::fs::remove_file(self.directory.join("dropped"));
        let when = match when {
            When::Before => "before",
            When::After => "after",
        };
        let kinds = match kinds {
            [] => "*".to_owned(),
            kinds => kinds.join(","),
        };
        let arming = uuid::Uuid::new_v4();
        let part = self.directory.join("armed.part");
        std::fs::write(
            &part,
            format!("{component} {when} {number} {kinds} {arming}"),
        )
        .and_then(|()| std::fs::rename(&part, self.directory.join("armed")))
        .expect("armed");
    }

    /// The call at which an instance was dropped since the last arming, if one was: its kind and what
    /// it was.
    pub fn dropped(&self) -> Option<String> {
        std::fs::read_to_string(self.directory.join("dropped")).ok()
    }

    /// Drops nothing any more. Answers whether something was dropped since the last arming.
    pub fn disarm(&self) -> Option<String> {
        let armed = std::fs::remove_file(self.directory.join("armed")).is_ok();
        if armed { None } else { self.dropped() }
    }
}

impl Drop for Drops {
    fn drop(&mut self) {
        self.disarm();
    }
}
