//! Locks between instances, in Redis: so that a job that several could begin is run by one.
//!
//! A lock here saves work; it does not keep data right. Its holder may be halted for longer than its lease,
//! and Redis may forget it: what must not happen twice is guarded where it happens, by a constraint, or by
//! the *fence* of the lock, a number that is higher with each holder. A store that has seen a fence refuses
//! lower ones (`WHERE fence <= $1`), so that a holder who comes back too late does nothing.
//!
//! Several keys are taken in the order of their names, so that nobody waits in a circle. While the work
//! runs the leases are renewed; when one is lost the work is dropped where it waits.

#[cfg(feature = "native")]
mod native;
mod store;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::rc::Rc;
use std::time::Duration;

use futures::future::{Either, select};

#[cfg(feature = "native")]
pub use native::Native;
pub use store::{Redis, Store};

use crate::ids;
use crate::redis::Away;

const ACQUIRE: &str = include_str!("acquire.lua");
const RENEW: &str = include_str!("renew.lua");
const RELEASE: &str = include_str!("release.lua");

/// How long a lease is unless it is said: long enough that three renewals fall into it on a busy machine.
const LEASE: Duration = Duration::from_secs(10);
/// How long is waited for a lock unless it is said: the second runner of a job has nothing to do.
const PATIENCE: Duration = Duration::ZERO;
/// Who waits asks at least so often.
const POLL: Duration = Duration::from_millis(100);
/// The mark of a writer who waits for readers outlives some polls.
const WAITING_MS: u64 = 500;

/// How a key is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Read,
    Write,
}

impl Mode {
    fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }
}

/// Why there is no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Others had it for as long as was waited. Nothing was done.
    #[error("the lock is held by another")]
    Busy,
    /// Redis did not say. Nothing was done.
    #[error("no lock: {0}")]
    Away(String),
    /// It was lost while the work was under way: some of it may be done, all of it even, and another may
    /// have done the same meanwhile.
    #[error("the lock was lost while it was needed")]
    Lost,
}

/// The keys to be held, and how.
#[derive(Debug, Clone)]
pub struct Lock {
    keys: BTreeMap<String, Mode>,
    lease: Duration,
    patience: Duration,
}

impl Default for Lock {
    fn default() -> Self {
        Self {
            keys: BTreeMap::new(),
            lease: LEASE,
            patience: PATIENCE,
        }
    }
}

/// The fences of the keys that are held.
#[derive(Debug, Clone, Default)]
pub struct Fences(Rc<BTreeMap<String, i64>>);

impl Fences {
    /// The fence of a key; of one held to read that of its last writer. 0 for a key that is not held, which
    /// every store refuses that has seen another.
    #[must_use]
    pub fn of(&self, key: &str) -> i64 {
        self.0.get(key).copied().unwrap_or(0)
    }
}

impl Lock {
    /// The right to change what the key stands for: nobody else holds it.
    #[must_use]
    pub fn write(key: impl Into<String>) -> Self {
        Self::default().and_write(key)
    }

    /// The right to read it: others may too, and nobody changes it.
    #[must_use]
    pub fn read(key: impl Into<String>) -> Self {
        Self::default().and_read(key)
    }

    /// And this key to write.
    #[must_use]
    pub fn and_write(mut self, key: impl Into<String>) -> Self {
        self.keys.insert(key.into(), Mode::Write);
        self
    }

    /// And this key to read, unless it is held to write.
    #[must_use]
    pub fn and_read(mut self, key: impl Into<String>) -> Self {
        self.keys.entry(key.into()).or_insert(Mode::Read);
        self
    }

    /// With another lease: how long others wait after a holder that died.
    #[must_use]
    pub fn lease(mut self, lease: Duration) -> Self {
        self.lease = lease;
        self
    }

    /// Waits so long for it. Without this it is taken at once or not at all.
    #[must_use]
    pub fn wait(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// A lease is renewed when so much of it is over.
    fn third(&self) -> Duration {
        self.lease.checked_div(3).unwrap_or_default()
    }

    /// Does the work while holding the lock.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn run<T, F, Fut>(&self, work: F) -> Result<T, Error>
    where
        F: FnOnce(Fences) -> Fut,
        Fut: Future<Output = T>,
    {
        self.run_on(&Redis, work).await
    }

    /// The same, on a store that is given.
    ///
    /// # Errors
    /// [`Error`]
    pub async fn run_on<S, T, F, Fut>(&self, store: &S, work: F) -> Result<T, Error>
    where
        S: Store,
        F: FnOnce(Fences) -> Fut,
        Fut: Future<Output = T>,
    {
        let mut holder = Holder {
            lock: self,
            store,
            owner: ids::new_id().to_string(),
            asked: Vec::new(),
            safe_until: store.now().saturating_add(self.lease),
        };
        let fences = match holder.acquire().await {
            Ok(fences) => fences,
            Err(error) => {
                holder.release().await;
                return Err(error);
            }
        };
        let done = {
            let renewals = pin!(holder.keep());
            match select(pin!(work(fences)), renewals).await {
                Either::Left((value, _)) => Some(value),
                Either::Right(((), _)) => None,
            }
        };
        let held = holder.release().await;
        done.filter(|_| held).ok_or(Error::Lost)
    }
}

/// One holding of a lock, from the first key to the last release.
struct Holder<'a, S> {
    lock: &'a Lock,
    store: &'a S,
    owner: String,
    /// What is held, or may be: also a key that nobody answered for.
    asked: Vec<(&'a str, Mode)>,
    /// Until then nobody else can have any of them.
    safe_until: Duration,
}

impl<'a, S: Store> Holder<'a, S> {
    async fn acquire(&mut self) -> Result<Fences, Error> {
        let deadline = self.store.now().saturating_add(self.lock.patience);
        let mut fences = BTreeMap::new();
        for (key, mode) in &self.lock.keys {
            let fence = self.acquire_one(key, *mode, deadline).await?;
            fences.insert(key.clone(), fence);
        }
        Ok(Fences(Rc::new(fences)))
    }

    async fn acquire_one(
        &mut self,
        key: &'a str,
        mode: Mode,
        deadline: Duration,
    ) -> Result<i64, Error> {
        self.asked.push((key, mode));
        loop {
            let begun = self.store.now();
            let answer = self.ask(ACQUIRE, key, mode).await;
            let (error, again) = match answer.as_deref() {
                Ok([1, fence, ..]) => {
                    self.safe_until = self.safe_until.min(begun.saturating_add(self.lock.lease));
                    return Ok(*fence);
                }
                Ok([_, ms, ..]) => {
                    let ms = u64::try_from(*ms).unwrap_or_default();
                    (Error::Busy, Duration::from_millis(ms))
                }
                Ok(_) => (Error::Away("an answer that is none".into()), POLL),
                Err(away) => (Error::Away(away.to_string()), POLL),
            };
            let left = deadline.saturating_sub(self.store.now());
            if left.is_zero() {
                return Err(error);
            }
            self.store.sleep(again.min(POLL).min(left)).await;
            // What is held already is held on to.
            let earlier = self.asked.len().saturating_sub(1);
            if !self.renew_when_due(earlier).await {
                return Err(error);
            }
        }
    }

    /// Renews until something is lost, or may be. Also a renewal that nobody answers ends with the lease.
    async fn keep(&mut self) {
        let (store, third, count) = (self.store, self.lock.third(), self.asked.len());
        loop {
            let left = self.safe_until.saturating_sub(store.now());
            store.sleep(third.min(left)).await;
            let left = self.safe_until.saturating_sub(store.now());
            let renewal = pin!(self.renew_when_due(count));
            match select(renewal, pin!(store.sleep(left))).await {
                Either::Left((true, _)) => {}
                Either::Left((false, _)) | Either::Right(_) => return,
            }
        }
    }

    /// Renews the first so many of what is held when a third of the lease is over. False when one of them
    /// is lost, or may be before it could be renewed.
    async fn renew_when_due(&mut self, count: usize) -> bool {
        let third = self.lock.third();
        let begun = self.store.now();
        if count == 0 {
            self.safe_until = begun.saturating_add(self.lock.lease);
            return true;
        }
        let left = self.safe_until.saturating_sub(begun);
        if left.is_zero() {
            return false;
        }
        if left > third.saturating_add(third) {
            return true;
        }
        let mut all = true;
        for (key, mode) in self.asked.iter().take(count) {
            match self.ask(RENEW, key, *mode).await.as_deref() {
                Ok([1, ..]) => {}
                Ok(_) => return false,
                Err(_) => all = false,
            }
        }
        if all {
            self.safe_until = begun.saturating_add(self.lock.lease);
        }
        self.store.now() < self.safe_until
    }

    /// Gives everything back. Whether all of it was still held.
    async fn release(&mut self) -> bool {
        let mut held = true;
        // The last first: whoever waits for the first one gets the rest with it.
        while let Some((key, mode)) = self.asked.pop() {
            held &= match self.ask(RELEASE, key, mode).await.as_deref() {
                Ok([1, ..]) => true,
                Ok(_) => false,
                // It dies of age.
                Err(_) => self.store.now() < self.safe_until,
            };
        }
        held
    }

    async fn ask(&self, script: &'static str, key: &str, mode: Mode) -> Result<Vec<i64>, Away> {
        let keys = ["writer", "readers", "waiting", "fence"]
            .map(|part| format!("stoa:lock:{key}:{part}"))
            .to_vec();
        let arguments = vec![
            self.owner.clone(),
            mode.name().to_owned(),
            self.lock.lease.as_millis().to_string(),
            WAITING_MS.to_string(),
        ];
        self.store.run(script, keys, arguments).await
    }
}
