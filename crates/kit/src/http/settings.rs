//! What the application's variables say of the door. Read once per instance.
//!
//! A variable that the component was not given turns its part off; one that is not understood is said in
//! the log, and what it would have loosened stays tight.

use std::cell::RefCell;
use std::rc::Rc;

use super::cors::Origins;
use super::limits::Policies;
use crate::variables;

/// More proxies than this stand before nobody.
const MOST_PROXIES: usize = 8;

/// The door's settings.
#[derive(Debug, Clone, Default)]
pub(super) struct Settings {
    /// `rate_limits`
    pub(super) limits: Policies,
    /// `cors_origins`
    pub(super) origins: Origins,
    /// `trusted_proxies`: how many proxies of ours a request has come through.
    pub(super) proxies: usize,
    /// `log_requests`
    pub(super) log: bool,
    /// `public_url` is one of https.
    pub(super) https: bool,
}

thread_local! {
    static KNOWN: RefCell<Option<Rc<Settings>>> = const { RefCell::new(None) };
}

/// The settings of this instance.
pub(super) async fn current() -> Rc<Settings> {
    if let Some(known) = KNOWN.with_borrow(Clone::clone) {
        return known;
    }
    let settings = Rc::new(Settings {
        limits: read("rate_limits", Policies::parse, Policies::default()).await,
        origins: read("cors_origins", Origins::parse, Origins::default()).await,
        proxies: read("trusted_proxies", proxies, 0).await,
        log: read("log_requests", switch, false).await,
        https: read("public_url", |url| Some(is_https(url)), false).await,
    });
    KNOWN.set(Some(Rc::clone(&settings)));
    settings
}

async fn read<T>(name: &'static str, parse: fn(&str) -> Option<T>, absent: T) -> T {
    let Ok(value) = variables::get(name).await else {
        return absent;
    };
    parse(value.trim()).unwrap_or_else(|| {
        eprintln!("internal: the variable {name} is not understood");
        // The strictest that can be said without knowing what was meant.
        if name == "rate_limits" {
            parse(Policies::USUAL).unwrap_or(absent)
        } else {
            absent
        }
    })
}

fn proxies(text: &str) -> Option<usize> {
    if text.is_empty() {
        return Some(0);
    }
    text.parse().ok().filter(|n| *n <= MOST_PROXIES)
}

fn switch(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" | "" => Some(false),
        _ => None,
    }
}

fn is_https(url: &str) -> bool {
    url.get(..8)
        .is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_are_a_small_number() {
        assert_eq!(proxies("2"), Some(2));
        assert_eq!(proxies(""), Some(0));
        for text in ["-1", "9", "all", "1.0"] {
            assert_eq!(proxies(text), None, "{text}");
        }
    }

    #[test]
    fn a_url_is_of_https_by_its_scheme_alone() {
        assert!(is_https("https://shop.example") && is_https("HTTPS://shop.example"));
        assert!(!is_https("http://https://") && !is_https("https:/") && !is_https(""));
    }
}
