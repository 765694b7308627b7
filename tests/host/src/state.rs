//! What a store holds: the state of one instance.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock, Weak};

use wasmtime::component::{Linker, ResourceTable};
use wasmtime::{Engine, Store};
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::allowed_hosts::AllowedHosts;
use crate::drops::{Calls, Drops};
use crate::http_trigger::HttpServer;
use crate::key_value::Stores;
use crate::limit::ConnectionLimit;
use crate::outbound_http::{HttpHooks, IncomingHooks};
use crate::pg::Pools;
use crate::runtime_config::BlockedNetworks;
use crate::stdio::GuestOutput;
use crate::variables::ComponentVariables;
use crate::{key_value, outbound_redis, pg, variables};

/// What all components of the process share.
#[derive(Default)]
pub struct Shared {
    pub pg_limit: ConnectionLimit,
    pub redis_limit: ConnectionLimit,
    pub blocked_networks: BlockedNetworks,
    pub stores: Stores,
    /// For tests: instances that end at a call.
    pub drops: Arc<Drops>,
    /// For calls between components by name; empty when there is no HTTP trigger.
    pub server: OnceLock<Weak<HttpServer>>,
}

/// What all instances of one component share.
pub struct ComponentContext {
    pub id: Arc<str>,
    pub variables: Arc<ComponentVariables>,
    pub allowed_hosts: AllowedHosts,
    pub environment: BTreeMap<String, String>,
    pub key_value_stores: BTreeSet<String>,
    /// Pools are the component's own, as on Spin.
    pub pools: Pools,
    pub shared: Arc<Shared>,
}

/// The state of one instance.
pub struct State {
    pub component: Arc<ComponentContext>,
    pub table: ResourceTable,
    /// Its calls to the outside.
    pub calls: Calls,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: HttpHooks,
    incoming: IncomingHooks,
}

impl State {
    /// A store for a fresh instance. `chaining` says whether it may call other components by
    /// name, which on Spin only HTTP components can.
    pub fn store(
        engine: &Engine,
        component: &Arc<ComponentContext>,
        chaining: bool,
    ) -> Store<Self> {
        let mut wasi = WasiCtxBuilder::new();
        wasi.stdout(GuestOutput::new(component.id.clone()));
        wasi.stderr(GuestOutput::new(component.id.clone()));
        for (name, value) in &component.environment {
            wasi.env(name, value);
        }
        let calls = component.shared.drops.calls(&component.id);
        let state = Self {
            component: component.clone(),
            table: ResourceTable::new(),
            calls: calls.clone(),
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            hooks: HttpHooks::new(component.clone(), calls, chaining),
            incoming: IncomingHooks,
        };
        Store::new(engine, state)
    }

    /// The view through which the HTTP trigger passes requests in.
    pub fn incoming_http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.incoming,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Everything a component may import from this host.
pub fn linker(engine: &Engine) -> wasmtime::Result<Linker<State>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    variables::add_to_linker(&mut linker)?;
    pg::add_to_linker(&mut linker)?;
    outbound_redis::add_to_linker(&mut linker)?;
    key_value::add_to_linker(&mut linker)?;
    Ok(linker)
}
