//! On a store that is none: what the scripts answer is made up, and time passes when somebody waits.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use futures::executor::block_on;

use super::*;

type Answer = fn(&'static str, &str) -> Result<Vec<i64>, Away>;

struct Fake {
    now: Cell<Duration>,
    said: RefCell<Vec<(&'static str, String)>>,
    answer: Answer,
    /// How long it takes to answer.
    takes: Duration,
}

impl Fake {
    fn new(answer: Answer) -> Self {
        Self {
            now: Cell::new(Duration::ZERO),
            said: RefCell::default(),
            answer,
            takes: Duration::ZERO,
        }
    }

    fn slow(self, takes: Duration) -> Self {
        Self { takes, ..self }
    }

    fn keys_of(&self, script: &'static str) -> Vec<String> {
        let said = self.said.borrow();
        said.iter()
            .filter(|(s, _)| *s == script)
            .map(|(_, key)| key.clone())
            .collect()
    }
}

impl Store for Fake {
    async fn run(
        &self,
        script: &'static str,
        keys: Vec<String>,
        _: Vec<String>,
    ) -> Result<Vec<i64>, Away> {
        let key = keys[0]
            .trim_start_matches("stoa:lock:")
            .trim_end_matches(":writer");
        self.said.borrow_mut().push((script, key.to_owned()));
        self.now.set(self.now.get().saturating_add(self.takes));
        (self.answer)(script, key)
    }

    async fn sleep(&self, duration: Duration) {
        self.now.set(self.now.get().saturating_add(duration));
        // Somebody else's turn.
        let mut turned = false;
        std::future::poll_fn(|cx| {
            if turned {
                return std::task::Poll::Ready(());
            }
            turned = true;
            cx.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }

    fn now(&self) -> Duration {
        self.now.get()
    }
}

/// Work that takes so long, by the store's clock.
async fn until(store: &Fake, end: Duration) {
    while store.now.get() < end {
        std::future::poll_fn(|cx| {
            cx.waker().wake_by_ref();
            if store.now.get() < end {
                // Whoever renews is polled after this, and moves the clock.
                return std::task::Poll::Pending;
            }
            std::task::Poll::Ready(())
        })
        .await;
    }
}

fn granted(script: &'static str, _: &str) -> Result<Vec<i64>, Away> {
    Ok(if script == ACQUIRE {
        vec![1, 7]
    } else {
        vec![1]
    })
}

#[test]
fn keys_are_taken_in_the_order_of_their_names_and_given_back_in_the_other() {
    let store = Fake::new(granted);
    let lock = Lock::write("b").and_read("c").and_write("a").and_read("a");
    let fence = block_on(lock.run_on(&store, async |fences: Fences| fences.of("b")));
    assert_eq!(fence, Ok(7));
    assert_eq!(store.keys_of(ACQUIRE), ["a", "b", "c"]);
    assert_eq!(store.keys_of(RELEASE), ["c", "b", "a"]);
}

#[test]
fn what_is_held_by_another_is_waited_for_and_then_given_up_with_what_was_taken() {
    let store = Fake::new(|script, key| match (script, key) {
        (ACQUIRE, "b") => Ok(vec![0, 5_000]),
        _ => granted(script, key),
    });
    let lock = Lock::write("a").and_write("b");
    let never = async |_: Fences| panic!("it is not held");
    let outcome: Result<(), _> = block_on(lock.run_on(&store, never));
    assert_eq!(outcome, Err(Error::Busy));
    assert_eq!(
        store.now.get(),
        Duration::ZERO,
        "without patience it does not wait"
    );

    let patient = lock
        .lease(Duration::from_millis(900))
        .wait(Duration::from_secs(2));
    let outcome: Result<(), _> = block_on(patient.run_on(&store, never));
    assert_eq!(outcome, Err(Error::Busy));
    assert_eq!(store.now.get(), Duration::from_secs(2));
    // What it had was held on to meanwhile, and is free now.
    assert!(store.keys_of(RENEW).len() >= 4);
    assert!(store.keys_of(RENEW).iter().all(|key| key == "a"));
    let released: HashSet<_> = store.keys_of(RELEASE).into_iter().collect();
    assert_eq!(released.len(), 2);
}

#[test]
fn a_lease_is_renewed_for_as_long_as_the_work_takes() {
    let store = Fake::new(granted);
    let lock = Lock::write("a").lease(Duration::from_secs(3));
    let work = async |_: Fences| until(&store, Duration::from_secs(10)).await;
    assert_eq!(block_on(lock.run_on(&store, work)), Ok(()));
    assert!(store.keys_of(RENEW).len() >= 9, "{:?}", store.said);
}

#[test]
fn work_is_dropped_when_the_lock_is_anothers() {
    let store = Fake::new(|script, key| match script {
        RENEW | RELEASE => Ok(vec![0]),
        _ => granted(script, key),
    });
    let lock = Lock::write("a").lease(Duration::from_secs(3));
    let finished = Cell::new(false);
    let work = async |_: Fences| {
        until(&store, Duration::from_secs(60)).await;
        finished.set(true);
    };
    assert_eq!(block_on(lock.run_on(&store, work)), Err(Error::Lost));
    assert!(!finished.get() && store.now.get() < Duration::from_secs(3));
}

/// Says when it was dropped.
struct Dropped<'a>(&'a Fake, &'a Cell<Duration>);

impl Drop for Dropped<'_> {
    fn drop(&mut self) {
        self.1.set(self.0.now.get());
    }
}

#[test]
fn without_redis_work_goes_on_for_the_lease_and_no_longer() {
    // It takes a while each time before it is clear that nobody answers.
    let store = Fake::new(|script, key| match script {
        RENEW | RELEASE => Err(Away::new("gone")),
        _ => granted(script, key),
    })
    .slow(Duration::from_millis(250));
    let lock = Lock::write("a").lease(Duration::from_secs(3));
    let short = async |_: Fences| until(&store, Duration::from_secs(2)).await;
    assert_eq!(block_on(lock.run_on(&store, short)), Ok(()));
    let begun = store.now.get();
    let dropped = Cell::new(Duration::ZERO);
    let long = async |_: Fences| {
        let _said = Dropped(&store, &dropped);
        until(&store, Duration::from_secs(60)).await;
    };
    assert_eq!(block_on(lock.run_on(&store, long)), Err(Error::Lost));
    let held = dropped.get() - begun;
    assert!(
        held <= Duration::from_secs(3) && held > Duration::from_secs(2),
        "{held:?}"
    );
}

#[test]
fn work_that_finished_after_its_lease_was_taken_is_not_called_done() {
    let store = Fake::new(|script, key| match script {
        RELEASE => Ok(vec![0]),
        _ => granted(script, key),
    });
    let outcome = block_on(Lock::write("a").run_on(&store, async |_: Fences| 1));
    assert_eq!(outcome, Err(Error::Lost));
}

#[test]
fn nobody_answering_is_not_the_same_as_busy() {
    let store = Fake::new(|_, _| Err(Away::new("gone")));
    let outcome = block_on(Lock::read("a").run_on(&store, async |_: Fences| ()));
    assert!(matches!(outcome, Err(Error::Away(_))), "{outcome:?}");
}
