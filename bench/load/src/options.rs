//! What the benchmark is told by `cargo stoa bench`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

/// Measures the app against a native server, a bare component and the database itself.
///
/// Started by `cargo stoa bench`, which builds all of them first.
#[derive(Parser, Debug)]
#[command(name = "stoa-bench-load", version)]
pub struct Options {
    /// The checkout
    #[arg(long, value_name = "DIR")]
    pub project: PathBuf,

    /// The `stoa` command, which starts the app
    #[arg(long, value_name = "FILE")]
    pub stoa: PathBuf,

    /// The native server
    #[arg(long, value_name = "FILE")]
    pub peer: PathBuf,

    /// What runs the app and the bare component
    #[arg(long, value_enum)]
    pub runtime: Runtime,

    /// The built-in host, or `spin`
    #[arg(long, value_name = "FILE")]
    pub host: PathBuf,

    /// Compiled components of the built-in host
    #[arg(long, value_name = "DIR")]
    pub cache_dir: PathBuf,

    /// pgbench; without it there is no limit to compare with
    #[arg(long, value_name = "FILE")]
    pub pgbench: Option<PathBuf>,

    /// Where the servers keep their data; emptied before and removed after
    #[arg(long, value_name = "DIR")]
    pub data_dir: PathBuf,

    /// What to measure; can be given several times [default: all]
    #[arg(long = "scenario", value_enum)]
    pub scenarios: Vec<Wanted>,

    /// How often everything is measured; figures are medians
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub rounds: u32,

    /// How long each measurement takes
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..))]
    pub seconds: u64,

    /// Numbers of connections, one after another
    #[arg(long, value_delimiter = ',', default_value = "1,8,32", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub connections: Vec<u16>,

    /// How many products there are to search among
    #[arg(long, default_value_t = 100_000)]
    pub products: u64,

    /// How many tokens of each kind are checked
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub token_checks: u32,

    /// Measures too shortly to hold anything against a limit
    #[arg(long)]
    pub quick: bool,

    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Wanted {
    Product,
    Order,
    Checkout,
    Cart,
    Search,
    /// Product pages while people sign in; see `logins`
    Logins,
    /// Checking access tokens; see `token`
    Token,
}

/// What is asked of the targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scenario {
    /// Reading a product page, with the cache of pages off and on
    Product,
    /// Placing an order of one line, paid in cash
    Order,
    /// The same, paid at the sandbox, which settles at once
    Checkout,
    /// Setting a line of a cart and reading the cart, by turns
    Cart,
    /// Searching for products
    Search,
}

impl Scenario {
    /// In the order in which they are measured: a large shop would burden those before.
    pub const ALL: [Scenario; 5] = [
        Scenario::Product,
        Scenario::Order,
        Scenario::Checkout,
        Scenario::Cart,
        Scenario::Search,
    ];

    /// As it is asked for.
    fn wanted(self) -> Wanted {
        match self {
            Scenario::Product => Wanted::Product,
            Scenario::Order => Wanted::Order,
            Scenario::Checkout => Wanted::Checkout,
            Scenario::Cart => Wanted::Cart,
            Scenario::Search => Wanted::Search,
        }
    }

    /// As in the report.
    pub fn name(self) -> &'static str {
        match self {
            Scenario::Product => "product",
            Scenario::Order => "order",
            Scenario::Checkout => "checkout",
            Scenario::Cart => "cart",
            Scenario::Search => "search",
        }
    }
}

/// What runs WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Runtime {
    Spin,
    Builtin,
}

impl Runtime {
    /// As `stoa up --runtime` takes it.
    pub fn name(self) -> &'static str {
        match self {
            Runtime::Spin => "spin",
            Runtime::Builtin => "builtin",
        }
    }
}

impl Options {
    /// Whether it was asked for.
    pub fn wants(&self, wanted: Wanted) -> bool {
        self.scenarios.is_empty() || self.scenarios.contains(&wanted)
    }

    /// The scenarios that were asked for.
    pub fn compared(&self) -> impl Iterator<Item = Scenario> {
        let all = Scenario::ALL.into_iter();
        all.filter(|scenario| self.wants(scenario.wanted()))
    }

    /// The length of one measurement.
    pub fn slot(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
