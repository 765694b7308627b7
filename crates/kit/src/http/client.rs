//! Where a request comes from.
//!
//! The host says who connected, in `spin-client-addr`. `x-forwarded-for` is what anybody may send: of
//! it only what proxies of ours have written counts, and `trusted_proxies` says how many they are.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

/// The client's address, if there is one to be known.
pub(super) fn address(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    let peer = headers
        .get_all("spin-client-addr")
        .iter()
        // A client may send the header too; the host puts its own behind.
        .next_back()
        .and_then(|v| v.to_str().ok())
        .and_then(parse);
    if proxies == 0 {
        return peer;
    }
    forwarded(headers, proxies).or(peer)
}

/// Each proxy adds at the end who connected to it, so that the client is as far from the end as there
/// are proxies. With fewer entries the request did not come through all of them.
fn forwarded(headers: &HeaderMap, proxies: usize) -> Option<IpAddr> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .rev()
        // Bytes: what the client wrote before it may be no text at all, and counts for nothing.
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .nth(proxies.checked_sub(1)?)
        .and_then(|entry| std::str::from_utf8(entry).ok())
        .and_then(parse)
}

fn parse(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    text.parse::<SocketAddr>()
        .map(|socket| socket.ip())
        .or_else(|_| text.parse())
        .ok()
        .map(|ip| ip.to_canonical())
}

/// Whom a limit counts for one: an IPv4 address, or the /64 of an IPv6 address, which is what one
/// customer of a provider has at the least.
#[must_use]
pub fn group(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn seen(lines: &[(&'static str, &'static str)], proxies: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_static(value),
            );
        }
        address(&headers, proxies).map(|ip| ip.to_string())
    }

    const PEER: (&str, &str) = ("spin-client-addr", "10.0.0.9:4711");

    #[test]
    fn without_proxies_nobody_can_say_that_they_are_another() {
        let forged = ("x-forwarded-for", "198.51.100.1");
        let first = ("spin-client-addr", "198.51.100.2:1");
        assert_eq!(seen(&[forged, first, PEER], 0).as_deref(), Some("10.0.0.9"));
    }

    #[test]
    fn behind_proxies_only_what_they_wrote_counts() {
        let lines = ("x-forwarded-for", "1.1.1.1, 203.0.113.7");
        assert_eq!(seen(&[lines, PEER], 1).as_deref(), Some("203.0.113.7"));
        let more = ("x-forwarded-for", "10.0.0.8");
        assert_eq!(
            seen(&[lines, more, PEER], 2).as_deref(),
            Some("203.0.113.7")
        );
        // It did not come through both.
        assert_eq!(seen(&[more, PEER], 2).as_deref(), Some("10.0.0.9"));
        assert_eq!(
            seen(&[("x-forwarded-for", "unknown"), PEER], 1).as_deref(),
            Some("10.0.0.9")
        );
    }

    #[test]
    fn rubbish_before_it_does_not_make_somebody_another() {
        let mut headers = HeaderMap::new();
        let mut append = |name: &'static str, value: &[u8]| {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(value).expect("a value"),
            );
        };
        append("spin-client-addr", b"10.0.0.9:1");
        append("x-forwarded-for", b"\xff\xfe");
        append("x-forwarded-for", b"caf\xc3\xa9, \xff, 203.0.113.7");
        let seen = |proxies| address(&headers, proxies).map(|ip| ip.to_string());
        assert_eq!(seen(1).as_deref(), Some("203.0.113.7"));
        // Where the one that counts is rubbish there is only who connected.
        assert_eq!(seen(2).as_deref(), Some("10.0.0.9"));
    }

    #[test]
    fn an_address_has_one_spelling() {
        assert_eq!(
            seen(&[("spin-client-addr", "[::ffff:10.0.0.9]:80")], 0).as_deref(),
            Some("10.0.0.9")
        );
        assert_eq!(seen(&[("spin-client-addr", "nonsense")], 0), None);
    }

    #[test]
    fn the_addresses_of_one_network_are_one() {
        let group = |text: &str| group(text.parse().expect("an address"));
        assert_eq!(group("2001:db8:1:2:3::4"), group("2001:db8:1:2:ffff::1"));
        assert_ne!(group("2001:db8:1:2::1"), group("2001:db8:1:3::1"));
        assert_ne!(group("192.0.2.1"), group("192.0.2.2"));
    }
}
