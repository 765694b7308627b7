//! Redis: a private one found or installed and kept running, or somebody else's, which must report
//! expired keys.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use redis::aio::MultiplexedConnection;
use url::Url;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::packages::{self, REDIS};
use crate::ports;
use crate::processes;
use crate::progress::Progress;
use crate::stack::Stack;
use crate::supervisor::Service;
use crate::users;

/// Keyspace channels (`K`) of expired keys (`x`): the ticks that wake the workers.
const EVENTS: &str = "Kx";

/// Programs that speak the protocol and know keyspace events.
const SERVERS: [&str; 3] = ["redis-server", "valkey-server", "keydb-server"];

/// A Redis server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redis {
    /// Without a path, because the manifest appends to it.
    pub url: String,
    /// `host:port`, as the allow lists want it.
    pub address: String,
}

impl Redis {
    /// A server that somebody else runs, as in `REDIS_URL`.
    pub fn external(url: &str) -> Result<Redis> {
        let usage = |why: String| Failure::Usage(format!("REDIS_URL: {why}"));
        let parsed = Url::parse(url).map_err(|error| usage(error.to_string()))?;
        if !["", "/", "/0"].contains(&parsed.path()) {
            return Err(
                usage("the workers listen to database 0; leave the path out".into()).into(),
            );
        }
        let Some(host) = parsed.host_str() else {
            return Err(usage("it names no host".into()).into());
        };
        let port = parsed.port().unwrap_or(6379);
        let mut bare = parsed.clone();
        bare.set_path("");
        bare.set_query(None);
        Ok(Redis {
            url: bare.as_str().trim_end_matches('/').to_owned(),
            address: format!("{host}:{port}"),
        })
    }

    fn private(port: u16) -> Redis {
        Redis {
            url: format!("redis://127.0.0.1:{port}"),
            address: format!("127.0.0.1:{port}"),
        }
    }

    /// Connects, but not for ever.
    pub async fn connect(&self) -> Result<MultiplexedConnection> {
        let client = redis::Client::open(self.url.as_str())
            .with_context(|| format!("not a Redis URL: {}", self.url))?;
        let connection = tokio::time::timeout(
            Duration::from_secs(5),
            client.get_multiplexed_async_connection(),
        )
        .await;
        connection
            .map_err(|_| anyhow::anyhow!("no answer within 5 s"))
            .and_then(|connection| Ok(connection?))
            .with_context(|| format!("cannot connect to Redis at {}", self.address))
    }
}

/// Starts the private server. `not` are ports that are spoken for.
pub async fn start(
    data: &DataDir,
    not: &[u16],
    stack: &mut Stack,
    progress: &Progress,
) -> Result<Redis> {
    let program = match find() {
        Some(program) => program,
        None => {
            packages::install(&REDIS, data, progress).await?;
            find().ok_or_else(|| packages::missing(&REDIS))?
        }
    };
    let user = users::for_servers()?;
    let port = ports::keep(data, "redis", not)?;
    stack.start(Service {
        name: "redis",
        command: Box::new(move || {
            let mut command = processes::command(&program, Signal::SIGTERM, user.as_ref());
            // Nothing in Redis is worth keeping: whatever it knows is in Postgres as well. Full,
            // it refuses writes rather than drop a tick or a lock.
            command.arg("--port").arg(port.to_string()).args([
                "--bind",
                "127.0.0.1",
                "--daemonize",
                "no",
            ]);
            command.args([
                "--save",
                "",
                "--appendonly",
                "no",
                "--notify-keyspace-events",
                EVENTS,
            ]);
            command.args([
                "--maxmemory",
                "256mb",
                "--maxmemory-policy",
                "noeviction",
                "--dir",
                "/",
            ]);
            command
        }),
        stop: Signal::SIGTERM,
        grace: Duration::from_secs(5),
        log: data.log("redis")?,
    });
    let redis = Redis::private(port);
    let deadline = Instant::now() + Duration::from_secs(20);
    while let Err(error) = redis.connect().await {
        let service = stack.get("redis").context("Redis was not started")?;
        if service.state().ends >= 3 || Instant::now() > deadline {
            bail!(
                "Redis does not start: {error:#}\n{}\n{}",
                service.log.display(),
                service.log_tail()
            );
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(redis)
}

/// An installed server.
pub fn find() -> Option<PathBuf> {
    SERVERS
        .iter()
        .find_map(|program| packages::on_path(program))
}

/// What a server's keyspace events are like.
#[derive(Debug, PartialEq, Eq)]
pub enum Events {
    /// As the workers need them.
    On,
    /// Off, and nothing here may turn them on.
    Off,
    /// The server does not tell its configuration.
    Unknown,
}

/// Whether expired keys are reported; turns that on where it is allowed.
pub async fn ensure_events(redis: &Redis, may_change: bool) -> Result<Events> {
    let mut connection = redis.connect().await?;
    let read = redis::cmd("CONFIG")
        .arg("GET")
        .arg("notify-keyspace-events")
        .query_async(&mut connection)
        .await;
    let Ok::<Vec<String>, _>(setting) = read else {
        return Ok(Events::Unknown);
    };
    let Some(flags) = setting.get(1) else {
        return Ok(Events::Unknown);
    };
    let Some(wanted) = with_events(flags) else {
        return Ok(Events::On);
    };
    if !may_change {
        return Ok(Events::Off);
    }
    let write = redis::cmd("CONFIG")
        .arg("SET")
        .arg("notify-keyspace-events")
        .arg(&wanted)
        .query_async::<()>(&mut connection)
        .await;
    Ok(if write.is_ok() {
        Events::On
    } else {
        Events::Off
    })
}

/// Somebody else's server, checked.
pub async fn external(url: &str, progress: &Progress) -> Result<Redis> {
    let redis = Redis::external(url)?;
    match ensure_events(&redis, true).await? {
        Events::On => {}
        Events::Unknown => progress.say(format!(
            "  !  {} does not tell its configuration. The workers need: {}",
            redis.address,
            advice()
        )),
        Events::Off => {
            let why = format!(
                "Redis at {} does not report expired keys, and may not be told to. {}",
                redis.address,
                advice()
            );
            return Err(Failure::Missing(why).into());
        }
    }
    Ok(redis)
}

/// How to turn keyspace events on.
pub fn advice() -> String {
    format!(
        "Set `notify-keyspace-events {EVENTS}` in its configuration (redis.conf, or the parameter group of a managed server)"
    )
}

/// The flags that are missing from a server's setting put to it; `None` when it has them.
fn with_events(flags: &str) -> Option<String> {
    // `A` stands for every kind of event, `x` among them, but for neither kind of channel.
    let expired = flags.contains('x') || flags.contains('A');
    if flags.contains('K') && expired {
        return None;
    }
    let mut wanted = flags.to_owned();
    if !flags.contains('K') {
        wanted.push('K');
    }
    if !expired {
        wanted.push('x');
    }
    Some(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_flags_are_added_to_those_that_are_there() {
        assert_eq!(with_events(""), Some("Kx".into()));
        assert_eq!(with_events("AE"), Some("AEK".into()));
        assert_eq!(with_events("K$"), Some("K$x".into()));
        assert_eq!(with_events("AKE"), None);
        assert_eq!(with_events("xK"), None);
    }

    #[test]
    fn the_url_is_fit_to_be_appended_to() {
        let redis = Redis::external("redis://:pw@cache.example/0").unwrap();
        assert_eq!(redis.url, "redis://:pw@cache.example");
        assert_eq!(redis.address, "cache.example:6379");
        let error = Redis::external("redis://cache.example/3").unwrap_err();
        assert_eq!(crate::failure::exit_code(&error), 2);
    }
}
