//! Which limit a request is under.

use http::Method;

/// Kinds of requests that are counted apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Safe methods.
    Read,
    /// The others.
    Write,
    /// Where secrets are tried, or letters sent to strangers.
    Auth,
}

/// Everything below these that is not safe is [`Class::Auth`]. Refreshing is not: nobody guesses 32 random
/// bytes, and everybody behind one address does it every few minutes.
const AUTH: [&str; 12] = [
    "/v1/accounts",
    "/v1/sessions",
    "/v1/password-resets",
    "/v1/verifications",
    "/v1/me/verifications",
    "/v1/me/password",
    "/v1/me/totp",
    "/v1/me/email",
    "/v1/me/phone",
    "/v1/me/api-keys",
    "/v1/oidc",
    "/v1/api-keys",
];
const REFRESH: &str = "/v1/sessions/refresh";
/// Deleting it, which takes the password, is [`Class::Auth`] too; nothing else that is done to it is.
const ME: &str = "/v1/me";
/// Providers report from few addresses, many payments at a time: `/v1/payment-providers/{provider}/webhooks`.
const REPORTS: [&str; 2] = ["/v1/payment-providers/", "webhooks"];
/// Whoever looks after the processes is not kept from it. What is below it costs a round trip, and is
/// [`Class::Read`].
const HEALTH: &str = "/healthz";

impl Class {
    /// `None` for what is not limited.
    pub(super) fn of(method: &Method, path: &str) -> Option<Self> {
        let below = |root: &str| {
            path.strip_prefix(root)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let tries_secrets = AUTH.into_iter().any(below) || (method == Method::DELETE && path == ME);
        if path == HEALTH {
            None
        } else if method.is_safe() || is_report(path) {
            Some(Self::Read)
        } else if tries_secrets && !below(REFRESH) {
            Some(Self::Auth)
        } else {
            Some(Self::Write)
        }
    }

    /// As policies and answers call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Auth => "auth",
        }
    }
}

fn is_report(path: &str) -> bool {
    let [root, leaf] = REPORTS;
    path.strip_prefix(root)
        .and_then(|rest| rest.split_once('/'))
        .is_some_and(|(provider, rest)| !provider.is_empty() && rest == leaf)
}

/// A bucket of `quota` tokens that fills in `window_s` seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Policy {
    pub(super) quota: u32,
    pub(super) window_s: u32,
}

impl Policy {
    pub(super) fn window_ms(self) -> u64 {
        u64::from(self.window_s).saturating_mul(1_000)
    }

    /// How many tokens an instance takes at once: few enough that what lies in the memory of all instances
    /// is a small part of the quota, and one where the quota is small.
    pub(super) fn lot(self) -> u32 {
        (self.quota / 200).clamp(1, 16)
    }
}

/// The limit of each class, where there is one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Policies {
    read: Option<Policy>,
    write: Option<Policy>,
    auth: Option<Policy>,
}

impl Policies {
    /// What the manifest says unless somebody says otherwise.
    pub(crate) const USUAL: &str = "read=6000/60,write=600/60,auth=60/60";

    /// Reads `rate_limits`: `class=quota/seconds` with commas between, or `off`. A class that is not named
    /// has no limit.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut policies = Self::default();
        if matches!(text, "" | "off") {
            return Some(policies);
        }
        for part in text.split(',') {
            let (class, policy) = part.trim().split_once('=')?;
            let (quota, window) = policy.split_once('/')?;
            let policy = Policy {
                quota: quota.trim().parse().ok().filter(|n| *n > 0)?,
                window_s: window
                    .trim()
                    .parse()
                    .ok()
                    .filter(|n| (1..=86_400).contains(n))?,
            };
            let slot = match class.trim() {
                "read" => &mut policies.read,
                "write" => &mut policies.write,
                "auth" => &mut policies.auth,
                _ => return None,
            };
            *slot = Some(policy);
        }
        Some(policies)
    }

    pub(super) fn of(self, class: Class) -> Option<Policy> {
        match class {
            Class::Read => self.read,
            Class::Write => self.write,
            Class::Auth => self.auth,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_policies_can_be_read_and_what_is_none_cannot() {
        let usual = Policies::parse(Policies::USUAL).expect("policies");
        assert_eq!(
            usual.of(Class::Auth),
            Some(Policy {
                quota: 60,
                window_s: 60
            })
        );
        assert_eq!(Policies::parse("off"), Some(Policies::default()));
        for text in [
            "on",
            "read=0/60",
            "read=10/0",
            "read=10",
            "login=1/1",
            "read=-1/60",
            "read=1/1,",
        ] {
            assert_eq!(Policies::parse(text), None, "{text}");
        }
    }

    #[test]
    fn lots_are_a_small_part_of_the_quota() {
        let lot = |quota| {
            Policy {
                quota,
                window_s: 60,
            }
            .lot()
        };
        assert_eq!(
            (lot(1), lot(30), lot(600), lot(6_000), lot(u32::MAX)),
            (1, 1, 3, 16, 16)
        );
    }

    #[test]
    fn what_tries_secrets_is_counted_apart() {
        let class = |method: Method, path| Class::of(&method, path);
        assert_eq!(class(Method::POST, "/v1/sessions"), Some(Class::Auth));
        assert_eq!(class(Method::POST, "/v1/accounts"), Some(Class::Auth));
        assert_eq!(class(Method::DELETE, "/v1/me/totp"), Some(Class::Auth));
        assert_eq!(
            class(Method::POST, "/v1/sessions/refresh"),
            Some(Class::Write)
        );
        assert_eq!(
            class(Method::GET, "/v1/accounts/x/roles"),
            Some(Class::Read)
        );
        assert_eq!(class(Method::POST, "/v1/accountsx"), Some(Class::Write));
        assert_eq!(class(Method::DELETE, "/v1/me"), Some(Class::Auth));
        assert_eq!(class(Method::PATCH, "/v1/me"), Some(Class::Write));
    }

    #[test]
    fn what_providers_report_is_counted_as_reading_and_nothing_else_of_theirs() {
        let class = |path| Class::of(&Method::POST, path);
        for (path, expected) in [
            ("/v1/payment-providers/stripe/webhooks", Class::Read),
            ("/v1/payment-providers/stripe", Class::Write),
            ("/v1/payment-providers//webhooks", Class::Write),
            ("/v1/payment-providers/webhooks", Class::Write),
            ("/v1/payment-providers/stripe/webhooks/x", Class::Write),
        ] {
            assert_eq!(class(path), Some(expected), "{path}");
        }
    }

    #[test]
    fn health_itself_is_not_counted_and_what_is_below_it_is() {
        let class = |path| Class::of(&Method::GET, path);
        assert_eq!(class("/healthz"), None);
        assert_eq!(class("/healthz/worker"), Some(Class::Read));
        assert_eq!(class("/healthz/"), Some(Class::Read));
    }

    /// `(method, path, tag)` of every operation.
    fn operations() -> Vec<(Method, String, String)> {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
        let text = std::fs::read_to_string(file).expect("the document");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let paths = document["paths"].as_object().expect("paths");
        let of_path = |(path, item): (&String, &serde_json::Value)| {
            let item = item.as_object().expect("an item").clone();
            let path = path.clone();
            item.into_iter().filter_map(move |(method, operation)| {
                let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
                let tag = operation["tags"][0].as_str()?.to_owned();
                Some((method, path.clone(), tag))
            })
        };
        paths.iter().flat_map(of_path).collect()
    }

    #[test]
    fn every_path_that_is_named_here_is_there() {
        let operations = operations();
        let changes = |root: &str| {
            operations.iter().any(|(method, path, _)| {
                !method.is_safe()
                    && path
                        .strip_prefix(root)
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
        };
        for root in AUTH {
            assert!(changes(root), "{root}");
        }
        let there = |method: Method, path: &str| {
            operations.iter().any(|(m, p, _)| *m == method && p == path)
        };
        assert!(there(Method::POST, REFRESH) && there(Method::DELETE, ME));
        assert!(there(Method::GET, HEALTH));
        let reports = REPORTS.join("{provider}/");
        assert!(there(Method::POST, &reports) && is_report(&reports));
    }

    /// What of `account` tries no secret and sends no letter. A new operation of it is one or the other,
    /// and has to be named here or above.
    const PLAIN: [(Method, &str); 14] = [
        (Method::PATCH, "/v1/me"),
        (Method::POST, "/v1/me/contacts"),
        (Method::PATCH, "/v1/me/contacts/{id}"),
        (Method::DELETE, "/v1/me/contacts/{id}"),
        (Method::PUT, "/v1/me/devices"),
        (Method::DELETE, "/v1/me/devices/{id}"),
        (Method::POST, "/v1/me/export"),
        (Method::PUT, "/v1/me/favorites/{product_id}"),
        (Method::DELETE, "/v1/me/favorites/{product_id}"),
        (Method::PUT, "/v1/me/following/{account_id}"),
        (Method::DELETE, "/v1/me/following/{account_id}"),
        (Method::DELETE, "/v1/me/identities/{id}"),
        (Method::PUT, "/v1/me/notification-preferences"),
        (Method::POST, REFRESH),
    ];

    #[test]
    fn whatever_of_an_account_is_not_plain_is_counted_apart() {
        for (method, path, tag) in operations() {
            if method.is_safe() {
                continue;
            }
            let plain = tag != "account" || PLAIN.contains(&(method.clone(), path.as_str()));
            let apart = Class::of(&method, &path) == Some(Class::Auth);
            assert_ne!(plain, apart, "{method} {path}");
        }
    }
}
