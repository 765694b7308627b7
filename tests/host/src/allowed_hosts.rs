//! `allowed_outbound_hosts`: what a component may connect to.
//!
//! An entry is `scheme://host[:port]`. Each part may be `*`, a host may start with `*.` or be a
//! network in CIDR notation, a port may be a range `from..to` that does not include `to`.

use anyhow::{Context, Result, bail, ensure};
use ip_network::IpNetwork;
use url::{Host, Url};

use crate::template::Template;
use crate::variables::AppVariables;

/// The suffix of the names under which components of one application call each other.
const CHAINING_SUFFIX: &str = ".spin.internal";

/// The list of one component, with its templates filled.
#[derive(Debug, Default, Clone)]
pub struct AllowedHosts(Vec<Entry>);

#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// None allows every scheme.
    scheme: Option<String>,
    host: HostRule,
    port: PortRule,
}

#[derive(Debug, Clone, PartialEq)]
enum HostRule {
    Any,
    /// A suffix with its leading dot.
    Subdomain(String),
    /// `self`, which names no host at all.
    ToSelf,
    Exact(Host),
    Network(IpNetwork),
}

#[derive(Debug, Clone, PartialEq)]
enum PortRule {
    Any,
    One(u16),
    Range(std::ops::Range<u16>),
}

impl AllowedHosts {
    pub fn parse(entries: &[String], variables: &AppVariables) -> Result<Self> {
        let mut allowed = Vec::new();
        for entry in entries {
            let filled = variables.fill(entry)?;
            // A variable may be empty when the endpoint behind it is optional.
            let optional = !Template::parse(entry)?.is_literal();
            if optional && matches!(filled.as_str(), "" | "http://" | "https://") {
                continue;
            }
            let parsed = Entry::parse(&filled)
                .with_context(|| format!("allowed_outbound_hosts: {filled:?}"))?;
            allowed.push(parsed);
        }
        Ok(Self(allowed))
    }

    /// Whether a connection to `url` is allowed. What has no scheme gets `scheme`; what is not a
    /// URL is not allowed.
    pub fn allows(&self, url: &str, scheme: &str) -> bool {
        let Some(target) = Target::parse(url, scheme) else {
            return false;
        };
        self.0.iter().any(|entry| entry.allows(&target))
    }
}

impl Entry {
    fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let (scheme, rest) = text
            .split_once("://")
            .context("an entry has the form scheme://host[:port], with * for any of them")?;
        let (host, port) = split_port(rest)?;
        ensure!(
            scheme == "*" || scheme.chars().all(char::is_alphabetic) && !scheme.is_empty(),
            "the scheme {scheme:?} is neither a word nor *"
        );
        Ok(Self {
            scheme: (scheme != "*").then(|| scheme.to_owned()),
            host: HostRule::parse(host)?,
            port: PortRule::parse(port, scheme)?,
        })
    }

    fn allows(&self, target: &Target) -> bool {
        self.scheme.as_ref().is_none_or(|s| *s == target.scheme)
            && self.host.allows(&target.host)
            && self.port.allows(target.port)
    }
}

/// Splits `host[:port]`, where the host may be an IPv6 address and a slash may follow.
fn split_port(rest: &str) -> Result<(&str, &str)> {
    let (host, port) = match rest.rsplit_once(':') {
        None => (rest, ""),
        Some(_) if HostRule::parse(rest).is_ok() => (rest, ""),
        Some(split) => split,
    };
    let port = match port.split_once('/') {
        None => port,
        Some((port, "")) => port,
        Some(_) => bail!("an entry has no path"),
    };
    Ok((host, port))
}

impl HostRule {
    fn parse(host: &str) -> Result<Self> {
        let host = host.trim();
        if host == "*" {
            return Ok(Self::Any);
        }
        if host == "self" || host == "self.alt" {
            return Ok(Self::ToSelf);
        }
        if let Ok(network) = IpNetwork::from_str_truncate(host) {
            return Ok(Self::Network(network));
        }
        let host = host.strip_suffix('/').unwrap_or(host);
        ensure!(!host.contains('/'), "an entry has no path");
        ensure!(!host.starts_with('{'), "lists of hosts are not supported");
        if let Some(domain) = host.strip_prefix("*.") {
            ensure!(!domain.contains('*'), "a * may only stand first");
            return match Host::parse(domain)? {
                Host::Domain(domain) => Ok(Self::Subdomain(format!(".{domain}"))),
                _ => bail!("what follows *. must be a domain"),
            };
        }
        ensure!(!host.contains('*'), "a * may only stand first");
        Ok(Self::Exact(
            Host::parse(host).with_context(|| format!("{host:?} is not a host"))?,
        ))
    }

    fn allows(&self, host: &Host) -> bool {
        match (self, host) {
            (Self::Any, _) => true,
            (Self::Subdomain(suffix), Host::Domain(domain)) => domain.ends_with(suffix),
            (Self::Exact(exact), host) => exact == host,
            (Self::Network(network), Host::Ipv4(ip)) => network.contains(*ip),
            (Self::Network(network), Host::Ipv6(ip)) => network.contains(*ip),
            _ => false,
        }
    }
}

impl PortRule {
    fn parse(port: &str, scheme: &str) -> Result<Self> {
        let number = |port: &str| {
            port.parse::<u16>()
                .with_context(|| format!("{port:?} is not a port"))
        };
        if port.is_empty() {
            let known = well_known_port(scheme)
                .with_context(|| format!("no port, and {scheme:?} has no well-known one"))?;
            return Ok(Self::One(known));
        }
        if port == "*" {
            return Ok(Self::Any);
        }
        if let Some((from, to)) = port.split_once("..") {
            return Ok(Self::Range(number(from)?..number(to)?));
        }
        Ok(Self::One(number(port)?))
    }

    fn allows(&self, port: Option<u16>) -> bool {
        match (self, port) {
            (Self::Any, _) => true,
            (Self::One(one), Some(port)) => *one == port,
            (Self::Range(range), Some(port)) => range.contains(&port),
            (_, None) => false,
        }
    }
}

fn well_known_port(scheme: &str) -> Option<u16> {
    match scheme {
        "postgres" => Some(5432),
        "mysql" => Some(3306),
        "redis" => Some(6379),
        "mqtt" => Some(1883),
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Where a connection would go.
struct Target {
    scheme: String,
    host: Host,
    port: Option<u16>,
}

impl Target {
    fn parse(url: &str, scheme: &str) -> Option<Self> {
        let parsed = match Url::parse(url) {
            Ok(parsed) if parsed.has_host() => parsed,
            // `localhost:5432` parses as a URL of the scheme `localhost`.
            _ => Url::parse(&format!("{scheme}://{url}")).ok()?,
        };
        Some(Self {
            host: Host::parse(parsed.host_str()?).ok()?,
            port: parsed.port().or_else(|| well_known_port(parsed.scheme())),
            scheme: parsed.scheme().to_owned(),
        })
    }
}

/// The component that `http://<component>.spin.internal` means.
pub fn chaining_target(host: &str) -> Option<&str> {
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    let component = host.strip_suffix(CHAINING_SUFFIX)?;
    (!component.contains('.')).then_some(component)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(entries: &[&str]) -> AllowedHosts {
        let entries: Vec<_> = entries.iter().map(|e| (*e).to_owned()).collect();
        AllowedHosts::parse(&entries, &AppVariables::default()).unwrap()
    }

    #[test]
    fn scheme_host_and_port_all_have_to_match() {
        let hosts = allowed(&["postgres://127.0.0.1:5433"]);
        assert!(hosts.allows("127.0.0.1:5433", "postgres"));
        assert!(!hosts.allows("127.0.0.1:5432", "postgres"));
        assert!(!hosts.allows("127.0.0.2:5433", "postgres"));
        assert!(!hosts.allows("127.0.0.1:5433", "redis"));
        assert!(!allowed(&[]).allows("127.0.0.1:5433", "postgres"));
    }

    #[test]
    fn a_missing_port_is_the_well_known_one() {
        assert!(allowed(&["redis://localhost"]).allows("redis://localhost:6379/?a=1", "redis"));
        assert!(allowed(&["redis://localhost:6379"]).allows("redis://localhost", "redis"));
        assert!(allowed(&["https://a.example"]).allows("https://a.example/path", "https"));
        assert!(!allowed(&["https://a.example"]).allows("http://a.example/", "https"));
    }

    #[test]
    fn stars_stand_for_any_scheme_host_or_port() {
        assert!(allowed(&["*://*:*"]).allows("gopher://x.example:70", "http"));
        assert!(allowed(&["redis://*:*"]).allows("redis://10.0.0.1:7000", "redis"));
        assert!(allowed(&["redis://localhost:*"]).allows("redis://localhost:7000", "redis"));
        let subdomains = allowed(&["https://*.example.com"]);
        assert!(subdomains.allows("https://a.example.com", "https"));
        assert!(!subdomains.allows("https://example.com", "https"));
        assert!(!subdomains.allows("https://badexample.com", "https"));
    }

    #[test]
    fn networks_and_port_ranges_are_understood() {
        let hosts = allowed(&["http://10.0.0.0/8:8000..8002"]);
        assert!(hosts.allows("http://10.9.8.7:8001", "http"));
        assert!(!hosts.allows("http://10.9.8.7:8002", "http"));
        assert!(!hosts.allows("http://11.9.8.7:8001", "http"));
        assert!(allowed(&["http://[::1]:8000"]).allows("http://[::1]:8000/x", "http"));
    }

    #[test]
    fn credentials_are_no_part_of_the_host() {
        let hosts = allowed(&["redis://cache:6379"]);
        assert!(hosts.allows("redis://user:pass@cache:6379/", "redis"));
        assert!(!hosts.allows("redis://cache:6379@evil:6379", "redis"));
        assert!(!hosts.allows("redis://evil?@cache:6379", "redis"));
        assert!(allowed(&["https://a.b"]).allows("https://a.b/x@0.1.0.json", "https"));
    }

    #[test]
    fn templates_are_filled_and_empty_ones_skipped() {
        let variable = |default: &str| crate::manifest::Variable {
            default: Some(default.to_owned()),
            ..Default::default()
        };
        let declared = std::collections::BTreeMap::from([
            ("db".to_owned(), variable("db.internal:5555")),
            ("none".to_owned(), variable("")),
        ]);
        let variables = AppVariables::resolve(&declared, |_| None).unwrap();
        let entries = ["postgres://{{ db }}".to_owned(), "{{ none }}".to_owned()];
        let hosts = AllowedHosts::parse(&entries, &variables).unwrap();
        assert!(hosts.allows("db.internal:5555", "postgres"));
        assert_eq!(hosts.0.len(), 1);
    }

    #[test]
    fn what_is_no_entry_is_refused() {
        for entry in [
            "*",
            "localhost:80",
            "http://a/path",
            "ftp://a",
            "http://a:x",
            "http://a.*",
        ] {
            let entries = [entry.to_owned()];
            assert!(
                AllowedHosts::parse(&entries, &AppVariables::default()).is_err(),
                "{entry}"
            );
        }
    }

    #[test]
    fn chaining_names_one_component() {
        assert_eq!(chaining_target("order.spin.internal"), Some("order"));
        assert_eq!(chaining_target("order.spin.internal:80"), Some("order"));
        assert_eq!(chaining_target("a.b.spin.internal"), None);
        assert_eq!(chaining_target("example.com"), None);
    }
}
