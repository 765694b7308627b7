//! An application made ready: manifest read, components composed, compiled and linked.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::net::{TcpListener, TcpSocket};
use wasmtime::Engine;
use wasmtime::component::InstancePre;

use crate::allowed_hosts::AllowedHosts;
use crate::drops::Drops;
use crate::http_trigger::HttpServer;
use crate::key_value::{DEFAULT_STORE, Stores};
use crate::limit::ConnectionLimit;
use crate::manifest::{Component, Manifest};
use crate::pg::Pools;
use crate::redis_trigger::{self, Handler, Subscriptions};
use crate::routes::Routes;
use crate::runtime_config::RuntimeConfig;
use crate::state::{self, ComponentContext, Shared, State};
use crate::variables::{AppVariables, ComponentVariables};
use crate::{compose, engine};

/// What to run and how.
pub struct Options {
    pub manifest: PathBuf,
    pub runtime_config: Option<PathBuf>,
    pub listen: SocketAddr,
    /// Components whose triggers are started; none means all.
    pub components: Vec<String>,
    pub state_dir: Option<PathBuf>,
    pub cache_dir: Option<PathBuf>,
    /// For tests: where to look for an instance that is to be dropped; see `drops`.
    pub drops: Option<PathBuf>,
}

/// An application with its triggers, not yet started.
pub struct App {
    /// None when no HTTP trigger is selected.
    http: Option<(Arc<HttpServer>, TcpSocket)>,
    redis: Subscriptions,
}

impl App {
    /// Prepares everything that can fail before the first request.
    pub fn load(options: &Options) -> Result<Self> {
        let mut manifest = Manifest::load(&options.manifest)?;
        let variables = AppVariables::resolve(&manifest.variables, |n| std::env::var(n).ok())?;
        manifest.select(&options.components)?;
        // Compiling takes long, and a taken port is known now.
        let socket = match manifest.trigger.http.is_empty() {
            true => None,
            false => Some(bind(options.listen)?),
        };
        let routes = Routes::build(&manifest.trigger.http)?;
        let shared = Arc::new(shared(&manifest, options)?);
        let engine = engine::build(options.cache_dir.as_deref())?;
        let components = link(&manifest, &variables, &shared, &engine)?;

        let mut http = None;
        if let Some(socket) = socket {
            let application = &manifest.application;
            let info = serde_json::json!({
                "name": application.name,
                "version": application.version,
            });
            let mut server = HttpServer::new(routes, format!("{info:#}"));
            let triggered: BTreeSet<_> =
                manifest.trigger.http.iter().map(|t| &t.component).collect();
            for id in triggered {
                let (context, pre) = &components[id.as_str()];
                server.add(context.clone(), pre.clone())?;
            }
            let server = Arc::new(server);
            _ = shared.server.set(Arc::downgrade(&server));
            http = Some((server, socket));
        }
        let mut handlers = BTreeMap::new();
        for trigger in &manifest.trigger.redis {
            let (context, pre) = &components[trigger.component.as_str()];
            let handler = Handler::new(context.clone(), pre.clone())?;
            handlers.insert(trigger.component.clone(), Arc::new(handler));
        }
        let redis = redis_trigger::subscriptions(&manifest, &variables, &handlers)?;
        Ok(Self { http, redis })
    }

    /// Runs the triggers until one of them fails.
    pub async fn run(self) -> Result<()> {
        let redis = async {
            match self.redis.is_empty() {
                true => std::future::pending().await,
                false => redis_trigger::run(self.redis).await,
            }
        };
        let http = async {
            let Some((server, socket)) = self.http else {
                return std::future::pending().await;
            };
            let listener = listen(socket)?;
            println!("Serving http://{}", listener.local_addr()?);
            server.serve(listener).await
        };
        tokio::select! {
            ended = redis => ended,
            ended = http => ended,
        }
    }
}

/// Composes and compiles every component into the cache.
pub fn compile(manifest: &std::path::Path, cache_dir: PathBuf) -> Result<usize> {
    let manifest = Manifest::load(manifest)?;
    let engine = engine::build(Some(&cache_dir))?;
    let ids: Vec<_> = manifest.component.keys().collect();
    let load = |id: &str| compose::load(&manifest, id, &manifest.component[id]);
    Ok(engine::compile_all(&engine, &ids, load)?.len())
}

fn shared(manifest: &Manifest, options: &Options) -> Result<Shared> {
    let config = RuntimeConfig::load(options.runtime_config.as_deref())?;
    let labels = config.key_value_store.keys().cloned();
    let labels = labels.chain([DEFAULT_STORE.to_owned()]);
    let stores = Stores::open(labels, options.state_dir.as_deref())
        .context("cannot create the key-value stores in the state directory")?;
    for (id, component) in &manifest.component {
        for label in &component.key_value_stores {
            ensure!(
                stores.has(label),
                "component {id:?} uses the key-value store {label:?}, which the runtime config \
                 does not define"
            );
        }
    }
    Ok(Shared {
        pg_limit: ConnectionLimit::new(config.outbound_pg.max_connections),
        redis_limit: ConnectionLimit::new(config.outbound_redis.max_connections),
        blocked_networks: config.blocked_networks()?,
        stores,
        drops: Arc::new(Drops::new(options.drops.clone())),
        ..Shared::default()
    })
}

type Linked = BTreeMap<String, (Arc<ComponentContext>, InstancePre<State>)>;

fn link(
    manifest: &Manifest,
    variables: &AppVariables,
    shared: &Arc<Shared>,
    engine: &Engine,
) -> Result<Linked> {
    let mut contexts = BTreeMap::new();
    for (id, component) in &manifest.component {
        let context = context(id, component, variables, shared)
            .with_context(|| format!("component {id:?}"))?;
        contexts.insert(id, Arc::new(context));
    }
    let linker = state::linker(engine)?;
    let ids: Vec<_> = contexts.keys().collect();
    let load = |id: &str| compose::load(manifest, id, &manifest.component[id]);
    let compiled = engine::compile_all(engine, &ids, load)?;
    let mut linked = Linked::new();
    for ((id, context), component) in contexts.into_iter().zip(compiled) {
        let pre = linker
            .instantiate_pre(&component)
            .map_err(anyhow::Error::from)
            .with_context(|| {
                format!(
                    "component {id:?} imports what this host does not offer; a peer's contract \
                     belongs into [component.{id}.dependencies]"
                )
            })?;
        linked.insert(id.clone(), (context, pre));
    }
    Ok(linked)
}

fn context(
    id: &str,
    component: &Component,
    variables: &AppVariables,
    shared: &Arc<Shared>,
) -> Result<ComponentContext> {
    Ok(ComponentContext {
        id: id.into(),
        variables: Arc::new(ComponentVariables::resolve(id, component, variables)?),
        allowed_hosts: AllowedHosts::parse(&component.allowed_outbound_hosts, variables)?,
        environment: component.environment.clone(),
        key_value_stores: component.key_value_stores.iter().cloned().collect(),
        pools: Pools::default(),
        shared: shared.clone(),
    })
}

/// Takes the port without listening yet, so that nobody connects before there is an answer.
fn bind(address: SocketAddr) -> Result<TcpSocket> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4()?,
        SocketAddr::V6(_) => TcpSocket::new_v6()?,
    };
    socket.set_reuseaddr(true)?;
    socket.bind(address).with_context(|| {
        format!("cannot listen on {address}: stop what uses the port, or choose another --listen")
    })?;
    Ok(socket)
}

fn listen(socket: TcpSocket) -> Result<TcpListener> {
    let address = socket.local_addr()?;
    socket
        .listen(1024)
        .with_context(|| format!("cannot listen on {address}"))
}
