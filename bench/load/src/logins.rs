//! Product pages while people sign in.
//!
//! A password is hashed in `account`'s guest, on the thread of the host that runs it, and nothing interrupts a
//! guest that computes: for that time the thread is lost to everybody. What this costs those who look at
//! products is measured three times, by turns: alone; beside logins in the same process; and with the logins
//! in a process of their own, `account` served from the same manifest on the same Postgres and Redis.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use hdrhistogram::Histogram;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::bench::say;
use crate::load;
use crate::options::{Options, Scenario};
use crate::process::Process;
use crate::requests::{Draw, HttpRequest, Requests, with, write};
use crate::sample::Sample;
use crate::shop::Shop;
use crate::stage::{Hosted, Stage, Target, servers};
use crate::stats::{ratio, rounded};
use crate::table::aligned;

/// Logins a second.
const RATE: u32 = 10;
/// Fewer than this part of them were not that load.
const ENOUGH: f64 = 0.9;
/// What they may add to the p99 of product pages in the same process, in milliseconds.
const MOST_ADDED_MS: f64 = 60.0;
/// How many times as long that p99 may be while they are in another process.
const MOST_TIMES: f64 = 2.0;
/// How long after the end an answer still counts.
const LATE: Duration = Duration::from_millis(500);
/// Before anything counts.
const WARM_UP: Duration = Duration::from_secs(2);

/// Where people sign in meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Where {
    Nowhere,
    SameProcess,
    OwnProcess,
}

impl Where {
    const ALL: [Where; 3] = [Where::Nowhere, Where::SameProcess, Where::OwnProcess];

    fn name(self) -> &'static str {
        match self {
            Where::Nowhere => "alone",
            Where::SameProcess => "logins in one process",
            Where::OwnProcess => "account in its own",
        }
    }
}

/// Product pages in one of the three.
#[derive(Debug, Serialize)]
pub struct Pages {
    pub beside: &'static str,
    pub rps: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
    /// Per second; none while there are none.
    pub logins: Option<f64>,
    pub login_p50_ms: Option<f64>,
    pub login_p99_ms: Option<f64>,
    pub errors: u64,
    #[serde(skip)]
    first_error: Option<String>,
}

/// All three at one number of connections.
#[derive(Debug, Serialize)]
pub struct Neighbours {
    /// Whether product pages came from the cache.
    pub cached: bool,
    pub connections: u16,
    pub pages: Vec<Pages>,
    /// p99 beside logins in the same process, minus p99 alone.
    pub added_p99_ms: f64,
    /// p99 beside logins in another process, over p99 alone.
    pub times_p99: Option<f64>,
}

impl Neighbours {
    fn title(&self) -> String {
        let cached = if self.cached { ", cached" } else { "" };
        format!("logins, product{cached}, {} connections", self.connections)
    }

    /// Why it does not count, or does not do. What was measured only for a moment is held against nothing.
    pub fn failures(&self, quick: bool) -> Vec<String> {
        let title = self.title();
        let mut failures = Vec::new();
        for pages in &self.pages {
            if pages.errors > 0 {
                let first = pages.first_error.as_deref().unwrap_or("unknown");
                failures.push(format!(
                    "{title}, {}: {} errors, first: {first}",
                    pages.beside, pages.errors
                ));
            }
            let few = |logins: &f64| *logins < ENOUGH * f64::from(RATE);
            if let Some(logins) = pages.logins.filter(few).filter(|_| !quick) {
                failures.push(format!(
                    "{title}, {}: {logins} logins a second instead of {RATE}",
                    pages.beside
                ));
            }
        }
        if quick {
            return failures;
        }
        if self.added_p99_ms > MOST_ADDED_MS {
            failures.push(format!(
                "{title}: logins in one process cost {} ms of p99 ({MOST_ADDED_MS} at most)",
                self.added_p99_ms
            ));
        }
        if let Some(times) = self.times_p99.filter(|it| *it > MOST_TIMES) {
            failures.push(format!(
                "{title}: with account in its own process p99 is {times} times as long ({MOST_TIMES} at most)"
            ));
        }
        failures
    }
}

/// What the rounds found in one of the three.
#[derive(Debug)]
struct Found {
    pages: Sample,
    logins: Sample,
}

impl Found {
    fn new() -> Result<Self> {
        Ok(Self {
            pages: Sample::new(Duration::ZERO)?,
            logins: Sample::new(Duration::ZERO)?,
        })
    }

    fn add(&mut self, pages: Sample, logins: Option<Sample>) -> Result<()> {
        self.pages.elapsed += pages.elapsed;
        self.pages.add(pages)?;
        if let Some(logins) = logins {
            self.logins.elapsed += logins.elapsed;
            self.logins.add(logins)?;
        }
        Ok(())
    }

    fn finish(self, beside: Where) -> Pages {
        let at = |of: &Histogram<u64>, quantile| {
            rounded(of.value_at_quantile(quantile) as f64 / 1000.0, 2)
        };
        let logins = Some(&self.logins).filter(|_| beside != Where::Nowhere);
        Pages {
            beside: beside.name(),
            rps: rounded(self.pages.rate(), 1),
            p50_ms: at(&self.pages.done, 0.5),
            p99_ms: at(&self.pages.done, 0.99),
            logins: logins.map(|it| rounded(it.rate(), 2)),
            login_p50_ms: logins.map(|it| at(&it.done, 0.5)),
            login_p99_ms: logins.map(|it| at(&it.done, 0.99)),
            errors: self.pages.errors + self.logins.errors,
            first_error: self.pages.first_error.or(self.logins.first_error),
        }
    }
}

/// Measures all three at every number of connections.
pub async fn measure(options: &Options, stage: &Stage, shop: &Shop) -> Result<Vec<Neighbours>> {
    let (own, _process) = start_account(options, stage).await?;
    let same = stage.app.address()?;
    let pages = stage.requests(Target::App, Scenario::Product, shop)?;
    let login = |target| {
        let one = |buyer: &crate::shop::Buyer| {
            with(write(target, "POST", "/v1/sessions"), &buyer.credentials())
        };
        let logins: Result<Vec<HttpRequest>> = shop.buyers.iter().map(one).collect();
        Requests::shared(Draw::InTurn, logins?)
    };
    let (to_same, to_own) = (login(same)?, login(own)?);
    let logins = |beside| match beside {
        Where::Nowhere => None,
        Where::SameProcess => Some((same, &to_same)),
        Where::OwnProcess => Some((own, &to_own)),
    };
    let mut measured = Vec::new();
    for &connections in &options.connections {
        let mut found = [Found::new()?, Found::new()?, Found::new()?];
        for beside in Where::ALL {
            let length = options.slot().min(WARM_UP);
            together(same, &pages, connections, logins(beside), length).await?;
        }
        for round in 0..options.rounds as usize {
            let mut line = format!("logins, {connections} connections, round {}:", round + 1);
            // Each round begins with another one.
            for turn in 0..Where::ALL.len() {
                let place = (round + turn) % Where::ALL.len();
                let (beside, found) = (Where::ALL[place], &mut found[place]);
                let (pages, logins) =
                    together(same, &pages, connections, logins(beside), options.slot()).await?;
                let p99 = pages.done.value_at_quantile(0.99) as f64 / 1000.0;
                line.push_str(&format!(" {} p99 {p99:.1} ms,", beside.name()));
                found.add(pages, logins)?;
            }
            say(line.trim_end_matches(','));
        }
        let [alone, same_process, own_process] = found;
        let pages = [
            alone.finish(Where::Nowhere),
            same_process.finish(Where::SameProcess),
            own_process.finish(Where::OwnProcess),
        ];
        let [alone, same_process, own_process] = pages.each_ref().map(|it| it.p99_ms);
        measured.push(Neighbours {
            cached: stage.cached,
            connections,
            added_p99_ms: rounded(same_process - alone, 2),
            times_p99: ratio(Some(own_process), Some(alone)).map(|it| rounded(it, 2)),
            pages: pages.into(),
        });
    }
    Ok(measured)
}

/// Product pages for `length`, and logins, if any, as long.
async fn together(
    target: SocketAddr,
    pages: &Requests,
    connections: u16,
    logins: Option<(SocketAddr, &Requests)>,
    length: Duration,
) -> Result<(Sample, Option<Sample>)> {
    let logins = async {
        match logins {
            None => anyhow::Ok(None),
            Some((target, requests)) => sign_in(target, requests, length).await.map(Some),
        }
    };
    let (pages, logins) = tokio::join!(load::run(target, pages, connections, length), logins);
    Ok((pages?, logins?))
}

/// Logins at their rate, each on its time whether those before have ended or not, from the lead-in to the end.
async fn sign_in(target: SocketAddr, requests: &Requests, length: Duration) -> Result<Sample> {
    let mut every = tokio::time::interval(Duration::from_secs(1) / RATE);
    every.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let count = (load::LEAD_IN + length).as_millis() * u128::from(RATE) / 1000;
    let end = Instant::now() + load::LEAD_IN + length + LATE;
    let mut source = requests.source(0);
    let mut under_way = JoinSet::new();
    for _ in 0..count {
        every.tick().await;
        let request = source.next();
        under_way.spawn(async move {
            let one = load::one(target, request).await?;
            anyhow::Ok((one, Instant::now()))
        });
    }
    let mut all = Sample::new(load::LEAD_IN + length)?;
    while let Some(one) = under_way.join_next().await {
        let (one, answered) = one.context("a login's task")??;
        // What piles up is not so many a second.
        if answered <= end || one.errors > 0 {
            all.add(one)?;
        }
    }
    Ok(all)
}

/// `account` in a process of its own, as an installation has it that serves it apart.
async fn start_account(options: &Options, stage: &Stage) -> Result<(SocketAddr, Process)> {
    /// 32 bytes in base64url. Nobody here has a second factor, and nothing is sent to anybody.
    const KEY: &str = "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ-xnTzf3_pe20";
    let mut variables = servers(&stage.app)?;
    let others = [
        // The tokens are the same, whoever issues them.
        ("public_url", stage.app.ready.url.as_str()),
        ("rate_limits", "off"),
        ("log_requests", "off"),
        ("account_key", KEY),
        ("seal_key", KEY),
        ("seal_public_key", KEY),
        ("identity_key", KEY),
        ("identity_public_key", KEY),
    ];
    variables.extend(others.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let account = Hosted {
        name: "account",
        manifest: "spin.toml",
        component: Some("account"),
        variables,
        answers: "/.well-known/spin/health",
    };
    account.start(options).await
}

/// For people.
pub fn table(measured: &[Neighbours]) -> String {
    if measured.is_empty() {
        return String::new();
    }
    let head = [
        "product beside 10 logins/s",
        "conn",
        "product/s",
        "p50 ms",
        "p99 ms",
        "logins/s",
        "login p50 ms",
        "login p99 ms",
        "p99 against alone",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    let figure = |it: Option<f64>| it.map_or("–".to_owned(), |it| format!("{it:.1}"));
    for neighbours in measured {
        let against = [
            "–".to_owned(),
            format!("{:+.1} ms", neighbours.added_p99_ms),
            neighbours
                .times_p99
                .map_or("–".to_owned(), |it| format!("{it:.2}×")),
        ];
        for (pages, against) in neighbours.pages.iter().zip(against) {
            let cached = if neighbours.cached { "cached, " } else { "" };
            rows.push(vec![
                format!("{cached}{}", pages.beside),
                neighbours.connections.to_string(),
                format!("{:.0}", pages.rps),
                format!("{:.2}", pages.p50_ms),
                format!("{:.2}", pages.p99_ms),
                figure(pages.logins),
                figure(pages.login_p50_ms),
                figure(pages.login_p99_ms),
                against,
            ]);
        }
    }
    format!(
        "{}Passwords are hashed in account's guest, one at a time on a thread of its process' host, which nothing \
         interrupts meanwhile.\n",
        aligned(&rows)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pages(beside: Where, logins: Option<f64>) -> Pages {
        let mut pages = Found::new().unwrap().finish(beside);
        pages.logins = logins;
        pages
    }

    fn neighbours(added_p99_ms: f64, times_p99: f64) -> Neighbours {
        Neighbours {
            cached: true,
            connections: 8,
            pages: vec![
                pages(Where::Nowhere, None),
                pages(Where::SameProcess, Some(10.0)),
                pages(Where::OwnProcess, Some(10.0)),
            ],
            added_p99_ms,
            times_p99: Some(times_p99),
        }
    }

    #[test]
    fn what_costs_too_much_fails_unless_it_was_measured_for_a_moment() {
        assert!(neighbours(60.0, 2.0).failures(false).is_empty());
        assert_eq!(neighbours(60.1, 2.0).failures(false).len(), 1);
        assert_eq!(neighbours(60.0, 2.1).failures(false).len(), 1);
        assert!(neighbours(61.0, 3.0).failures(true).is_empty());
    }

    #[test]
    fn errors_and_logins_that_were_not_made_fail() {
        let mut failing = neighbours(1.0, 1.0);
        failing.pages[1].logins = Some(8.9);
        failing.pages[2].errors = 1;
        assert_eq!(failing.failures(false).len(), 2);
        assert_eq!(failing.failures(true).len(), 1);
    }

    #[test]
    fn the_table_shows_what_logins_cost() {
        let text = table(&[neighbours(12.34, 1.5)]);
        assert!(
            text.contains("+12.3 ms") && text.contains("1.50×"),
            "{text}"
        );
        assert_eq!(table(&[]), "");
    }
}
