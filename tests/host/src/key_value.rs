//! The interface `spin:key-value`: a file for each key, or memory when there is no state
//! directory.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use sha2::{Digest, Sha256};
use tokio::sync::{mpsc, oneshot};
use wasmtime::component::{
    ComponentType, FutureReader, Lift, Linker, Lower, Resource, ResourceType, StreamReader,
};

use crate::state::State;
use crate::stream::ChannelStream;

/// The label that exists without configuration.
pub const DEFAULT_STORE: &str = "default";

/// The stores of the process, by label.
#[derive(Default)]
pub struct Stores(BTreeMap<String, Arc<Store>>);

impl Stores {
    pub fn open(labels: impl Iterator<Item = String>, dir: Option<&Path>) -> io::Result<Self> {
        let mut stores = BTreeMap::new();
        for label in labels {
            let store = match dir {
                None => Store::Memory(Mutex::default()),
                Some(dir) => {
                    let dir = dir.join("key_value").join(file_name(&label));
                    fs::create_dir_all(&dir)?;
                    Store::Files(dir)
                }
            };
            stores.insert(label, Arc::new(store));
        }
        Ok(Self(stores))
    }

    pub fn has(&self, label: &str) -> bool {
        self.0.contains_key(label)
    }
}

enum Store {
    Memory(Mutex<BTreeMap<String, Vec<u8>>>),
    /// Processes may share the directory: a key is replaced by a rename, and so always whole.
    Files(PathBuf),
}

/// Keys may be anything, file names may not.
fn file_name(key: &str) -> String {
    let digest = Sha256::digest(key.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Store {
    fn get(&self, key: &str) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Memory(map) => Ok(lock(map).get(key).cloned()),
            Self::Files(dir) => match fs::read(dir.join(file_name(key))) {
                Ok(content) => Ok(Some(parse(content)?.1)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error),
            },
        }
    }

    fn set(&self, key: &str, value: Vec<u8>) -> io::Result<()> {
        match self {
            Self::Memory(map) => {
                lock(map).insert(key.to_owned(), value);
                Ok(())
            }
            Self::Files(dir) => {
                static NEXT: AtomicU64 = AtomicU64::new(0);
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                let temporary = dir.join(format!("new-{}-{number}", std::process::id()));
                let mut file = fs::File::create(&temporary)?;
                file.write_all(&(key.len() as u64).to_le_bytes())?;
                file.write_all(key.as_bytes())?;
                file.write_all(&value)?;
                fs::rename(&temporary, dir.join(file_name(key)))
            }
        }
    }

    fn delete(&self, key: &str) -> io::Result<()> {
        match self {
            Self::Memory(map) => {
                lock(map).remove(key);
                Ok(())
            }
            Self::Files(dir) => match fs::remove_file(dir.join(file_name(key))) {
                Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            },
        }
    }

    fn keys(&self) -> io::Result<Vec<String>> {
        let dir = match self {
            Self::Memory(map) => return Ok(lock(map).keys().cloned().collect()),
            Self::Files(dir) => dir,
        };
        let mut keys = Vec::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with("new-") {
                continue;
            }
            match fs::read(entry.path()) {
                Ok(content) => keys.push(parse(content)?.0),
                // Deleted since the directory was read.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(keys)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}

/// A file holds the length of the key, the key and the value.
fn parse(content: Vec<u8>) -> io::Result<(String, Vec<u8>)> {
    let damaged = || io::Error::new(ErrorKind::InvalidData, "a key-value file is damaged");
    let (length, rest) = content.split_first_chunk().ok_or_else(damaged)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| damaged())?;
    let (key, value) = rest.split_at_checked(length).ok_or_else(damaged)?;
    let key = std::str::from_utf8(key).map_err(|_| damaged())?;
    Ok((key.to_owned(), value.to_vec()))
}

struct Handle(Arc<Store>);

#[derive(ComponentType, Lift, Lower, Debug, Clone)]
#[component(variant)]
#[allow(dead_code, reason = "the type has to have every case of the interface")]
enum Error {
    #[component(name = "store-table-full")]
    StoreTableFull,
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

/// A method: file access happens on a thread that may block.
macro_rules! method {
    ($instance:ident, $name:literal, |$store:ident $(, $arg:ident: $ty:ty)+| $body:expr) => {
        $instance.func_wrap_concurrent(
            concat!("[method]store.", $name),
            |accessor, (this, $($arg),+): (Resource<Handle>, $($ty),+)| {
                Box::pin(async move {
                    let $store = accessor.with(|mut access| {
                        wasmtime::error::Ok(access.get().table.get(&this)?.0.clone())
                    })?;
                    let answer = tokio::task::spawn_blocking(move || $body).await?;
                    Ok((answer.map_err(|error| Error::Other(error.to_string())),))
                })
            },
        )?
    };
}

pub fn add_to_linker(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut instance = linker.instance("spin:key-value/key-value@3.0.0")?;
    instance.resource("store", ResourceType::host::<Handle>(), |mut store, rep| {
        let handle = Resource::<Handle>::new_own(rep);
        store.data_mut().table.delete(handle)?;
        Ok(())
    })?;
    instance.func_wrap_concurrent("[static]store.open", |accessor, (label,): (String,)| {
        Box::pin(async move {
            let opened = accessor.with(|mut access| {
                let state = access.get();
                let allowed: &BTreeSet<String> = &state.component.key_value_stores;
                if !allowed.contains(&label) {
                    return wasmtime::error::Ok(Err(Error::AccessDenied));
                }
                let Some(store) = state.component.shared.stores.0.get(&label).cloned() else {
                    return Ok(Err(Error::NoSuchStore));
                };
                Ok(Ok(state.table.push(Handle(store))?))
            })?;
            Ok((opened,))
        })
    })?;
    method!(instance, "get", |store, key: String| store.get(&key));
    method!(instance, "set", |store, key: String, value: Vec<u8>| {
        store.set(&key, value)
    });
    method!(instance, "delete", |store, key: String| store.delete(&key));
    method!(instance, "exists", |store, key: String| {
        store.get(&key).map(|value| value.is_some())
    });
    instance.func_wrap_concurrent(
        "[method]store.get-keys",
        |accessor, (this,): (Resource<Handle>,)| {
            Box::pin(async move {
                let store = accessor.with(|mut access| {
                    wasmtime::error::Ok(access.get().table.get(&this)?.0.clone())
                })?;
                let (keys, result) = stream_keys(store);
                let streams: (StreamReader<String>, FutureReader<Result<(), Error>>) = accessor
                    .with(|mut access| {
                        let keys = StreamReader::new(&mut access, ChannelStream(keys))?;
                        let result = FutureReader::new(&mut access, result)?;
                        wasmtime::error::Ok((keys, result))
                    })?;
                Ok((streams,))
            })
        },
    )
}

fn stream_keys(
    store: Arc<Store>,
) -> (mpsc::Receiver<String>, oneshot::Receiver<Result<(), Error>>) {
    let (key_sender, keys) = mpsc::channel(4);
    let (result_sender, result) = oneshot::channel();
    tokio::task::spawn_blocking(move || {
        let ended = match store.keys() {
            // The guest may stop reading before the end.
            Ok(keys) => {
                _ = keys
                    .into_iter()
                    .try_for_each(|key| key_sender.blocking_send(key));
                Ok(())
            }
            Err(error) => Err(Error::Other(error.to_string())),
        };
        _ = result_sender.send(ended);
    });
    (keys, result)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behaves_as_a_store(store: &Store) {
        assert_eq!(store.get("a/../b").unwrap(), None);
        store.set("a/../b", b"1".to_vec()).unwrap();
        store.set("a/../b", b"2".to_vec()).unwrap();
        store.set("", Vec::new()).unwrap();
        assert_eq!(store.get("a/../b").unwrap(), Some(b"2".to_vec()));
        let mut keys = store.keys().unwrap();
        keys.sort();
        assert_eq!(keys, ["", "a/../b"]);
        store.delete("a/../b").unwrap();
        store.delete("a/../b").unwrap();
        assert_eq!(store.keys().unwrap(), [""]);
    }

    #[test]
    fn memory_and_files_behave_alike() {
        behaves_as_a_store(&Store::Memory(Mutex::default()));
        let dir = tempfile::tempdir().unwrap();
        behaves_as_a_store(&Store::Files(dir.path().to_owned()));
    }

    #[test]
    fn files_outlive_the_process() {
        let dir = tempfile::tempdir().unwrap();
        let open = || {
            let labels = std::iter::once(DEFAULT_STORE.to_owned());
            Stores::open(labels, Some(dir.path())).unwrap()
        };
        let key = "k";
        open().0[DEFAULT_STORE].set(key, b"v".to_vec()).unwrap();
        assert_eq!(
            open().0[DEFAULT_STORE].get(key).unwrap(),
            Some(b"v".to_vec())
        );
    }
}
