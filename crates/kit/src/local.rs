//! Futures that never leave their thread, told to libraries that ask for `Send`.

use std::future::Future;

use send_wrapper::SendWrapper;

/// Lets a future that is not `Send` be awaited in an axum handler.
///
/// A guest has one thread, so the wrapper's check that polling happens on the thread of creation
/// always holds. Calls of composed peers and of the host's interfaces need this.
pub fn local<F: Future>(future: F) -> impl Future<Output = F::Output> + Send {
    SendWrapper::new(future)
}
