//! The Redis trigger: messages of subscribed channels go to fresh instances, one message after
//! another for each address.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use futures::StreamExt;
use futures::future::{join_all, select_all};
use wasmtime::component::{ComponentExportIndex, InstancePre};

use crate::manifest::Manifest;
use crate::outbound_redis::Error as GuestError;
use crate::state::{ComponentContext, State};
use crate::variables::AppVariables;

const INTERFACE: &str = "spin:redis/inbound-redis@3.0.0";

/// The handler of one component.
pub struct Handler {
    component: Arc<ComponentContext>,
    pre: InstancePre<State>,
    function: ComponentExportIndex,
}

impl Handler {
    pub fn new(component: Arc<ComponentContext>, pre: InstancePre<State>) -> Result<Self> {
        let inner = pre.component();
        let function = inner
            .get_export_index(None, INTERFACE)
            .and_then(|interface| inner.get_export_index(Some(&interface), "handle-message"))
            .with_context(|| {
                let id = &component.id;
                format!("component {id:?} has a Redis trigger and exports no {INTERFACE}")
            })?;
        Ok(Self {
            component,
            pre,
            function,
        })
    }

    async fn handle(&self, payload: Vec<u8>) -> Result<()> {
        let mut store = State::store(self.pre.engine(), &self.component, false);
        let doom = store.data().calls.doom.clone();
        let instance = self.pre.instantiate_async(&mut store).await?;
        let function = instance
            .get_typed_func::<(Vec<u8>,), (Result<(), GuestError>,)>(&mut store, self.function)?;
        let run = store
            .run_concurrent(async |accessor| function.call_concurrent(accessor, (payload,)).await);
        let (handled,) = tokio::select! {
            ended = run => ended??,
            () = doom.sealed() => bail!("the instance was dropped"),
        };
        if let Err(error) = handled {
            bail!("the handler answered {error:?}");
        }
        Ok(())
    }
}

/// What to listen to: address, channel, handlers. Addresses that are spelled differently have
/// listeners of their own, which run at the same time.
pub type Subscriptions = BTreeMap<String, BTreeMap<String, Vec<Arc<Handler>>>>;

/// Fills the templates of the triggers.
pub fn subscriptions(
    manifest: &Manifest,
    variables: &AppVariables,
    handlers: &BTreeMap<String, Arc<Handler>>,
) -> Result<Subscriptions> {
    let default = manifest.application.trigger.redis.as_ref();
    let mut subscriptions = Subscriptions::new();
    for trigger in &manifest.trigger.redis {
        let fill = |text: &str| {
            let id = &trigger.component;
            variables
                .fill(text)
                .with_context(|| format!("the redis trigger of component {id:?}"))
        };
        let address = trigger
            .address
            .as_ref()
            .or(default.map(|default| &default.address))
            .context("a redis trigger has no address")?;
        let handler = handlers
            .get(&trigger.component)
            .with_context(|| format!("there is no component {:?}", trigger.component))?;
        subscriptions
            .entry(fill(address)?)
            .or_default()
            .entry(fill(&trigger.channel)?)
            .or_default()
            .push(handler.clone());
    }
    Ok(subscriptions)
}

/// Listens until the first listener fails: losing Redis ends the process, as on Spin.
pub async fn run(subscriptions: Subscriptions) -> Result<()> {
    let mut listeners = Vec::new();
    for (address, channels) in subscriptions {
        listeners.push(tokio::spawn(
            async move { listen(&address, channels).await },
        ));
    }
    let (ended, _, _) = select_all(listeners).await;
    ended?
}

async fn listen(address: &str, channels: BTreeMap<String, Vec<Arc<Handler>>>) -> Result<()> {
    let client = redis::Client::open(address).context("not a Redis address")?;
    // Without the password, which the address may hold.
    let server = client.get_connection_info().addr.to_string();
    let mut pubsub = client
        .get_async_pubsub()
        .await
        .with_context(|| format!("the Redis trigger cannot connect to {server}"))?;
    for (channel, handlers) in &channels {
        pubsub
            .subscribe(channel)
            .await
            .with_context(|| format!("cannot subscribe to {channel:?} on {server}"))?;
        let names: Vec<_> = handlers.iter().map(|h| h.component.id.as_ref()).collect();
        println!(
            "Subscribed to {channel} on {server} for {}",
            names.join(", ")
        );
    }
    let mut messages = pubsub.on_message();
    while let Some(message) = messages.next().await {
        let handlers = channels.get(message.get_channel_name());
        join_all(handlers.into_iter().flatten().map(async |handler| {
            if let Err(error) = handler.handle(message.get_payload_bytes().to_vec()).await {
                let (id, channel) = (&handler.component.id, message.get_channel_name());
                eprintln!("stoa-host: {id}: message on {channel}: {error:#}");
            }
        }))
        .await;
    }
    bail!("the Redis trigger lost its connection to {server}")
}
