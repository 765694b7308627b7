//! A limit on the connections of the whole process.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Waiting for a place has no timeout, as on Spin: who holds one place and waits for another may
/// wait for ever.
#[derive(Clone, Default)]
pub struct ConnectionLimit(Option<Arc<Semaphore>>);

/// A place under the limit, free again when dropped.
pub struct Permit(#[expect(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>);

impl ConnectionLimit {
    pub fn new(max: Option<usize>) -> Self {
        Self(max.map(|max| Arc::new(Semaphore::new(max))))
    }

    pub async fn acquire(&self) -> Permit {
        Permit(match &self.0 {
            // The semaphore is never closed, so that there is no error to report.
            Some(semaphore) => semaphore.clone().acquire_owned().await.ok(),
            None => None,
        })
    }
}
