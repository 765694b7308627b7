//! The interface `spin:postgres`, with Spin's pools, limits, types and errors.

#![expect(
    clippy::result_large_err,
    reason = "the error has the shape of the interface, where nothing can be boxed"
)]

mod client;
mod params;
mod pool;
mod rows;
mod types;
mod wire;

use std::sync::Arc;

use tokio_postgres::Config;
use tokio_postgres::config::Host;
use wasmtime::component::{
    Accessor, FutureReader, Linker, LinkerInstance, Resource, ResourceType, StreamReader,
};

pub use pool::{Pools, abandoned_transactions};

use crate::allowed_hosts::AllowedHosts;
use crate::drops::{Calls, Kind};
use crate::state::{ComponentContext, State};
use crate::stream::ChannelStream;
use pool::Client;
use types::{Column, Error, ParameterValue, Row, RowSet};

/// What the guest holds of a connection.
struct Connection(Arc<Client>);

/// What the guest holds of a connection that is yet to be opened.
struct Builder {
    address: String,
}

type Opened = Result<Resource<Connection>, Error>;
type Streams = (
    Vec<Column>,
    StreamReader<Row>,
    FutureReader<Result<(), Error>>,
);

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut instance = linker.instance("spin:postgres/postgres@4.2.0")?;
    add_connection(&mut instance)?;
    add_builder(&mut instance)
}

fn add_connection(instance: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    instance.resource(
        "connection",
        ResourceType::host::<Connection>(),
        |mut store, rep| {
            let connection = Resource::<Connection>::new_own(rep);
            store.data_mut().table.delete(connection)?;
            Ok(())
        },
    )?;
    instance.func_wrap_concurrent(
        "[static]connection.open-async",
        |accessor, (address,): (String,)| {
            Box::pin(async move { Ok((open_concurrently(accessor, address).await?,)) })
        },
    )?;
    instance.func_wrap_concurrent(
        "[method]connection.query-async",
        |accessor, (this, statement, params): (_, String, Vec<ParameterValue>)| {
            Box::pin(async move {
                let (client, calls) = accessor.with(|mut access| client_of(access.get(), &this))?;
                let answer = client::query_streamed(client, &statement, params);
                let answer = calls.run(Kind::Postgres, &statement, answer).await;
                let answer: Result<Streams, Error> = match answer {
                    Err(error) => Err(error),
                    Ok(streamed) => accessor.with(|mut access| {
                        let rows = StreamReader::new(&mut access, ChannelStream(streamed.rows))?;
                        let result = FutureReader::new(&mut access, streamed.result)?;
                        wasmtime::error::Ok(Ok((streamed.columns, rows, result)))
                    })?,
                };
                Ok((answer,))
            })
        },
    )?;
    instance.func_wrap_concurrent(
        "[method]connection.execute-async",
        |accessor, (this, statement, params): (_, String, Vec<ParameterValue>)| {
            Box::pin(async move {
                let (client, calls) = accessor.with(|mut access| client_of(access.get(), &this))?;
                let answer = client::execute(client, &statement, params);
                Ok((calls.run(Kind::Postgres, &statement, answer).await,))
            })
        },
    )?;
    instance.func_wrap_async(
        "[static]connection.open",
        |mut store, (address,): (String,)| {
            Box::new(async move {
                let opened = connect(&store.data().component, &address).await;
                Ok((push(store.data_mut(), opened)?,))
            })
        },
    )?;
    instance.func_wrap_async(
        "[method]connection.query",
        |store, (this, statement, params): (_, String, Vec<ParameterValue>)| {
            Box::new(async move {
                let (client, calls) = client_of(store.data(), &this)?;
                let answer = client::query(client, &statement, params);
                let answer: Result<RowSet, Error> =
                    calls.run(Kind::Postgres, &statement, answer).await;
                Ok((answer,))
            })
        },
    )?;
    instance.func_wrap_async(
        "[method]connection.execute",
        |store, (this, statement, params): (_, String, Vec<ParameterValue>)| {
            Box::new(async move {
                let (client, calls) = client_of(store.data(), &this)?;
                let answer = client::execute(client, &statement, params);
                Ok((calls.run(Kind::Postgres, &statement, answer).await,))
            })
        },
    )
}

fn add_builder(instance: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    instance.resource(
        "connection-builder",
        ResourceType::host::<Builder>(),
        |mut store, rep| {
            let builder = Resource::<Builder>::new_own(rep);
            store.data_mut().table.delete(builder)?;
            Ok(())
        },
    )?;
    instance.func_wrap(
        "[constructor]connection-builder",
        |mut store, (address,): (String,)| {
            Ok((store.data_mut().table.push(Builder { address })?,))
        },
    )?;
    instance.func_wrap(
        "[method]connection-builder.set-ca-root",
        |_, (_, _): (Resource<Builder>, String)| {
            let text = "this host connects to Postgres without TLS".to_owned();
            Ok((Err::<(), _>(Error::Other(text)),))
        },
    )?;
    instance.func_wrap_async(
        "[method]connection-builder.build",
        |mut store, (this,): (Resource<Builder>,)| {
            Box::new(async move {
                let address = store.data().table.get(&this)?.address.clone();
                let opened = connect(&store.data().component, &address).await;
                Ok((push(store.data_mut(), opened)?,))
            })
        },
    )?;
    instance.func_wrap_concurrent(
        "[method]connection-builder.build-async",
        |accessor, (this,): (Resource<Builder>,)| {
            Box::pin(async move {
                let address = accessor.with(|mut access| {
                    let builder = access.get().table.get(&this)?;
                    wasmtime::error::Ok(builder.address.clone())
                })?;
                Ok((open_concurrently(accessor, address).await?,))
            })
        },
    )
}

async fn open_concurrently(
    accessor: &Accessor<State>,
    address: String,
) -> wasmtime::Result<Opened> {
    let component = accessor.with(|mut access| access.get().component.clone());
    let opened = connect(&component, &address).await;
    accessor.with(|mut access| push(access.get(), opened))
}

/// The place under the limit is taken before the connection, and waiting for it has no end.
async fn connect(component: &ComponentContext, address: &str) -> Result<Client, Error> {
    ensure_allowed(&component.allowed_hosts, address)?;
    let permit = component.shared.pg_limit.acquire().await;
    let client = component.pools.get(address, &component.id, permit).await;
    client.map_err(|error| Error::ConnectionFailed(format!("{error:#}")))
}

fn push(state: &mut State, client: Result<Client, Error>) -> wasmtime::Result<Opened> {
    Ok(match client {
        Ok(client) => Ok(state.table.push(Connection(Arc::new(client)))?),
        Err(error) => Err(error),
    })
}

/// The handle may be dropped while a statement of it runs, so that the statement holds the
/// connection by itself.
fn client_of(
    state: &State,
    connection: &Resource<Connection>,
) -> wasmtime::Result<(Arc<Client>, Calls)> {
    let client = state.table.get(connection)?.0.clone();
    Ok((client, state.calls.clone()))
}

/// Every host of a connection string must be allowed, in either notation.
fn ensure_allowed(allowed: &AllowedHosts, address: &str) -> Result<(), Error> {
    let refused = |text: String| Err(Error::ConnectionFailed(text));
    let config: Config = match address.parse() {
        Ok(config) => config,
        Err(error) => return refused(format!("{error}")),
    };
    for (index, host) in config.get_hosts().iter().enumerate() {
        let Host::Tcp(host) = host else {
            return refused("Unix sockets are not supported on WebAssembly".to_owned());
        };
        let port = match config.get_ports() {
            [port] => Some(port),
            ports => ports.get(index),
        };
        let target = match port {
            Some(port) => format!("{host}:{port}"),
            None => host.clone(),
        };
        if !allowed.allows(&target, "postgres") {
            return refused(format!("address postgres://{target} is not permitted"));
        }
    }
    // Where given, this is where the connection goes, whatever the host says.
    if !config.get_hostaddrs().is_empty() {
        return refused("hostaddr is not supported: say host".to_owned());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variables::AppVariables;

    #[test]
    fn both_notations_of_a_connection_string_are_checked() {
        let entries = ["postgres://127.0.0.1:5433".to_owned()];
        let allowed = AllowedHosts::parse(&entries, &AppVariables::default()).unwrap();
        let check = |address: &str| ensure_allowed(&allowed, address).is_ok();
        assert!(check(
            "host=127.0.0.1 port=5433 user=a options='-c lock_timeout=3s'"
        ));
        assert!(check("postgres://a:b@127.0.0.1:5433/db?options=-c%20x%3D1"));
        assert!(!check("host=127.0.0.1 user=a"));
        assert!(!check("postgres://a@127.0.0.1:5432/db"));
        assert!(!check("host=127.0.0.1,10.0.0.1 port=5433 user=a"));
        assert!(!check("host=/var/run/postgresql user=a"));
        assert!(!check("host=127.0.0.1 hostaddr=10.0.0.1 port=5433 user=a"));
        assert!(!check("nonsense"));
    }
}
