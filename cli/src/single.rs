//! Jobs of which one at a time is enough, whoever runs them from wherever: a lock in the Redis of the
//! installation.

use anyhow::{Context, Result, bail};
use clap::Args;
use stoa_kit::lock::{Error, Fences, Lock, Native};

use crate::commands::given;
use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::ready::Ready;
use crate::redis::Redis;

/// Where such a job finds out whether another one runs.
#[derive(Args)]
pub struct SingleArgs {
    /// Redis of the installation: a second run elsewhere is refused while this one works
    ///
    /// Without it: that of a running `stoa up` on the data directory, if there is one.
    #[arg(long, value_name = "URL", env = "REDIS_URL", hide_env_values = true)]
    redis_url: Option<String>,
}

impl SingleArgs {
    /// Does the job unless another one of its name is under way. Where the installation has no Redis, which
    /// is a data directory that nobody serves, nobody else can be at it.
    ///
    /// What it does is safe to do twice: the lock saves the work, and nothing depends on it.
    pub async fn run<T>(
        &self,
        job: &str,
        data: &DataDir,
        work: impl AsyncFnOnce() -> Result<T>,
    ) -> Result<T> {
        let connection = match given(self.redis_url.as_deref()) {
            Some(url) => Some(Redis::external(url)?.connect().await?),
            None => match data.load::<Ready>(Ready::FILE)? {
                // It may have been killed, and this file be what it left.
                Some(ready) => Redis::external(&ready.redis)?.connect().await.ok(),
                None => None,
            },
        };
        let Some(connection) = connection else {
            return work().await;
        };
        let lock = Lock::write(job);
        match lock
            .run_on(&Native::new(connection), async |_: Fences| work().await)
            .await
        {
            Ok(done) => done,
            Err(Error::Busy) => {
                let why = format!("another {job} is under way; wait for it to end");
                Err(Failure::InUse(why).into())
            }
            Err(Error::Lost) => {
                bail!(
                    "this run was halted for so long that another one may have begun; run it again"
                )
            }
            Err(error @ Error::Away(_)) => Err(error).context("asking Redis for the lock"),
        }
    }
}
