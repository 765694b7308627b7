//! A Postgres server as an administrator sees it, whoever runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use sha2::{Digest, Sha256};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::{Client, Config, NoTls};
use url::Url;

use crate::data_dir::DataDir;
use crate::failure::Failure;
use crate::fingerprint::hex;
use crate::postgres;
use crate::progress::Progress;
use crate::ready::Ready;
use crate::stack::Stack;

/// An administrator's way to a database: one that may create roles and schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    pub url: String,
    pub host: String,
    pub port: u16,
    pub name: String,
    tls: &'static str,
    password: String,
    /// Run by somebody else.
    pub external: bool,
}

impl Database {
    /// A server that somebody else runs, as in `DATABASE_URL`.
    pub fn external(url: &str) -> Result<Database> {
        Database::parse(url)
            .map_err(|error| Failure::Usage(format!("DATABASE_URL: {error:#}")).into())
    }

    /// The private server.
    pub fn private(port: u16, password: &str) -> Result<Database> {
        let url = format!("postgres://stoa:{password}@127.0.0.1:{port}/stoa?sslmode=disable");
        Ok(Database {
            external: false,
            ..Database::parse(&url)?
        })
    }

    fn parse(url: &str) -> Result<Database> {
        let config = Config::from_str(url).context("not a Postgres URL")?;
        let host = match config.get_hosts() {
            [Host::Tcp(host)] => host.clone(),
            [] => "127.0.0.1".to_owned(),
            _ => {
                return Err(anyhow!(
                    "components reach Postgres over TCP only, at one host"
                ));
            }
        };
        let user = config
            .get_user()
            .ok_or_else(|| anyhow!("it names no user"))?;
        let password = config.get_password().unwrap_or_default();
        Ok(Database {
            url: url.to_owned(),
            host,
            port: config.get_ports().first().copied().unwrap_or(5432),
            name: config.get_dbname().unwrap_or(user).to_owned(),
            tls: match config.get_ssl_mode() {
                SslMode::Disable => "disable",
                SslMode::Require => "require",
                _ => "prefer",
            },
            password: String::from_utf8_lossy(password).into_owned(),
            external: true,
        })
    }

    /// The same server, another database.
    pub fn on(&self, name: &str) -> Result<Database> {
        let mut url = Url::parse(&self.url).context("cannot change the database in this URL")?;
        url.set_path(name);
        Ok(Database {
            url: url.into(),
            name: name.to_owned(),
            ..self.clone()
        })
    }

    /// `host:port`, as the allow lists want it.
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Connects as the administrator.
    pub async fn connect(&self) -> Result<Client> {
        let mut config = Config::from_str(&self.url)?;
        config.application_name("stoa");
        open(config).await.with_context(|| {
            let hint = if self.tls == "require" {
                " (stoa itself speaks no TLS: go through a local proxy)"
            } else {
                ""
            };
            format!(
                "cannot connect to Postgres at {}, database {}{hint}",
                self.address(),
                self.name
            )
        })
    }

    /// Connects as a module's role.
    pub async fn connect_as(&self, module: &str, password: &str) -> Result<Client> {
        open(Config::from_str(&self.module(module, password, "stoa"))?).await
    }

    /// The connection string of a module's role. The limits are part of it because a component
    /// cannot be trusted to set them, and they survive the host's reset of a used connection.
    pub fn module(&self, module: &str, password: &str, application: &str) -> String {
        format!(
            "host={} port={} user=stoa_{module} password={password} dbname={} sslmode={} application_name={application} \
             options='-c idle_in_transaction_session_timeout=5s -c statement_timeout=10s -c lock_timeout=3s'",
            self.host, self.port, self.name, self.tls
        )
    }

    /// The modules' passwords. Roles belong to the whole server and its databases may be migrated
    /// from several places, so the passwords follow from the administrator's: everyone who may set
    /// them comes to the same. Only where the administrator has none are they made up.
    pub fn passwords(
        &self,
        data: &DataDir,
        modules: &[String],
    ) -> Result<BTreeMap<String, String>> {
        if self.password.is_empty() {
            let mut roles = data.secrets(modules)?.roles;
            roles.retain(|module, _| modules.contains(module));
            return Ok(roles);
        }
        let derive = |module: &String| {
            let digest = Sha256::digest(format!("stoa role\0{}\0{module}", self.password));
            (module.clone(), hex(&digest))
        };
        Ok(modules.iter().map(derive).collect())
    }
}

async fn open(config: Config) -> Result<Client> {
    let (client, connection) = config.connect(NoTls).await?;
    // Ends with the client. What goes wrong on it is reported by the call that is waiting.
    tokio::spawn(async move { drop(connection.await) });
    Ok(client)
}

/// The database to work on besides a running `stoa up`: the one named, else the one that `up`
/// serves from the data directory right now, else the private server, started for the meantime.
pub async fn locate(
    url: Option<&str>,
    data_dir: &Path,
    stack: &mut Stack,
    progress: &Progress,
) -> Result<(Database, DataDir)> {
    let data = DataDir::open(data_dir)?;
    if let Some(url) = url {
        return Ok((Database::external(url)?, data));
    }
    match data.lock() {
        Ok(lock) => {
            stack.hold(lock);
            let database = postgres::start(&data, &[], stack, progress).await?;
            Ok((database, data))
        }
        Err(locked) => match data.load::<Ready>(Ready::FILE)? {
            Some(ready) => Ok((
                Database {
                    external: ready.external_database,
                    ..Database::parse(&ready.database)?
                },
                data,
            )),
            None => Err(locked),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_gives_what_the_modules_need() {
        let database =
            Database::external("postgres://admin:pw@db.example:6000/shop?sslmode=disable").unwrap();
        assert_eq!(database.address(), "db.example:6000");
        let module = database.module("order", "secret", "stoa-http-order");
        let config = Config::from_str(&module).unwrap();
        assert_eq!(config.get_user(), Some("stoa_order"));
        assert_eq!(config.get_dbname(), Some("shop"));
        assert_eq!(config.get_ssl_mode(), SslMode::Disable);
        assert!(config.get_options().unwrap().contains("lock_timeout=3s"));
        assert_eq!(database.on("other").unwrap().name, "other");
    }

    #[test]
    fn a_url_without_a_user_is_a_usage_error() {
        let error = Database::external("postgres://localhost/x").unwrap_err();
        assert_eq!(crate::failure::exit_code(&error), 2);
    }

    #[test]
    fn whoever_has_the_administrators_password_comes_to_the_same_passwords() {
        let root = tempfile::tempdir().unwrap();
        let [one, two] = ["a", "b"].map(|name| DataDir::open(&root.path().join(name)).unwrap());
        let modules = ["order".to_owned(), "account".to_owned()];
        let private = Database::private(5000, "pw").unwrap();
        let other = Database::external("postgres://stoa:pw@localhost/other").unwrap();
        let passwords = private.passwords(&one, &modules).unwrap();
        assert_eq!(other.passwords(&two, &modules).unwrap(), passwords);
        assert_ne!(passwords["order"], passwords["account"]);
    }

    #[test]
    fn without_an_administrators_password_the_modules_get_random_ones() {
        let root = tempfile::tempdir().unwrap();
        let [one, two] = ["a", "b"].map(|name| DataDir::open(&root.path().join(name)).unwrap());
        let modules = ["order".to_owned()];
        let trusting = Database::external("postgres://admin@h/shop").unwrap();
        let passwords = trusting.passwords(&one, &modules).unwrap();
        assert_eq!(trusting.passwords(&one, &modules).unwrap(), passwords);
        assert_ne!(trusting.passwords(&two, &modules).unwrap(), passwords);
    }
}
