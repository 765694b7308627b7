//! A running Stoa, started by `stoa up`.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio_postgres::NoTls;

use super::written::Site;
use super::{Actor, MODULES, drops, last_look, recorder, root, until};

/// A running app and its servers.
#[derive(Debug)]
pub struct App {
    pub url: String,
    pub database: String,
    pub redis: String,
    pub modules: BTreeMap<String, String>,
    pub data_dir: PathBuf,
    /// What runs the components: `builtin` or `spin`.
    pub runtime: String,
    /// False once a test has halted the worker.
    relay_runs: AtomicBool,
    /// Where it writes, which is looked into before it goes.
    site: Arc<Site>,
    child: Option<Child>,
}

#[derive(Deserialize)]
struct Ready {
    url: String,
    database: String,
    redis: String,
    runtime: String,
    modules: BTreeMap<String, String>,
    pids: BTreeMap<String, u32>,
}

/// The app that tests share. It ends with the test process.
pub fn shared() -> &'static App {
    static SHARED: OnceLock<App> = OnceLock::new();
    SHARED.get_or_init(|| App::start("shared", &[]))
}

impl App {
    /// An app of the test's own, on its own data directory; stopped when dropped.
    pub fn own(name: &str, arguments: &[&str]) -> App {
        App::start(name, arguments)
    }

    /// The same, with variables of the manifest that are not as usual, and other arguments.
    pub fn with_variables(name: &str, variables: &[(&str, &str)], arguments: &[&str]) -> App {
        let given: Vec<String> = variables
            .iter()
            .map(|(name, value)| format!("--var={name}={value}"))
            .collect();
        let arguments: Vec<&str> = given
            .iter()
            .map(String::as_str)
            .chain(arguments.iter().copied())
            .collect();
        App::start(name, &arguments)
    }

    fn start(name: &str, arguments: &[&str]) -> App {
        let data_dir = root().join("target/stoa-tests").join(name);
        // A directory left by an earlier run may be locked by nobody, and is of no use.
        let _ = std::fs::remove_dir_all(&data_dir);
        std::fs::create_dir_all(&data_dir).expect("a data directory");
        let runtime = std::env::var("STOA_RUNTIME").unwrap_or_else(|_| "auto".to_owned());
        let mut command = Command::new(cli());
        command
            .arg("up")
            .args([
                "--listen",
                "127.0.0.1:0",
                "--no-seed",
                "--no-build",
                "--runtime",
                &runtime,
            ])
            .arg("--data-dir")
            .arg(&data_dir)
            // What a test asks for, it may have; those about limits say otherwise.
            .arg("--var=rate_limits=off")
            .args(arguments)
            .current_dir(root())
            .env_remove("DATABASE_URL")
            .env_remove("REDIS_URL")
            .env("STOA_HOST_DROPS", drops::directory(&data_dir))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(data_dir.join("up.log")).expect("a log file"));
        // SAFETY: prctl is async-signal-safe.
        unsafe {
            command.pre_exec(|| {
                // However the test process ends, what it started ends with it.
                libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM);
                Ok(())
            });
        }
        let mut child = on_a_thread_that_stays(move || command.spawn().expect("stoa up starts"));
        let stdout = child.stdout.take().expect("a pipe");
        let line = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find(|l| l.starts_with("ready"));
        if line.is_none() {
            let log = std::fs::read_to_string(data_dir.join("up.log")).unwrap_or_default();
            let _ = child.kill();
            panic!("`stoa up` did not get ready:\n{log}");
        }
        let ready = Self::ready(&data_dir).expect("ready.json has its form");
        recorder::installed(&data_dir, &ready.modules);
        let site = last_look::started(Site {
            data_dir: data_dir.clone(),
            database: ready.database.clone(),
            redis: ready.redis.clone(),
        });
        App {
            url: ready.url,
            database: ready.database,
            redis: ready.redis,
            modules: ready.modules,
            data_dir,
            runtime: ready.runtime,
            relay_runs: AtomicBool::new(true),
            site,
            child: Some(child),
        }
    }

    fn ready(data_dir: &std::path::Path) -> Option<Ready> {
        let text = std::fs::read_to_string(data_dir.join("ready.json")).ok()?;
        serde_json::from_str(&text).ok()
    }

    /// The process id of `http`, `worker`, `postgres` or `redis`; waits while it is restarted.
    pub fn pid(&self, name: &str) -> u32 {
        let deadline = std::time::Instant::now() + Duration::from_secs(15);
        loop {
            if let Some(pid) = Self::ready(&self.data_dir).and_then(|r| r.pids.get(name).copied()) {
                return pid;
            }
            assert!(std::time::Instant::now() < deadline, "no {name} runs");
            std::thread::sleep(Duration::from_millis(25));
        }
    }

    /// Sends a signal to one of the processes, and to those that it started.
    pub fn signal(&self, name: &str, signal: i32) {
        if name == "worker" && signal != libc::SIGKILL {
            self.relay_runs
                .store(signal != libc::SIGSTOP, Ordering::Relaxed);
        }
        let group = i32::try_from(self.pid(name)).expect("a pid");
        // SAFETY: plain system call on processes of ours; each service leads a group of its own.
        unsafe { libc::kill(-group, signal) };
    }

    /// Somebody with a new account, signed in, whose name the catalogue knows: when a seller's name
    /// arrives there, the versions of what is listed change once more.
    pub async fn someone(&self, name: &str) -> Actor {
        let actor = Actor::register(self, name).await;
        if self.relay_runs.load(Ordering::Relaxed) {
            let sql = self.sql().await;
            until("the name has arrived", Duration::from_secs(15), || async {
                let known = "SELECT FROM catalog.seller WHERE id = $1";
                sql.query_opt(known, &[&actor.id]).await.ok().flatten()
            })
            .await;
        }
        actor
    }

    /// Somebody who is not signed in.
    pub fn stranger(&self) -> Actor {
        Actor::stranger(self)
    }

    /// Where it writes.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// A connection as administrator.
    pub async fn sql(&self) -> tokio_postgres::Client {
        connect(&self.database).await
    }

    /// A connection with a module's role.
    pub async fn module_sql(&self, module: &str) -> tokio_postgres::Client {
        connect(&self.modules[module]).await
    }

    /// A Redis connection.
    pub async fn redis(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.redis.as_str()).expect("a Redis URL");
        until("Redis answers", Duration::from_secs(15), || async {
            client.get_multiplexed_async_connection().await.ok()
        })
        .await
    }

    /// Waits until no outbox has anything pending, and no workflow anything to do: those that wait for
    /// a person, a payment or a time may wait on.
    pub async fn events_settled(&self) {
        let sql = self.sql().await;
        // One statement, and so one moment: what is handed from an outbox to a workflow, or back, is
        // seen in one of them.
        let busy: Vec<String> = MODULES
            .iter()
            .map(|module| {
                format!(
                    "(SELECT count(*) FROM \"{module}\".delivery WHERE dead_at IS NULL)
                     + (SELECT count(*) FROM \"{module}\".workflow
                        WHERE status IN ('running', 'undoing')
                           OR status = 'waiting' AND due_at <= shared.now())"
                )
            })
            .collect();
        let statement = format!("SELECT {}", busy.join(" + "));
        until("nothing is under way", Duration::from_secs(30), || async {
            let busy: i64 = sql.query_one(&statement, &[]).await.ok()?.get(0);
            (busy == 0).then_some(())
        })
        .await;
    }

    /// Waits until the app answers.
    pub async fn answers(&self) {
        let stranger = self.stranger();
        until("the app answers", Duration::from_secs(30), || async {
            stranger
                .try_get("/healthz")
                .await
                .filter(|r| r.status == 200)
                .map(|_| ())
        })
        .await;
    }

    /// Moves the business clock of an app of the test's own.
    pub async fn pass(&self, time: &str) {
        self.sql()
            .await
            .execute(
                "UPDATE shared.clock SET clock_offset = clock_offset + $1::text::interval",
                &[&time],
            )
            .await
            .expect("the clock is moved");
    }

    /// Gives an account a verified e-mail address, without a letter: what most tests are about comes
    /// after that. It is in the tokens of the next login.
    pub async fn verify(&self, actor: &Actor) {
        self.sql()
            .await
            .execute(
                "UPDATE account.account SET email = $2, email_verified_at = shared.now() WHERE id = $1",
                &[&actor.id, &actor.email()],
            )
            .await
            .expect("the address is verified");
    }

    /// Makes an account an administrator, as the operator would.
    pub async fn grant(&self, actor: &Actor, role: &str) {
        let sql = self.sql().await;
        sql.query_one(
            "SELECT account.grant_role_v1($1, $2)",
            &[&actor.id.to_string(), &role],
        )
        .await
        .expect("the role is granted");
    }
}

impl Drop for App {
    fn drop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        // Its servers have to run, and not be halted: what they keep is looked into.
        let looked = last_look::ending(&self.site);
        // SAFETY: plain system call on a child of ours.
        unsafe { libc::kill(i32::try_from(child.id()).expect("a pid"), libc::SIGTERM) };
        let _ = child.wait();
        match looked {
            // What the test has failed for may be why its servers do not answer.
            Err(said) if std::thread::panicking() => eprintln!("{said}"),
            looked => looked.unwrap_or_else(|said| panic!("{said}")),
        }
    }
}

async fn connect(url: &str) -> tokio_postgres::Client {
    until("Postgres answers", Duration::from_secs(30), || async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.ok()?;
        tokio::spawn(connection);
        Some(client)
    })
    .await
}

/// The death signal follows the *thread* that spawned, so that thread has to outlive the tests.
fn on_a_thread_that_stays<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let _ = sender.send(work());
        loop {
            std::thread::park();
        }
    });
    receiver.recv().expect("the work is done")
}

/// The command that this checkout built.
pub fn cli() -> PathBuf {
    if let Ok(path) = std::env::var("STOA_CLI") {
        return path.into();
    }
    let mut path = std::env::current_exe().expect("this test's own path");
    path.pop();
    path.pop();
    path.push("stoa");
    assert!(
        path.exists(),
        "run the tests with `cargo stoa test`, or build the CLI first"
    );
    path
}

/// The text of a JSON value.
pub fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not a text: {value}"))
}
