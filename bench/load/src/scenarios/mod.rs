//! What each scenario is made of.

mod cart;
mod checkout;
mod order;
mod product;
pub mod search;

use std::net::SocketAddr;

use anyhow::Result;

use crate::options::{Options, Scenario};
use crate::requests::Requests;
use crate::shop::Shop;
use crate::stage::Stage;

/// What the benchmark has to know of a scenario.
pub struct Plan {
    /// Whose statements belong to a request. Probes and workers have other names.
    pub modules: &'static [&'static str],
    /// Whether the requests carry tokens.
    pub signed_in: bool,
    /// Whether events are left behind, whoever was asked.
    pub publishes: bool,
    /// The requests to a target.
    pub requests: fn(&Shop, SocketAddr) -> Result<Requests>,
    /// How many of the first ones are compared, and how.
    pub compared: (usize, Same),
    /// What may not be empty in an answer that has it.
    pub list: &'static str,
    /// What pgbench runs.
    pub scripts: fn(&Shop) -> Vec<Script>,
}

/// When answers count as the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// When they are the same byte for byte.
    Bytes,
    /// When they have the same members of the same types, because ids and times are their own.
    Shape,
}

/// What pgbench runs for one request.
#[derive(Clone, Debug)]
pub struct Script {
    pub text: String,
    /// How often in comparison with the other scripts.
    pub weight: u32,
}

impl Script {
    /// The script of a file, without its comments, which pgbench would send along.
    fn new(template: &str, weight: u32, values: &[(&str, &str)]) -> Self {
        let statements: Vec<&str> = template
            .lines()
            .filter(|line| !line.starts_with("--"))
            .collect();
        let text = values
            .iter()
            .fold(statements.join("\n"), |text, (name, value)| {
                text.replace(&format!("{{{name}}}"), value)
            });
        Self { text, weight }
    }
}

impl Scenario {
    pub fn plan(self) -> &'static Plan {
        match self {
            Scenario::Product => &product::PLAN,
            Scenario::Order => &order::PLAN,
            Scenario::Checkout => &checkout::PLAN,
            Scenario::Cart => &cart::PLAN,
            Scenario::Search => &search::PLAN,
        }
    }

    /// Makes ready what this scenario alone needs.
    pub async fn prepare(self, options: &Options, stage: &Stage, shop: &mut Shop) -> Result<()> {
        if self.plan().signed_in {
            shop.keep_signed_in(&stage.app).await?;
        }
        match self {
            Scenario::Product | Scenario::Order | Scenario::Checkout => Ok(()),
            Scenario::Cart => cart::prepare(&stage.app, shop).await,
            Scenario::Search => search::prepare(options, &stage.app, shop).await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::Buyer;

    /// A shop in which every scenario finds something to ask for.
    fn shop() -> Shop {
        let buyer = Buyer {
            id: uuid::Uuid::nil(),
            username: "b".into(),
            token: "t".into(),
        };
        Shop::of(vec![buyer], vec![search::Query::example()])
    }

    #[test]
    fn scripts_have_no_placeholder_left() {
        for scenario in Scenario::ALL {
            let scripts = (scenario.plan().scripts)(&shop());
            assert!(!scripts.is_empty());
            for Script { text, weight } in scripts {
                let left = placeholders(&text);
                assert!(left.is_empty() && weight > 0, "{left:?} in {text}");
                assert!(!text.contains("--"), "{text}");
            }
        }
    }

    /// Names in braces: arrays are written in them too, but hold no letters alone.
    fn placeholders(text: &str) -> Vec<&str> {
        text.split('{')
            .skip(1)
            .filter_map(|rest| rest.split_once('}'))
            .map(|(name, _)| name)
            .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
            .collect()
    }

    #[test]
    fn requests_carry_a_token_where_the_plan_says_so() {
        let target = ([127, 0, 0, 1], 1).into();
        for scenario in Scenario::ALL {
            let plan = scenario.plan();
            let requests = (plan.requests)(&shop(), target).unwrap();
            let request = requests.source(0).next();
            let token = request.headers().get(http::header::AUTHORIZATION);
            assert_eq!(token.is_some(), plan.signed_in, "{}", scenario.name());
        }
    }
}
