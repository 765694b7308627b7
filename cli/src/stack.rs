//! Everything that one command started. It is stopped as a whole, whatever the command was doing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::data_dir::Lock;
use crate::processes;
use crate::progress::Progress;
use crate::supervisor::{Board, Service, Supervised};

/// For what was under way besides the services.
const GRACE: Duration = Duration::from_secs(5);

/// The services under way, in the order of their start.
pub struct Stack {
    services: Vec<Supervised>,
    board: Arc<Board>,
    progress: Progress,
    // Released last: the next command on the directory must not meet servers that still stop.
    lock: Option<Lock>,
}

impl Stack {
    pub fn new(progress: &Progress) -> Stack {
        Stack {
            services: Vec::new(),
            board: Arc::new(watch::channel(BTreeMap::new()).0),
            progress: progress.clone(),
            lock: None,
        }
    }

    /// Keeps the data directory's lock until everything has stopped.
    pub fn hold(&mut self, lock: Lock) {
        self.lock = Some(lock);
    }

    /// Starts a service and keeps it running.
    pub fn start(&mut self, service: Service) {
        self.services.push(Supervised::start(
            service,
            self.board.clone(),
            self.progress.clone(),
        ));
    }

    /// A service by its name.
    pub fn get(&self, name: &str) -> Option<&Supervised> {
        self.services.iter().find(|service| service.name == name)
    }

    /// Whether there is nothing to stop.
    pub fn is_empty(&self) -> bool {
        self.services.is_empty() && !processes::busy()
    }

    /// The process ids, and whether they have changed.
    pub fn pids(&self) -> watch::Receiver<BTreeMap<&'static str, u32>> {
        self.board.subscribe()
    }

    /// Stops everything: first what serves, then what it is served from.
    pub async fn stop(mut self) {
        let (servers, runtimes): (Vec<_>, Vec<_>) = self
            .services
            .drain(..)
            .partition(|service| ["postgres", "redis"].contains(&service.name));
        for phase in [runtimes, servers] {
            phase.iter().for_each(Supervised::tell_to_stop);
            for service in phase {
                service.stopped().await;
            }
        }
        processes::sweep(GRACE).await;
        drop(self.lock.take());
    }
}
