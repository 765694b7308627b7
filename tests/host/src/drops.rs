//! Dropping an instance on purpose at one of its calls to the host, for tests: whatever a guest does,
//! it has to bear that it ends before a call, or after the call has had its effect.
//!
//! Where a directory is given (`STOA_HOST_DROPS`), each call of Postgres, Redis and outbound HTTP
//! looks there for a file `armed`. Its words are a component, `before` or `after`, a number, and
//! optionally the kinds of calls that count (`pg`, `redis`, `http`, joined by commas; `*` for all) and a
//! name of this arming. A second line, if there is one, is the only call that counts: its kind and what it
//! is, with a `*` for whatever may stand there. The component's calls are counted from then on, over all
//! its instances in the process, and at the one with that number the instance is gone, together with
//! everything else that it did; `armed` is no more then, for one file drops one instance, and once the
//! call has had its effect, if it is to have one, the file `dropped` says what it was. With the number 0
//! nothing is dropped.
//!
//! An arming that has a name leaves its calls in the file `calls-<name>`, a line for each: the number of
//! the instance, the kind, and what it was. So a test learns how many there are, and which of them it hit.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

/// What is counted: a call's kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Postgres,
    Redis,
    Http,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Postgres => "pg",
            Self::Redis => "redis",
            Self::Http => "http",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Before,
    After,
}

/// The process's switch. Without a directory nothing is ever dropped, and nothing looked for.
#[derive(Default)]
pub struct Drops {
    directory: Option<PathBuf>,
    counting: Mutex<Counting>,
    instances: AtomicU64,
}

/// Calls so far, of the arming whose text this is.
#[derive(Default)]
struct Counting {
    armed: String,
    calls: usize,
}

impl Drops {
    /// A switch that is worked from a directory, if one is given.
    pub fn new(directory: Option<PathBuf>) -> Self {
        Self {
            directory,
            ..Self::default()
        }
    }

    /// The calls of a fresh instance.
    pub fn calls(self: &Arc<Self>, component: &Arc<str>) -> Calls {
        Calls {
            component: component.clone(),
            instance: self.instances.fetch_add(1, Ordering::Relaxed),
            drops: self.clone(),
            doom: Doom::default(),
        }
    }

    /// Counts a call of a component's instance. Answers when to drop it, if this is the call, and what
    /// is to be told of it then.
    fn count(&self, calls: &Calls, kind: Kind, what: &str) -> Option<(When, String)> {
        let component: &str = &calls.component;
        let directory = self.directory.as_ref()?;
        let armed = directory.join("armed");
        let text = std::fs::read_to_string(&armed).ok()?;
        let (head, pattern) = text.split_once('\n').unwrap_or((&text, ""));
        let mut words = head.split_whitespace();
        if words.next() != Some(component) {
            return None;
        }
        let when = match words.next()? {
            "before" => When::Before,
            "after" => When::After,
            _ => return None,
        };
        let number: usize = words.next()?.parse().ok()?;
        let (kinds, name) = (words.next().unwrap_or("*"), words.next());
        if kinds != "*" && !kinds.split(',').any(|it| it == kind.name()) {
            return None;
        }
        let what: String = what.chars().take(200).collect();
        let line = format!("{} {}", kind.name(), what.replace('\n', " "));
        if !pattern.is_empty() && !is_like(pattern, &line) {
            return None;
        }
        let mut counting = self.counting.lock().unwrap_or_else(|e| e.into_inner());
        if counting.armed != text {
            *counting = Counting {
                armed: text.clone(),
                calls: 0,
            };
        }
        counting.calls += 1;
        if let Some(name) = name {
            note(directory, name, &format!("{} {line}\n", calls.instance));
        }
        // Whoever takes the file away has disarmed it.
        if counting.calls != number || std::fs::remove_file(&armed).is_err() {
            return None;
        }
        eprintln!("stoa-host: {component}: dropped {when:?} call {number}: {line}");
        Some((when, line))
    }

    /// Says that an instance is gone, and at which call.
    fn tell(&self, line: &str) {
        let Some(directory) = &self.directory else {
            return;
        };
        let part = directory.join("dropped.part");
        let written = std::fs::write(&part, line)
            .and_then(|()| std::fs::rename(&part, directory.join("dropped")));
        if let Err(error) = written {
            eprintln!("stoa-host: {}: {error}", directory.display());
        }
    }
}

/// Whether a text is as a pattern says, in which a `*` stands for whatever is there.
fn is_like(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(mut text) = text.strip_prefix(first) else {
        return false;
    };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        let Some(at) = text.find(piece) else {
            return false;
        };
        text = &text[at + piece.len()..];
    }
    text.ends_with(last)
}

/// Adds a call to those of an arming.
fn note(directory: &Path, name: &str, line: &str) {
    let path = directory.join(format!("calls-{name}"));
    let file = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path);
    let written = file.and_then(|mut file| file.write_all(line.as_bytes()));
    if let Err(error) = written {
        eprintln!("stoa-host: {}: {error}", path.display());
    }
}

/// The end of one instance, seen by those who keep it.
#[derive(Clone, Default)]
pub struct Doom(Arc<Fate>);

#[derive(Default)]
struct Fate {
    sealed: AtomicBool,
    waker: AtomicWaker,
}

impl Doom {
    fn seal(&self) {
        self.0.sealed.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Ready when the instance has to go.
    pub fn poll(&self, cx: &Context<'_>) -> Poll<()> {
        self.0.waker.register(cx.waker());
        if self.0.sealed.load(Ordering::Acquire) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }

    /// Waits until the instance has to go.
    pub async fn sealed(&self) {
        std::future::poll_fn(|cx| self.poll(cx)).await;
    }
}

/// The calls of one instance.
#[derive(Clone)]
pub struct Calls {
    component: Arc<str>,
    /// Its number in the process.
    instance: u64,
    drops: Arc<Drops>,
    pub doom: Doom,
}

impl Calls {
    /// Makes a call, unless the instance is to be dropped before it or after it: the guest then never
    /// gets an answer.
    pub async fn run<T>(&self, kind: Kind, what: &str, call: impl Future<Output = T>) -> T {
        match self.drops.count(self, kind, what) {
            None => call.await,
            Some((When::Before, line)) => self.end(&line).await,
            Some((When::After, line)) => {
                call.await;
                self.end(&line).await
            }
        }
    }

    async fn end<T>(&self, line: &str) -> T {
        self.drops.tell(line);
        self.doom.seal();
        std::future::pending().await
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt;
    use tempfile::TempDir;

    use super::*;

    fn calls(directory: &TempDir) -> Calls {
        Arc::new(Drops::new(Some(directory.path().to_owned()))).calls(&"order".into())
    }

    fn arm(directory: &TempDir, text: &str) {
        std::fs::write(directory.path().join("armed"), text).unwrap();
    }

    fn dropped(directory: &TempDir) -> Option<String> {
        std::fs::read_to_string(directory.path().join("dropped")).ok()
    }

    /// Whether the call had its effect, and whether it was answered.
    fn call(calls: &Calls, kind: Kind) -> (bool, bool) {
        let happened = Cell::new(false);
        let answer = calls
            .run(kind, "SELECT 1", async { happened.set(true) })
            .now_or_never();
        (happened.get(), answer.is_some())
    }

    #[test]
    fn the_call_with_the_number_is_the_last_and_only_one() {
        let directory = tempfile::tempdir().unwrap();
        arm(&directory, "order before 2");
        let calls = calls(&directory);
        assert_eq!(call(&calls, Kind::Postgres), (true, true));
        assert_eq!(dropped(&directory), None);
        assert!(calls.doom.sealed().now_or_never().is_none());
        assert_eq!(call(&calls, Kind::Redis), (false, false));
        assert!(calls.doom.sealed().now_or_never().is_some());
        assert_eq!(dropped(&directory).unwrap(), "redis SELECT 1");
        let next = calls.drops.calls(&calls.component);
        for _ in 0..3 {
            assert_eq!(call(&next, Kind::Postgres), (true, true));
        }
    }

    #[test]
    fn after_a_call_its_effect_is_there_and_nobody_hears_of_it() {
        let directory = tempfile::tempdir().unwrap();
        arm(&directory, "order after 1");
        let calls = calls(&directory);
        assert_eq!(call(&calls, Kind::Http), (true, false));
        assert!(calls.doom.sealed().now_or_never().is_some());
    }

    #[test]
    fn others_and_other_kinds_do_not_count_and_each_arming_counts_anew() {
        let directory = tempfile::tempdir().unwrap();
        let calls = calls(&directory);
        arm(&directory, "payment before 1");
        assert_eq!(call(&calls, Kind::Postgres), (true, true));
        arm(&directory, "order before 2 pg,http first");
        assert_eq!(call(&calls, Kind::Redis), (true, true));
        assert_eq!(call(&calls, Kind::Postgres), (true, true));
        arm(&directory, "order before 2 pg,http second");
        assert_eq!(call(&calls, Kind::Http), (true, true));
        assert_eq!(call(&calls, Kind::Postgres), (false, false));
    }

    #[test]
    fn nothing_is_looked_for_without_a_directory() {
        let calls = Arc::new(Drops::default()).calls(&"order".into());
        assert_eq!(call(&calls, Kind::Postgres), (true, true));
    }

    #[test]
    fn an_arming_with_a_name_tells_its_calls_and_may_drop_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let first = calls(&directory);
        let second = first.drops.calls(&first.component);
        let noted = |name: &str| std::fs::read_to_string(directory.path().join(name)).unwrap();
        arm(&directory, "order before 0 * all");
        for it in [&first, &second, &first] {
            assert_eq!(call(it, Kind::Postgres), (true, true));
        }
        assert_eq!(
            noted("calls-all"),
            "0 pg SELECT 1\n1 pg SELECT 1\n0 pg SELECT 1\n"
        );
        arm(&directory, "order before 2 redis some");
        assert_eq!(call(&first, Kind::Http), (true, true));
        assert_eq!(call(&first, Kind::Redis), (true, true));
        assert_eq!(call(&first, Kind::Redis), (false, false));
        assert_eq!(call(&second, Kind::Redis), (true, true));
        let expected = "0 redis SELECT 1\n0 redis SELECT 1\n";
        assert_eq!(noted("calls-some"), expected);
    }

    #[test]
    fn only_the_call_that_is_named_counts() {
        let directory = tempfile::tempdir().unwrap();
        arm(&directory, "order after 2 * it\npg SELECT 1");
        let calls = calls(&directory);
        for _ in 0..2 {
            assert_eq!(call(&calls, Kind::Redis), (true, true));
        }
        assert_eq!(call(&calls, Kind::Postgres), (true, true));
        assert_eq!(call(&calls, Kind::Postgres), (true, false));
        assert_eq!(dropped(&directory).unwrap(), "pg SELECT 1");
    }

    #[test]
    fn a_star_stands_for_whatever_is_there() {
        assert!(is_like("http GET /a/*/c?id=*", "http GET /a/b/c?id=1"));
        assert!(is_like("a*", "a") && is_like("*", "") && is_like("a", "a"));
        assert!(!is_like("http GET /a/*/c?id=*", "http GET /a/b/d?id=1"));
        assert!(!is_like("a*b", "ab c") && !is_like("a", "ab") && !is_like("a*aa", "aa"));
    }
}
