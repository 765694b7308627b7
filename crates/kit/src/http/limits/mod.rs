//! How often somebody may ask: token buckets in Redis, taken from in lots. Why so, and what it costs:
//! `docs/decisions/0010-rate-limits.md`.
//!
//! Without Redis everything goes on; what must be counted all the same, failed logins, is counted in
//! Postgres by the module that owns it.

mod policy;
mod purse;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Instant;

use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde_json::json;
use uuid::Uuid;

pub(super) use policy::{Class, Policies, Policy};
use purse::{Purse, Spend};

use super::client;
use crate::Error;
use crate::redis::{Away, PAUSE, eval, number, numbers};

/// The script; tests run it as it is.
pub const TAKE: &str = include_str!("take.lua");

/// Whoever has neither account nor address: all of them together.
const UNKNOWN: &str = "unknown";

/// Purses of more actors than this are not kept.
const MOST_PURSES: usize = 4_096;

thread_local! {
    static PURSES: RefCell<HashMap<String, Purse>> = RefCell::default();
    static SAID: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// What a bucket was last seen to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Level {
    /// Tokens that may still be taken.
    pub(super) left: u32,
    /// Milliseconds until it is full.
    pub(super) full_in_ms: u64,
}

/// Whether a request may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may; the level is unknown while Redis is away.
    Go(Option<Level>),
    /// Not for so many milliseconds.
    Wait { ms: u64, level: Level },
}

/// One request against its limit.
#[derive(Debug, Clone)]
pub(super) struct Limit {
    pub(super) class: Class,
    policy: Policy,
    key: String,
}

impl Limit {
    /// The limit that a request is under, if there is one.
    pub(super) fn of(
        policies: &Policies,
        method: &Method,
        path: &str,
        account: Option<Uuid>,
        client: Option<IpAddr>,
    ) -> Option<Self> {
        let class = Class::of(method, path)?;
        let policy = policies.of(class)?;
        // Whoever tries passwords is not told apart by what they have signed in as.
        let actor = match (account, client) {
            (Some(account), _) if class != Class::Auth => account.simple().to_string(),
            (_, Some(address)) => client::group(address),
            (Some(account), None) => account.simple().to_string(),
            // The host always says; should it ever not, that opens nothing to anybody.
            (None, None) => UNKNOWN.to_owned(),
        };
        Some(Self {
            class,
            policy,
            key: format!("stoa:rate:{}:{actor}", class.name()),
        })
    }

    /// A token from memory, or word that there is none to be had yet; `None` when Redis has to be asked.
    pub(super) fn at_hand(&self) -> Option<Verdict> {
        match self.with_purse(|purse| purse.spend(Instant::now())) {
            Spend::Decided(verdict) => Some(verdict),
            Spend::Ask => None,
        }
    }

    /// Takes a token. One round trip at most, and none when there is one in memory.
    pub(super) async fn take(&self) -> Verdict {
        if let Some(verdict) = self.at_hand() {
            return verdict;
        }
        let lot = self.with_purse(|purse| purse.asks(self.policy.lot()));
        let answer = self.ask(lot).await;
        self.with_purse(|purse| purse.answered(Instant::now(), answer))
    }

    async fn ask(&self, lot: u32) -> Option<Taken> {
        let arguments = [
            number(self.policy.window_ms()),
            number(self.policy.quota),
            number(lot),
        ];
        let answer = match eval(TAKE, [self.key.as_str()], arguments).await {
            Ok(answer) => answer,
            Err(away) => {
                say(&away);
                return None;
            }
        };
        taken(&numbers(&answer)?)
    }

    fn with_purse<T>(&self, act: impl FnOnce(&mut Purse) -> T) -> T {
        PURSES.with_borrow_mut(|all| {
            if all.len() > MOST_PURSES {
                all.clear();
            }
            act(all.entry(self.key.clone()).or_default())
        })
    }

    /// The problem of a request that may not go.
    pub(super) fn refusal(&self, ms: u64) -> Error {
        Error::problem_with(
            "rate_limited",
            json!({"retry_after": seconds(ms).max(1), "policy": self.class.name()}),
        )
    }

    /// Says it in the words of draft-ietf-httpapi-ratelimit-headers.
    pub(super) fn describe(&self, verdict: Verdict, headers: &mut HeaderMap) {
        let name = self.class.name();
        let policy = format!(
            "\"{name}\";q={};w={}",
            self.policy.quota, self.policy.window_s
        );
        let level = match verdict {
            Verdict::Go(level) => level,
            Verdict::Wait { level, .. } => Some(level),
        };
        let now = level.map(|level| {
            format!(
                "\"{name}\";r={};t={}",
                level.left,
                seconds(level.full_in_ms)
            )
        });
        for (header, value) in [("ratelimit-policy", Some(policy)), ("ratelimit", now)] {
            if let Some(value) = value.and_then(|v| HeaderValue::try_from(v).ok()) {
                headers.insert(HeaderName::from_static(header), value);
            }
        }
    }
}

/// What the script answered.
#[derive(Debug, Clone, Copy)]
struct Taken {
    taken: u32,
    level: Level,
    wait_ms: u64,
}

/// Once for each pause in which Redis is left alone, not with every request.
fn say(away: &Away) {
    let now = Instant::now();
    let said = SAID
        .get()
        .is_some_and(|at| now.saturating_duration_since(at) < PAUSE);
    if !said {
        SAID.set(Some(now));
        eprintln!("limits: nobody is counted for now: {:?}", away.to_string());
    }
}

/// Reads what the script answers.
fn taken(answer: &[i64]) -> Option<Taken> {
    let [taken, left, full_in_ms, wait_ms] = *answer else {
        return None;
    };
    let small = |n: i64| u32::try_from(n.max(0)).unwrap_or(u32::MAX);
    let large = |n: i64| u64::try_from(n).unwrap_or_default();
    Some(Taken {
        taken: small(taken),
        level: Level {
            left: small(left),
            full_in_ms: large(full_in_ms),
        },
        wait_ms: large(wait_ms),
    })
}

fn seconds(ms: u64) -> u64 {
    ms.div_ceil(1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(method: &Method, path: &str, account: Option<Uuid>) -> Option<Limit> {
        let policies = Policies::parse("read=10/60,write=5/60,auth=2/60").expect("policies");
        let client = Some("192.0.2.7".parse().expect("an address"));
        Limit::of(&policies, method, path, account, client)
    }

    #[test]
    fn an_account_is_one_wherever_it_is_and_a_stranger_is_their_address() {
        let account = Uuid::from_u128(7);
        let key = |method, path, account| limit(method, path, account).expect("a limit").key;
        assert_eq!(
            key(&Method::GET, "/v1/products", Some(account)),
            format!("stoa:rate:read:{}", account.simple())
        );
        assert_eq!(
            key(&Method::POST, "/v1/checkouts", None),
            "stoa:rate:write:192.0.2.7"
        );
        assert_eq!(
            key(&Method::POST, "/v1/sessions", Some(account)),
            "stoa:rate:auth:192.0.2.7"
        );
    }

    #[test]
    fn who_has_no_address_is_counted_all_the_same() {
        let policies = Policies::parse(Policies::USUAL).expect("policies");
        for (method, path) in [
            (Method::GET, "/v1/products"),
            (Method::POST, "/v1/sessions"),
        ] {
            let limit = Limit::of(&policies, &method, path, None, None).expect("a limit");
            assert!(limit.key.ends_with(":unknown"), "{}", limit.key);
        }
    }

    #[test]
    fn an_answer_of_another_shape_is_none() {
        let taken = |answer: &[i64]| taken(answer).map(|t| (t.taken, t.level.left, t.wait_ms));
        assert_eq!(taken(&[3, 7, 1_000, 0]), Some((3, 7, 0)));
        assert_eq!(taken(&[0, -1, 0, 400]), Some((0, 0, 400)));
        assert_eq!(taken(&[3, 7, 1_000]), None);
        assert_eq!(taken(&[3, 7, 1_000, 0, 0]), None);
    }

    #[test]
    fn it_is_described_as_structured_fields() {
        let limit = limit(&Method::GET, "/v1/products", None).expect("a limit");
        let mut headers = HeaderMap::new();
        let level = Level {
            left: 7,
            full_in_ms: 17_001,
        };
        limit.describe(Verdict::Go(Some(level)), &mut headers);
        assert_eq!(headers["ratelimit-policy"], "\"read\";q=10;w=60");
        assert_eq!(headers["ratelimit"], "\"read\";r=7;t=18");
        let mut headers = HeaderMap::new();
        limit.describe(Verdict::Go(None), &mut headers);
        assert!(!headers.contains_key("ratelimit"));
    }
}
