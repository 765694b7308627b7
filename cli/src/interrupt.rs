//! Ctrl-C and SIGTERM.

use std::time::Duration;

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::failure::Failure;
use crate::processes;
use crate::stack::Stack;

/// For tools that were told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// The signals that ask the command to end.
pub struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Interrupt {
    /// Begins to catch them.
    pub fn new() -> Result<Interrupt> {
        let catch = |kind| signal(kind).context("cannot catch signals");
        Ok(Interrupt {
            interrupt: catch(SignalKind::interrupt())?,
            terminate: catch(SignalKind::terminate())?,
            hangup: catch(SignalKind::hangup())?,
        })
    }

    /// Waits for one.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }

    /// Does `work` unless interrupted.
    pub async fn or<T>(&mut self, work: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            () = self.wait() => Err(Failure::Interrupted.into()),
            result = work => result,
        }
    }
}

/// Does `work` with a stack of its own, which is stopped afterwards whatever happened.
pub async fn with_stack<T>(
    mut stack: Stack,
    work: impl AsyncFnOnce(&mut Stack) -> Result<T>,
) -> Result<T> {
    let mut interrupt = Interrupt::new()?;
    let result = interrupt.or(work(&mut stack)).await;
    stack.stop().await;
    result
}

/// Does `work`, and leaves none of the tools that it was running when it was interrupted.
pub async fn with_tools<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    let result = Interrupt::new()?.or(work).await;
    processes::sweep(GRACE).await;
    result
}
