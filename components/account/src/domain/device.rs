//! What a client signs in with, in short: which program on which system, and from which kind of network.
//! Versions change too often to tell a device by them.

use std::net::IpAddr;

/// Most characters of a name.
const MAX_CHARS: usize = 60;

/// By a mark in the user agent; the first that is there counts, since browsers name others too.
const PROGRAMS: &[(&str, &str)] = &[
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];
const SYSTEMS: &[(&str, &str)] = &[
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// A user agent in short, such as `Firefox on Windows`.
#[must_use]
pub fn name(user_agent: &str) -> String {
    let marked = |marks: &'static [(&str, &str)]| {
        marks
            .iter()
            .find(|(mark, _)| user_agent.contains(mark))
            .map(|(_, name)| *name)
    };
    let program = marked(PROGRAMS).map_or_else(|| product(user_agent), str::to_owned);
    match (program.is_empty(), marked(SYSTEMS)) {
        (true, None) => "an unknown program".to_owned(),
        (true, Some(system)) => format!("an unknown program on {system}"),
        (false, None) => program,
        (false, Some(system)) => format!("{program} on {system}"),
    }
}

/// The first product of a user agent, without its version. The owner reads it in a letter: nothing but
/// letters, digits and a little between them.
fn product(user_agent: &str) -> String {
    user_agent
        .split(['/', ' ', '('])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(MAX_CHARS)
        .collect()
}

/// The kind of network of an address: `ipv4`, `ipv6` or, when it is not known, `none`.
#[must_use]
pub fn network(address: &str) -> &'static str {
    match address.parse::<IpAddr>().map(|a| a.to_canonical()) {
        Ok(IpAddr::V4(_)) => "ipv4",
        Ok(IpAddr::V6(_)) => "ipv6",
        Err(_) => "none",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_told_by_what_they_are_and_not_by_whom_they_imitate() {
        for (agent, expected) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0",
                "Edge on Windows",
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0",
                "Firefox on Linux",
            ),
            (
                "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
                "Chrome on Android",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Mobile/15E148 Safari/604.1",
                "Safari on iPhone",
            ),
            ("curl/8.5.0", "curl"),
            ("", "an unknown program"),
            ("<b>evil</b> text", "bevil"),
        ] {
            assert_eq!(name(agent), expected);
        }
        assert!(name(&"x".repeat(256)).len() <= MAX_CHARS);
    }

    #[test]
    fn an_update_makes_no_new_device() {
        let agent = |version: u8| format!("Mozilla/5.0 (X11; Linux x86_64) Firefox/{version}.0");
        assert_eq!(name(&agent(120)), name(&agent(121)));
    }

    #[test]
    fn networks_are_told_by_family() {
        assert_eq!(network("127.0.0.1"), "ipv4");
        assert_eq!(network("::ffff:10.0.0.1"), "ipv4");
        assert_eq!(network("2001:db8::1"), "ipv6");
        assert_eq!(network(""), "none");
    }
}
