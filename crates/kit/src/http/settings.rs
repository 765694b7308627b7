//! What the application's variables say of the door. Read once per instance.
//!
//! A variable that the component was not given turns its part off. One that is not understood, or that the
//! host does not tell, is said in the log, and what it would have loosened stays tight; in the latter case
//! the next request asks again.

use std::cell::RefCell;
use std::rc::Rc;

use super::cors::Origins;
use super::limits::Policies;
use crate::{Result, variables};

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
    let mut reading = Reading { whole: true };
    let settings = Settings {
        limits: reading
            .read("rate_limits", Policies::parse, limits_unless_said)
            .await,
        origins: reading
            .read("cors_origins", Origins::parse, |_| Origins::default())
            .await,
        proxies: reading.read("trusted_proxies", proxies, |_| 0).await,
        log: reading.read("log_requests", switch, |_| false).await,
        https: reading
            .read("public_url", |url| Some(is_https(url)), |_| false)
            .await,
    };
    let settings = Rc::new(settings);
    if reading.whole {
        KNOWN.set(Some(Rc::clone(&settings)));
    }
    settings
}

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// The component was not given the variable.
    Absent,
    /// Nobody knows what was meant.
    Unclear,
}

/// Without knowing what was meant, the strictest that can be said.
fn limits_unless_said(missing: Missing) -> Policies {
    match missing {
        Missing::Absent => Policies::default(),
        Missing::Unclear => Policies::parse(Policies::USUAL).unwrap_or_default(),
    }
}

struct Reading {
    /// Whether the host has told all that it was asked.
    whole: bool,
}

impl Reading {
    async fn read<T>(
        &mut self,
        name: &'static str,
        parse: fn(&str) -> Option<T>,
        otherwise: fn(Missing) -> T,
    ) -> T {
        self.take(name, variables::find(name).await, parse, otherwise)
    }

    fn take<T>(
        &mut self,
        name: &str,
        found: Result<Option<String>>,
        parse: fn(&str) -> Option<T>,
        otherwise: fn(Missing) -> T,
    ) -> T {
        match found {
            Ok(None) => otherwise(Missing::Absent),
            Ok(Some(value)) => parse(value.trim()).unwrap_or_else(|| {
                eprintln!("internal: the variable {name} is not understood");
                otherwise(Missing::Unclear)
            }),
            Err(error) => {
                eprintln!("{:?}", error.to_string());
                self.whole = false;
                otherwise(Missing::Unclear)
            }
        }
    }
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
    fn limits_are_off_where_nobody_wants_them_and_on_where_nobody_knows() {
        let mut reading = Reading { whole: true };
        let mut limits =
            |found| reading.take("rate_limits", found, Policies::parse, limits_unless_said);
        let usual = Policies::parse(Policies::USUAL).expect("policies");
        assert_eq!(limits(Ok(None)), Policies::default());
        assert_eq!(limits(Ok(Some("off".into()))), Policies::default());
        assert_eq!(limits(Ok(Some("of".into()))), usual);
        assert!(reading.whole, "these are kept");
        let away = Err(crate::Error::internal("the host does not say"));
        let limits = reading.take("rate_limits", away, Policies::parse, limits_unless_said);
        assert_eq!(limits, usual);
        assert!(!reading.whole, "this is asked again");
    }

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
