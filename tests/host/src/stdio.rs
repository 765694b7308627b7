//! What guests print goes to the host's standard error, with the component's name before it.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// A guest's standard output or error. Clones write to the same line.
#[derive(Clone)]
pub struct GuestOutput(Arc<Mutex<Line>>);

struct Line {
    prefix: Arc<str>,
    pending: Vec<u8>,
}

impl GuestOutput {
    pub fn new(prefix: Arc<str>) -> Self {
        let pending = Vec::new();
        Self(Arc::new(Mutex::new(Line { prefix, pending })))
    }
}

impl Line {
    /// Lines are written whole: several instances print at once.
    fn write(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
        let Some(end) = self.pending.iter().rposition(|byte| *byte == b'\n') else {
            return;
        };
        let rest = self.pending.split_off(end + 1);
        self.print();
        self.pending = rest;
    }

    fn print(&mut self) {
        let mut text = Vec::with_capacity(self.pending.len() + 32);
        for line in self.pending.split_inclusive(|byte| *byte == b'\n') {
            text.extend_from_slice(format!("[{}] ", self.prefix).as_bytes());
            text.extend_from_slice(line);
        }
        if text.last().is_some_and(|byte| *byte != b'\n') {
            text.push(b'\n');
        }
        self.pending.clear();
        // Nobody is left to tell when standard error is closed.
        _ = io::stderr().lock().write_all(&text);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if !self.pending.is_empty() {
            self.print();
        }
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for GuestOutput {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let mut line = self.0.lock().unwrap_or_else(|e| e.into_inner());
        line.write(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
