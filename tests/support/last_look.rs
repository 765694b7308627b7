//! Before an app goes, everything that it wrote is searched for every secret that went through the tests'
//! hands: when a test drops its own, and for those that tests share when the process ends.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use super::needles::{Finds, Needles};
use super::recorder;
use super::written::{self, Amount, Site};

/// The longest that the end of the process is held up.
const LIMIT: Duration = Duration::from_secs(120);
/// The longest that one app is looked into.
const ONE: Duration = Duration::from_secs(90);
/// So many of them are looked into at once.
const WORKERS: usize = 2;
/// Of so many places somebody is told.
const TOLD: usize = 40;

/// Apps that run, and what was looked through of those that do not any more.
static RUNNING: Mutex<Vec<Arc<Site>>> = Mutex::new(Vec::new());
static SEEN: Mutex<Vec<Amount>> = Mutex::new(Vec::new());
/// How far the last look is.
static LAST: Mutex<Stage> = Mutex::new(Stage::Waiting);
static CHANGED: Condvar = Condvar::new();

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Asked,
    Clean,
    Failed,
}

/// An app runs, and will be looked into.
pub fn started(site: Site) -> Arc<Site> {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(prepare);
    let site = Arc::new(site);
    locked(&RUNNING).push(Arc::clone(&site));
    site
}

/// An app is about to be stopped: looks into it. The error is what somebody has to be told.
pub fn ending(site: &Arc<Site>) -> Result<(), String> {
    locked(&RUNNING).retain(|it| !Arc::ptr_eq(it, site));
    let site = Arc::clone(site);
    // The test that drops it has a runtime of its own, in which nothing may wait.
    let looked = std::thread::spawn(move || look_into(&site, &Needles::of(&recorder::all())));
    looked
        .join()
        .unwrap_or_else(|_| Err("the search has failed".to_owned()))
}

fn look_into(site: &Site, needles: &Needles) -> Result<(), String> {
    let mut finds = Finds::new();
    let looked = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(async {
            let search = written::search(site, needles, &mut finds);
            tokio::time::timeout(ONE, search)
                .await
                .unwrap_or_else(|_| Err(format!("not within {ONE:?}")))
        });
    let mut said = String::new();
    for (found, before) in finds.iter().take(TOLD) {
        said += &format!(
            "\n  {} lies in {}, after {before:?}",
            found.what, found.place
        );
    }
    if finds.len() > TOLD {
        said += &format!("\n  and in {} other places", finds.len() - TOLD);
    }
    match looked {
        Ok(amount) => locked(&SEEN).push(amount),
        Err(error) => said += &format!("\n  something could not be looked into: {error}"),
    }
    if said.is_empty() {
        return Ok(());
    }
    Err(format!(
        "the last look for secrets, in {}:{said}",
        site.data_dir.display()
    ))
}

/// The look at the end needs a thread that is there already: when the process ends, the main thread has lost
/// what starting one takes.
fn prepare() {
    std::thread::spawn(|| {
        let mut stage = locked(&LAST);
        while *stage == Stage::Waiting {
            stage = CHANGED.wait(stage).unwrap_or_else(PoisonError::into_inner);
        }
        drop(stage);
        let clean = catch_unwind(AssertUnwindSafe(last_look)).unwrap_or_else(|_| {
            tell("the last look for secrets has failed");
            false
        });
        *locked(&LAST) = if clean { Stage::Clean } else { Stage::Failed };
        CHANGED.notify_all();
    });
    // SAFETY: a plain registration of a function that does not unwind.
    let failed = unsafe { libc::atexit(at_exit) };
    assert_eq!(failed, 0, "nobody would look at the end");
}

extern "C" fn at_exit() {
    let mut stage = locked(&LAST);
    *stage = Stage::Asked;
    CHANGED.notify_all();
    let (stage, _) = CHANGED
        .wait_timeout_while(stage, LIMIT, |stage| *stage == Stage::Asked)
        .unwrap_or_else(PoisonError::into_inner);
    match *stage {
        Stage::Clean => return,
        Stage::Asked => tell(&format!("not within {LIMIT:?}: the last look for secrets")),
        _ => {}
    }
    // SAFETY: ends the process, whatever its other threads are at.
    unsafe { libc::_exit(101) };
}

/// Looks into every app that still runs.
fn last_look() -> bool {
    let running = std::mem::take(&mut *locked(&RUNNING));
    let secrets = recorder::all();
    let needles = Needles::of(&secrets);
    let next = Mutex::new(running.iter());
    let said = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..WORKERS {
            scope.spawn(|| {
                loop {
                    let Some(site) = locked(&next).next() else {
                        return;
                    };
                    if let Err(error) = look_into(site, &needles) {
                        locked(&said).push(error);
                    }
                }
            });
        }
    });
    let said = std::mem::take(&mut *locked(&said));
    for one in &said {
        tell(one);
    }
    let seen = locked(&SEEN);
    let sum = |of: fn(&Amount) -> usize| seen.iter().map(of).sum::<usize>();
    tell(&format!(
        "{} secrets were looked for in what {} apps wrote: {} files, {} rows and {} keys of Redis",
        secrets.len(),
        seen.len(),
        sum(|it| it.files),
        sum(|it| it.rows),
        sum(|it| it.keys),
    ));
    said.is_empty()
}

/// To the process's own stderr: what is printed may be caught for the test that began this thread.
fn tell(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
