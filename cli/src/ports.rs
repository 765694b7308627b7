//! TCP ports: finding free ones, keeping them between runs, and saying who has a taken one.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::data_dir::DataDir;
use crate::failure::Failure;

/// Ports for servers of our own are taken from here: below the range from which Linux picks the
/// ports of outgoing connections, any of which may be in use for a moment.
const RANGE: std::ops::Range<u16> = 20_000..32_000;

const FILE: &str = "ports.json";

/// Whether a server could listen on `address` now.
pub fn is_free(address: SocketAddr) -> bool {
    TcpListener::bind(address).is_ok()
}

/// A port on the loopback for `what`: the one from last time when it is still free, so that URLs
/// stay the same between runs. Each data directory begins at another place in the range, so two
/// checkouts that start at once do not race for the same port.
pub fn keep(data: &DataDir, what: &str, not: &[u16]) -> Result<u16> {
    let mut ports: BTreeMap<String, u16> = data.load(FILE)?.unwrap_or_default();
    let usable = |port: &u16| !not.contains(port) && is_free((Ipv4Addr::LOCALHOST, *port).into());
    if let Some(port) = ports.get(what).copied().filter(|port| usable(port)) {
        return Ok(port);
    }
    let others: Vec<u16> = ports
        .iter()
        .filter(|(name, _)| *name != what)
        .map(|(_, port)| *port)
        .collect();
    let digest = Sha256::digest(data.path.as_os_str().as_encoded_bytes());
    let start = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % RANGE.len();
    let Some(port) = RANGE
        .cycle_from(start)
        .find(|port| !others.contains(port) && usable(port))
    else {
        bail!(
            "no free port between {} and {} on 127.0.0.1",
            RANGE.start,
            RANGE.end
        );
    };
    ports.insert(what.to_owned(), port);
    data.save(FILE, &ports)?;
    Ok(port)
}

trait CycleFrom {
    fn cycle_from(self, start: usize) -> impl Iterator<Item = u16>;
}

impl CycleFrom for std::ops::Range<u16> {
    fn cycle_from(self, start: usize) -> impl Iterator<Item = u16> {
        let count = self.len();
        self.cycle().skip(start).take(count)
    }
}

/// Checks that `address` can be listened on, and says who has it otherwise.
pub fn require_free(address: SocketAddr) -> Result<()> {
    let error = match TcpListener::bind(address) {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    if error.kind() != std::io::ErrorKind::AddrInUse {
        return Err(Failure::Usage(format!(
            "cannot listen on {address}: {error}"
        )))
        .context("checking --listen");
    }
    let owner = owner(address).map_or("another process".to_owned(), |owner| owner.to_string());
    let message = format!(
        "{address} is taken by {owner}. Stop it, or choose another port: cargo stoa up --listen {}:0",
        address.ip()
    );
    Err(Failure::PortTaken(message).into())
}

/// The process that listens on a port.
#[derive(Debug, PartialEq, Eq)]
pub struct Owner {
    pub pid: u32,
    pub program: String,
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (process {})", self.program, self.pid)
    }
}

/// Who listens on `address`, as far as the kernel lets this user see.
pub fn owner(address: SocketAddr) -> Option<Owner> {
    let sockets: Vec<u64> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| std::fs::read_to_string(table).ok())
        .flat_map(|table| listening(&table, address))
        .collect();
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let Some(pid) = process
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        if holds(&process.path(), &sockets) {
            let program = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
            return Some(Owner {
                pid,
                program: program.trim().to_owned(),
            });
        }
    }
    None
}

fn holds(process: &Path, sockets: &[u64]) -> bool {
    let Ok(files) = std::fs::read_dir(process.join("fd")) else {
        return false;
    };
    files.flatten().any(|file| {
        let Ok(target) = std::fs::read_link(file.path()) else {
            return false;
        };
        let inode = target
            .to_str()
            .and_then(|it| it.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok());
        inode.is_some_and(|inode| sockets.contains(&inode))
    })
}

/// The inodes of the sockets in `/proc/net/tcp` or `tcp6` that listen where `address` would.
fn listening(table: &str, address: SocketAddr) -> Vec<u64> {
    const LISTEN: &str = "0A";
    let socket = |line: &str| -> Option<u64> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let (ip, port) = fields.get(1)?.split_once(':')?;
        let same =
            u16::from_str_radix(port, 16).ok()? == address.port() && fields.get(3) == Some(&LISTEN);
        let ip = kernel_ip(ip)?;
        if same && (ip == address.ip() || ip.is_unspecified() || address.ip().is_unspecified()) {
            fields.get(9)?.parse().ok()
        } else {
            None
        }
    };
    table.lines().filter_map(socket).collect()
}

/// The kernel prints addresses as 32-bit words in the machine's byte order.
fn kernel_ip(text: &str) -> Option<IpAddr> {
    let words: Vec<[u8; 4]> = (0..text.len() / 8)
        .map(|word| {
            u32::from_str_radix(text.get(word * 8..word * 8 + 8)?, 16)
                .ok()
                .map(u32::to_ne_bytes)
        })
        .collect::<Option<_>>()?;
    match words.as_slice() {
        [v4] => Some(IpAddr::from(*v4)),
        [_, _, _, _] => {
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Some(IpAddr::from(bytes).to_canonical())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4343 1 0 100 0 0 10 0
   2: 0100007F:0BB8 0100007F:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4444 1 0 20 4 30 10 -1
";

    #[test]
    fn listeners_are_found_in_the_kernels_table() {
        assert_eq!(listening(TABLE, "127.0.0.1:3000".parse().unwrap()), [4242]);
        assert_eq!(listening(TABLE, "127.0.0.1:8080".parse().unwrap()), [4343]);
        assert_eq!(listening(TABLE, "0.0.0.0:3000".parse().unwrap()), [4242]);
        assert!(listening(TABLE, "127.0.0.1:3001".parse().unwrap()).is_empty());
        let six = "0: 00000000000000000000000001000000:0BB8 0:0 0A 0 0 0 0 0 7 1";
        assert_eq!(listening(six, "[::1]:3000".parse().unwrap()), [7]);
    }

    #[test]
    fn a_taken_port_names_its_process() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        assert_eq!(owner(address).unwrap().pid, std::process::id());
        let error = require_free(address).unwrap_err();
        assert_eq!(crate::failure::exit_code(&error), 4);
        drop(listener);
        assert!(require_free(address).is_ok());
    }

    #[test]
    fn a_port_is_kept_while_it_is_free() {
        let root = tempfile::tempdir().unwrap();
        let data = DataDir::open(root.path()).unwrap();
        let first = keep(&data, "postgres", &[]).unwrap();
        assert_eq!(keep(&data, "postgres", &[]).unwrap(), first);
        assert_ne!(keep(&data, "redis", &[]).unwrap(), first);
        let taken = TcpListener::bind(("127.0.0.1", first)).unwrap();
        let second = keep(&data, "postgres", &[]).unwrap();
        assert_ne!(second, first);
        drop(taken);
        assert_eq!(keep(&data, "postgres", &[]).unwrap(), second);
    }
}
