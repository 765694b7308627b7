//! The interface `spin:redis`: each open connection is a TCP connection of its own, on which
//! concurrent commands are multiplexed.

use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, ErrorKind, FromRedisValue, RedisError, RedisResult as Answer, Value};
use wasmtime::component::{
    ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceType,
};

use crate::drops::Kind;
use crate::limit::Permit;
use crate::state::{ComponentContext, State};

/// The most that an answer may take.
const MAX_RESULT: usize = 128 << 20;

struct Connection {
    connection: MultiplexedConnection,
    _permit: Permit,
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
pub enum Error {
    #[component(name = "invalid-address")]
    InvalidAddress,
    #[component(name = "too-many-connections")]
    TooManyConnections,
    #[component(name = "type-error")]
    WrongType,
    #[component(name = "other")]
    Other(String),
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
enum RedisParameter {
    #[component(name = "int64")]
    Int64(i64),
    #[component(name = "binary")]
    Binary(Vec<u8>),
}

#[derive(ComponentType, Lift, Lower, Debug, Clone, PartialEq)]
#[component(variant)]
enum RedisResult {
    #[component(name = "nil")]
    Nil,
    #[component(name = "status")]
    Status(String),
    #[component(name = "int64")]
    Int64(i64),
    #[component(name = "binary")]
    Binary(Vec<u8>),
}

/// A method: takes the connection out of the store, then runs without it.
macro_rules! method {
    ($instance:ident, $name:literal, |$connection:ident, $($arg:ident: $ty:ty),+| $body:expr) => {
        $instance.func_wrap_concurrent(
            concat!("[method]connection.", $name),
            |accessor, (this, $($arg),+): (Resource<Connection>, $($ty),+)| {
                Box::pin(async move {
                    #[allow(unused_mut, reason = "not every command needs it")]
                    let (mut $connection, calls) = accessor.with(|mut access| {
                        let state = access.get();
                        let found = state.table.get(&this)?;
                        wasmtime::error::Ok((found.connection.clone(), state.calls.clone()))
                    })?;
                    Ok((calls.run(Kind::Redis, $name, async { $body }).await,))
                })
            },
        )?
    };
}

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut instance = linker.instance("spin:redis/redis@3.0.0")?;
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
        "[static]connection.open",
        |accessor, (address,): (String,)| {
            Box::pin(async move {
                let component = accessor.with(|mut access| access.get().component.clone());
                let opened = match open(&component, &address).await {
                    Ok(opened) => Ok(accessor.with(|mut access| access.get().table.push(opened))?),
                    Err(error) => Err(error),
                };
                Ok((opened,))
            })
        },
    )?;
    add_commands(&mut instance)
}

fn add_commands(instance: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    method!(
        instance,
        "publish",
        |c, channel: String, payload: Vec<u8>| {
            c.publish::<_, _, ()>(channel, payload).await.map_err(other)
        }
    );
    method!(instance, "get", |c, key: String| {
        let value: Answer<Option<Vec<u8>>> = c.get(key).await;
        value
            .map_err(other)
            .and_then(|value| limited(value.as_ref().map_or(0, Vec::len), value))
    });
    method!(instance, "set", |c, key: String, value: Vec<u8>| {
        c.set::<_, _, ()>(key, value).await.map_err(other)
    });
    method!(instance, "incr", |c, key: String| {
        c.incr::<_, _, i64>(key, 1).await.map_err(other)
    });
    method!(instance, "del", |c, keys: Vec<String>| {
        c.del::<_, u32>(keys).await.map_err(other)
    });
    method!(instance, "sadd", |c, key: String, values: Vec<String>| {
        c.sadd::<_, _, u32>(key, values).await.map_err(|error| {
            if error.kind() == ErrorKind::TypeError {
                Error::WrongType
            } else {
                other(error)
            }
        })
    });
    method!(instance, "smembers", |c, key: String| {
        c.smembers::<_, Vec<String>>(key).await.map_err(other)
    });
    method!(instance, "srem", |c, key: String, values: Vec<String>| {
        c.srem::<_, _, u32>(key, values).await.map_err(other)
    });
    method!(
        instance,
        "execute",
        |c, command: String, arguments: Vec<RedisParameter>| {
            execute(&mut c, &command, arguments).await
        }
    );
    Ok(())
}

async fn open(component: &ComponentContext, address: &str) -> Result<Connection, Error> {
    if !component.allowed_hosts.allows(address, "redis") {
        return Err(Error::InvalidAddress);
    }
    let permit = component.shared.redis_limit.acquire().await;
    let client = redis::Client::open(address).map_err(|_| Error::InvalidAddress)?;
    let connection = client.get_multiplexed_async_connection().await;
    Ok(Connection {
        connection: connection.map_err(other)?,
        _permit: permit,
    })
}

async fn execute(
    connection: &mut MultiplexedConnection,
    command: &str,
    arguments: Vec<RedisParameter>,
) -> Result<Vec<RedisResult>, Error> {
    let mut command = redis::cmd(command);
    for argument in arguments {
        match argument {
            RedisParameter::Int64(value) => command.arg(value),
            RedisParameter::Binary(value) => command.arg(value),
        };
    }
    let answer: Answer<Flat> = command.query_async(connection).await;
    let Flat(results) = answer.map_err(other)?;
    limited(results.iter().map(RedisResult::size).sum(), results)
}

fn limited<T>(size: usize, value: T) -> Result<T, Error> {
    if size > MAX_RESULT {
        let text = format!("query result exceeds limit of {MAX_RESULT} bytes");
        return Err(Error::Other(text));
    }
    Ok(value)
}

fn other(error: RedisError) -> Error {
    Error::Other(error.to_string())
}

impl RedisResult {
    fn size(&self) -> usize {
        size_of::<Self>()
            + match self {
                Self::Nil | Self::Int64(_) => 0,
                Self::Status(status) => status.len(),
                Self::Binary(binary) => binary.len(),
            }
    }
}

/// An answer without its structure: nested arrays become one list.
struct Flat(Vec<RedisResult>);

impl FromRedisValue for Flat {
    fn from_redis_value(value: &Value) -> Answer<Self> {
        let mut results = Vec::new();
        flatten(value, &mut results)?;
        Ok(Self(results))
    }
}

fn flatten(value: &Value, results: &mut Vec<RedisResult>) -> Answer<()> {
    let unsupported = |what: &str| {
        Err(RedisError::from((
            ErrorKind::TypeError,
            "Could not convert Redis response",
            format!("Redis {what} is not supported"),
        )))
    };
    results.push(match value {
        Value::Nil => RedisResult::Nil,
        Value::Int(number) => RedisResult::Int64(*number),
        Value::Boolean(boolean) => RedisResult::Int64(i64::from(*boolean)),
        Value::BulkString(bytes) => RedisResult::Binary(bytes.clone()),
        Value::SimpleString(status) => RedisResult::Status(status.clone()),
        Value::Okay => RedisResult::Status("OK".to_owned()),
        Value::Double(number) => RedisResult::Binary(number.to_string().into_bytes()),
        Value::BigNumber(number) => RedisResult::Binary(number.to_string().into_bytes()),
        Value::Array(items) | Value::Set(items) => {
            return items.iter().try_for_each(|item| flatten(item, results));
        }
        Value::ServerError(error) => {
            let text = format!("{error:?}");
            return Err((ErrorKind::ResponseError, "Server error", text).into());
        }
        Value::Map(_) => return unsupported("Map type"),
        Value::Attribute { .. } => return unsupported("Attribute type"),
        Value::VerbatimString { .. } => return unsupported("string with format attribute"),
        Value::Push { .. } => return unsupported("Pub/Sub types"),
    });
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nested_answers_become_one_list() {
        let nested = Value::Array(vec![
            Value::Int(1),
            Value::Array(vec![Value::BulkString(b"a".to_vec()), Value::Nil]),
            Value::Okay,
        ]);
        let Flat(results) = Flat::from_redis_value(&nested).unwrap();
        let expected = [
            RedisResult::Int64(1),
            RedisResult::Binary(b"a".to_vec()),
            RedisResult::Nil,
            RedisResult::Status("OK".to_owned()),
        ];
        assert_eq!(results, expected);
        assert!(Flat::from_redis_value(&Value::Map(Vec::new())).is_err());
    }
}
