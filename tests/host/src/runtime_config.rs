//! `runtime-config.toml`: the limits of the host, in Spin's format.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use ip_network::IpNetwork;
use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeConfig {
    #[serde(default)]
    pub outbound_pg: ConnectionLimit,
    #[serde(default)]
    pub outbound_redis: ConnectionLimit,
    #[serde(default)]
    pub outbound_networking: OutboundNetworking,
    #[serde(default)]
    pub key_value_store: BTreeMap<String, KeyValueStore>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConnectionLimit {
    /// How many connections the whole process may hold; none means no limit.
    pub max_connections: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundNetworking {
    /// `"private"` or networks in CIDR notation. Guards outbound HTTP.
    #[serde(default)]
    pub block_networks: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyValueStore {
    pub r#type: String,
}

impl RuntimeConfig {
    /// Reads a runtime configuration; without a file nothing is limited, as on Spin.
    pub fn load(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Ok(Self::default());
        };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read the runtime config {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("in the runtime config {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let config: Self = toml::from_str(text)?;
        for (label, store) in &config.key_value_store {
            if store.r#type != "spin" {
                bail!(
                    "key-value store {label:?} has type {:?}, and this host has only \"spin\"",
                    store.r#type
                );
            }
        }
        config.blocked_networks()?;
        Ok(config)
    }

    pub fn blocked_networks(&self) -> Result<BlockedNetworks> {
        let mut blocked = BlockedNetworks::default();
        for item in &self.outbound_networking.block_networks {
            if item == "private" {
                blocked.private = true;
            } else {
                blocked
                    .networks
                    .push(IpNetwork::from_str_truncate(item).with_context(|| {
                        format!("block_networks: {item:?} is neither \"private\" nor a network")
                    })?);
            }
        }
        Ok(blocked)
    }
}

/// Addresses that outbound HTTP may not connect to, whatever name they hide behind.
#[derive(Debug, Default, Clone)]
pub struct BlockedNetworks {
    networks: Vec<IpNetwork>,
    /// Everything that is not globally routable.
    private: bool,
}

impl BlockedNetworks {
    pub fn is_empty(&self) -> bool {
        !self.private && self.networks.is_empty()
    }

    pub fn blocks(&self, ip: std::net::IpAddr) -> bool {
        use std::net::IpAddr;
        if self.private && !IpNetwork::from(ip).is_global() {
            return true;
        }
        if self.networks.iter().any(|network| network.contains(ip)) {
            return true;
        }
        // An IPv4 address in IPv6 clothes reaches the same host.
        match ip {
            IpAddr::V6(ip) => ip.to_ipv4().is_some_and(|ip| self.blocks(IpAddr::V4(ip))),
            IpAddr::V4(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_read_and_unknown_keys_refused() {
        let config = RuntimeConfig::parse("[outbound_pg]\nmax_connections = 16\n").unwrap();
        assert_eq!(config.outbound_pg.max_connections, Some(16));
        assert_eq!(config.outbound_redis.max_connections, None);
        assert!(RuntimeConfig::parse("[outbound_pg]\nmax_conections = 16\n").is_err());
        assert!(RuntimeConfig::parse("[key_value_store.x]\ntype = \"redis\"\n").is_err());
    }

    #[test]
    fn private_networks_are_blocked_in_every_notation() {
        let config =
            RuntimeConfig::parse("[outbound_networking]\nblock_networks = [\"private\"]\n");
        let blocked = config.unwrap().blocked_networks().unwrap();
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "::1",
            "::ffff:10.0.0.1",
        ] {
            assert!(blocked.blocks(ip.parse().unwrap()), "{ip}");
        }
        assert!(!blocked.blocks("93.184.216.34".parse().unwrap()));
    }
}
