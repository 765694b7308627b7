//! The steps, by topic.

pub mod arrive;
pub mod buy;
pub mod cart;
pub mod fulfil;
pub mod list;
pub mod search;
pub mod sums;

use anyhow::Result;

use crate::progress::Progress;

/// Does one step and shows what came of it: `work` gives that with its value.
pub async fn step<T>(
    progress: &Progress,
    title: &str,
    work: impl Future<Output = Result<(T, String)>>,
) -> Result<T> {
    let step = progress.step(title);
    match work.await {
        Ok((value, found)) => {
            step.done(found);
            Ok(value)
        }
        Err(error) => {
            step.failed("");
            Err(error.context(title.to_owned()))
        }
    }
}
