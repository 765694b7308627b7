//! The processes that serve the application, on either runtime: its HTTP components, its workers, which
//! come and go with Redis, and the modules that a topology sets apart.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use nix::sys::signal::Signal;
use tokio::process::Command;

use crate::build;
use crate::data_dir::{DataDir, Secrets};
use crate::database::Database;
use crate::failure::Failure;
use crate::manifest::Manifest;
use crate::processes;
use crate::project::Project;
use crate::redis::Redis;
use crate::seal_key;
use crate::stack::Stack;
use crate::supervisor::Service;
use crate::toolchain::Runtime;
use crate::topology::{Apart, Topology};

/// Everything that the processes are started from.
pub struct Application {
    pub project: Project,
    pub runtime: Runtime,
    pub listen: SocketAddr,
    pub topology: Topology,
    pub database: Database,
    pub redis: Redis,
    pub passwords: BTreeMap<String, String>,
    /// What `stoa` made up for the components.
    pub secrets: Secrets,
    /// From `--var`, stronger than anything else.
    pub variables: Vec<(String, String)>,
}

impl Application {
    /// Where the shop answers, for people and for `public_url`.
    pub fn url(&self) -> String {
        let mut address = self.listen;
        // An address that stands for all of them is none to connect to.
        if address.ip().is_unspecified() {
            address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
        }
        format!("http://{address}")
    }

    /// Connection strings of the modules' roles.
    pub fn modules(&self, process: &str) -> BTreeMap<String, String> {
        let string = |(module, password): (&String, &String)| {
            (
                module.clone(),
                self.database
                    .module(module, password, &format!("stoa-{process}-{module}")),
            )
        };
        self.passwords.iter().map(string).collect()
    }

    /// Starts all processes, the workers only when there are any.
    pub fn start(&self, data: &DataDir, stack: &mut Stack) -> Result<()> {
        let topology = &self.topology;
        let callers = topology.apart.iter().flat_map(|apart| &apart.callers);
        let keys = data.service_keys(callers)?;
        let mut environment = Vec::new();
        for apart in &topology.apart {
            environment.extend(apart.variables(&keys)?);
        }
        for apart in &topology.apart {
            let listen = SocketAddr::from(([127, 0, 0, 1], apart.port));
            stack.start(self.service(
                process_name(apart),
                &apart.components,
                Some(listen),
                &environment,
                data,
            )?);
        }
        let http = Some(self.listen);
        let manifest = &topology.manifest;
        stack.start(self.service("http", &manifest.http, http, &environment, data)?);
        if !manifest.workers.is_empty() {
            stack.start(self.service("worker", &manifest.workers, None, &environment, data)?);
        }
        Ok(())
    }

    fn service(
        &self,
        name: &'static str,
        components: &[String],
        listen: Option<SocketAddr>,
        apart: &[(String, String)],
        data: &DataDir,
    ) -> Result<Service> {
        let launch = Launch {
            program: match self.runtime {
                Runtime::Spin => PathBuf::from("spin"),
                Runtime::Builtin => build::host(&self.project),
            },
            runtime: self.runtime,
            directory: self.project.root.clone(),
            manifest: self.topology.path.clone(),
            listen,
            components: components.to_vec(),
            // Shared by all processes, so that a worker sees what a request wrote.
            state: data.join("state"),
            cache: self.project.compile_cache(),
            component_logs: data.join("logs/components"),
            environment: self.environment(name, apart)?,
        };
        let stop = launch.stop();
        Ok(Service {
            name,
            command: Box::new(move || launch.command()),
            stop,
            grace: Duration::from_secs(4),
            log: data.log(name)?,
        })
    }

    /// The application's variables, as both runtimes read them.
    fn environment(
        &self,
        process: &str,
        apart: &[(String, String)],
    ) -> Result<Vec<(String, String)>> {
        let mut variables = BTreeMap::from([
            ("postgres_address".to_owned(), self.database.address()),
            ("redis_address".to_owned(), self.redis.address.clone()),
            ("redis_url".to_owned(), self.redis.url.clone()),
            ("public_url".to_owned(), self.url()),
            ("sandbox_secret".to_owned(), self.secrets.sandbox.clone()),
            // What is sent to people is shown to whoever tries the shop out.
            ("mailbox".to_owned(), "on".to_owned()),
            ("log_requests".to_owned(), "on".to_owned()),
            ("seal_key".to_owned(), self.secrets.seal.clone()),
            ("account_key".to_owned(), self.secrets.account.clone()),
            (
                "seal_public_key".to_owned(),
                seal_key::public(&self.secrets.seal)?,
            ),
            ("identity_key".to_owned(), self.secrets.identity.clone()),
            (
                "identity_public_key".to_owned(),
                seal_key::public(&self.secrets.identity)?,
            ),
        ]);
        variables.extend(
            self.modules(process)
                .into_iter()
                .map(|(module, string)| (format!("{module}_db"), string)),
        );
        variables.extend(apart.iter().cloned());
        variables.extend(self.variables.iter().cloned());
        if variables.get("mailbox").is_some_and(|it| it == "on") {
            variables
                .entry("mailbox_key".to_owned())
                .or_insert_with(|| self.secrets.seal.clone());
        }
        Ok(variables
            .into_iter()
            .map(|(name, value)| (format!("SPIN_VARIABLE_{}", name.to_uppercase()), value))
            .collect())
    }
}

/// Processes are few, and their names live as long as `stoa` does.
fn process_name(apart: &Apart) -> &'static str {
    apart.name.clone().leak()
}

/// Checks that every `--var` is a variable of the application.
pub fn check_variables(given: &[(String, String)], manifest: &Manifest) -> Result<()> {
    for (name, _) in given {
        if !manifest.variables.contains(name) {
            let known = manifest.variables.join(", ");
            return Err(Failure::Usage(format!(
                "--var {name}: spin.toml has no such variable; it has {known}"
            ))
            .into());
        }
    }
    Ok(())
}

/// One process of a runtime.
struct Launch {
    program: PathBuf,
    runtime: Runtime,
    directory: PathBuf,
    manifest: PathBuf,
    listen: Option<SocketAddr>,
    components: Vec<String>,
    state: PathBuf,
    cache: PathBuf,
    component_logs: PathBuf,
    environment: Vec<(String, String)>,
}

impl Launch {
    /// `spin up` passes an interrupt on to the trigger process that it starts, and nothing else.
    fn stop(&self) -> Signal {
        match self.runtime {
            Runtime::Spin => Signal::SIGINT,
            Runtime::Builtin => Signal::SIGTERM,
        }
    }

    fn command(&self) -> Command {
        let mut command = processes::command(&self.program, self.stop(), None);
        command.current_dir(&self.directory).arg("up");
        command.arg("--from").arg(&self.manifest);
        for component in &self.components {
            command.args(["-c", component]);
        }
        command
            .arg("--runtime-config-file")
            .arg(self.directory.join("runtime-config.toml"));
        command.arg("--state-dir").arg(&self.state);
        match self.runtime {
            Runtime::Spin => {
                command.arg("--log-dir").arg(&self.component_logs);
            }
            Runtime::Builtin => {
                command.arg("--cache-dir").arg(&self.cache);
            }
        }
        if let Some(listen) = self.listen {
            command.args(["--listen", &listen.to_string()]);
        }
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }
}

/// Waits until the shop answers, and every module that was set apart: a part of the shop is no shop.
pub async fn wait_ready(
    application: &Application,
    stack: &Stack,
    mut note: impl FnMut(&str),
) -> Result<()> {
    // What is set apart serves calls of its peers and nothing else: any answer is one.
    for apart in &application.topology.apart {
        let url = format!("{}/peer/{}", apart.url(), apart.name);
        wait_for(&apart.name, &url, |_| true, stack, &mut note).await?;
    }
    let url = format!("{}/healthz", application.url());
    wait_for("http", &url, |it| it.is_success(), stack, &mut note).await
}

/// Waits for an answer of one process. Gives up when it has ended for the third time, because then it will
/// not get better by itself.
async fn wait_for(
    process: &str,
    url: &str,
    good: impl Fn(reqwest::StatusCode) -> bool,
    stack: &Stack,
    note: &mut impl FnMut(&str),
) -> Result<()> {
    let client = client()?;
    let begun = Instant::now();
    loop {
        let status = match client.get(url).send().await {
            Ok(answer) if good(answer.status()) => return Ok(()),
            Ok(answer) => answer.status().to_string(),
            Err(_) => "no answer yet".to_owned(),
        };
        note(&status);
        let Some(service) = stack.get(process) else {
            bail!("{process} was not started")
        };
        let state = service.state();
        let slow = begun.elapsed() > Duration::from_secs(300);
        if state.ends >= 3 || slow {
            let why = if slow {
                format!("{url}: {status}")
            } else {
                state.last
            };
            bail!(
                "the application does not start ({why}). The end of {}:\n{}",
                service.log.display(),
                service.log_tail()
            );
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// Keeps the workers' ticks armed. They arm themselves from tick to tick, but a flushed or
/// restarted Redis forgets a tick without waking anybody; this is what wakes them again.
pub async fn keep_ticking(url: String) {
    let Ok(client) = client() else { return };
    let mut every = tokio::time::interval(Duration::from_secs(1));
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        // The application may be restarting; the next second is another try.
        let _ = client.get(format!("{url}/healthz/worker")).send().await;
    }
}

fn client() -> Result<reqwest::Client> {
    Ok(reqwest::Client::builder()
        .timeout(Duration::from_secs(5))
        .no_proxy()
        .build()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn launch(runtime: Runtime, listen: Option<&str>) -> Vec<String> {
        let launch = Launch {
            program: "runtime".into(),
            runtime,
            directory: "/shop".into(),
            manifest: "/shop/spin.toml".into(),
            listen: listen.map(|it| it.parse().unwrap()),
            components: vec!["account".into(), "edge".into()],
            state: "/data/state".into(),
            cache: "/cache".into(),
            component_logs: "/data/logs".into(),
            environment: Vec::new(),
        };
        let command = launch.command();
        command
            .as_std()
            .get_args()
            .map(|arg| arg.to_string_lossy().into_owned())
            .collect()
    }

    #[test]
    fn both_runtimes_get_the_same_selection() {
        let spin = launch(Runtime::Spin, Some("127.0.0.1:3000")).join(" ");
        assert!(
            spin.starts_with("up --from /shop/spin.toml -c account -c edge --runtime-config-file"),
            "{spin}"
        );
        assert!(spin.ends_with("--listen 127.0.0.1:3000"));
        let builtin = launch(Runtime::Builtin, None).join(" ");
        assert!(builtin.contains("-c account -c edge") && builtin.contains("--cache-dir /cache"));
        assert!(!builtin.contains("--listen"));
    }
}
