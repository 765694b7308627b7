//! Product pages while people sign in.
//!
//! A password is hashed in `account`'s guest, on the thread of the host that runs it, and nothing interrupts a
//! guest that computes: for that time the thread is lost to everybody. What this costs those who look at
//! products is measured three times, by turns: alone; beside logins in the same process; and with the logins
//! in a process of their own, `account` served from the same manifest on the same Postgres and Redis.

mod found;
mod neighbours;
mod own_process;
mod sign_in;
mod table;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Result;

use crate::bench::say;
use crate::load;
use crate::options::{Options, Scenario};
use crate::requests::{Draw, HttpRequest, Requests, with, write};
use crate::sample::Sample;
use crate::shop::Shop;
use crate::stage::{Stage, Target};
use crate::stats::{ratio, rounded};

use found::Found;
pub use neighbours::Neighbours;
pub use table::table;

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

/// Measures all three at every number of connections.
pub async fn measure(options: &Options, stage: &Stage, shop: &Shop) -> Result<Vec<Neighbours>> {
    let (own, _process) = own_process::start(options, stage).await?;
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
            Some((target, requests)) => sign_in::run(target, requests, length).await.map(Some),
        }
    };
    let (pages, logins) = tokio::join!(load::run(target, pages, connections, length), logins);
    Ok((pages?, logins?))
}
