//! Searching a large shop for words that it really has.

mod mix;

use std::net::SocketAddr;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use tokio::process::Command;
use tokio_postgres::Client;
use uuid::Uuid;

use super::{Plan, Same, Script};
use crate::app::App;
use crate::bench::say;
use crate::ids::{self, Kind};
use crate::options::Options;
use crate::process::Process;
use crate::requests::{Draw, Requests, empty, get};
use crate::shop::{self, Shop};

pub static PLAN: Plan = Plan {
    modules: &["catalog"],
    signed_in: false,
    publishes: false,
    requests,
    compared: (mix::QUERIES, Same::Bytes),
    list: "/items",
    scripts,
};

/// What somebody searches for. Words are letters and blanks alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub words: String,
    /// The category below which to search.
    pub category: Option<Uuid>,
    /// Cheapest first, of products in this currency; otherwise by relevance.
    pub cheapest_in: Option<&'static str>,
    /// How often in comparison with the others.
    pub weight: u32,
}

impl Query {
    fn path(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.append_pair("q", &self.words);
        if let Some(category) = self.category {
            query.append_pair("category_id", &category.to_string());
        }
        if let Some(currency) = self.cheapest_in {
            query
                .append_pair("sort", "price_asc")
                .append_pair("currency", currency);
        }
        format!("/v1/search?{}", query.finish())
    }

    fn script(&self) -> Script {
        let quoted = |text: &str| format!("'{text}'");
        let or_null = |text: Option<String>| text.map_or("NULL".to_owned(), |it| quoted(&it));
        let words: Vec<String> = self.words.split(' ').map(quoted).collect();
        let values = [
            ("words", words.join(", ")),
            ("category", or_null(self.category.map(|id| id.to_string()))),
            ("currency", or_null(self.cheapest_in.map(str::to_owned))),
            (
                "sort",
                match self.cheapest_in {
                    Some(_) => "price_asc".to_owned(),
                    None => "relevance".to_owned(),
                },
            ),
        ];
        let values = values.each_ref().map(|(name, value)| (*name, &**value));
        Script::new(
            include_str!("../../../scripts/search.sql"),
            self.weight,
            &values,
        )
    }

    #[cfg(test)]
    pub fn example() -> Self {
        Self {
            words: "đèn lồng".into(),
            category: Some(Uuid::nil()),
            cheapest_in: Some("VND"),
            weight: 2,
        }
    }
}

/// Fills the shop and finds out what there is to search for.
pub async fn prepare(options: &Options, app: &App, shop: &mut Shop) -> Result<()> {
    say(&format!(
        "filling the shop with {} products",
        options.products
    ));
    let mut command = Command::new(&options.stoa);
    command
        .current_dir(&options.project)
        .args(["seed", "--products", &options.products.to_string()])
        .env("DATABASE_URL", &app.ready.database)
        .stdout(Stdio::null());
    let log = options.data_dir.join("logs/seed.log");
    let mut process = Process::spawn(command, Signal::SIGTERM, &log, true)?;
    let status = process.child.wait().await.context("filling the shop")?;
    if !status.success() {
        bail!("the shop cannot be filled:\n{}", process.log_tail());
    }
    let sql = app.sql().await?;
    shop::tidy(&sql).await?;
    shop.queries = mix::of(&products(&sql).await?)?;
    Ok(())
}

/// Names, and the categories at the top of theirs, in the order of the ids, which are the same
/// everywhere. Without the goods of the small shop.
async fn products(sql: &Client) -> Result<Vec<(String, Uuid)>> {
    let rows = sql
        .query(
            "SELECT p.name, coalesce(c.parent_id, c.id)
             FROM catalog.product p JOIN catalog.category c ON c.id = p.category_id
             WHERE p.status = 'active' AND c.id <> $1
             ORDER BY p.id",
            &[&ids::id(Kind::Category, 0)],
        )
        .await
        .context("reading the names of products")?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Each query stands in the list as often as its weight says, each once in the first part.
fn requests(shop: &Shop, target: SocketAddr) -> Result<Requests> {
    let most = shop.queries.iter().map(|query| query.weight).max();
    let list: Result<_> = (0..most.unwrap_or(0))
        .flat_map(|n| shop.queries.iter().filter(move |query| query.weight > n))
        .map(|query| empty(get(target, &query.path())))
        .collect();
    Requests::shared(Draw::AtRandom, list?)
}

fn scripts(shop: &Shop) -> Vec<Script> {
    shop.queries.iter().map(Query::script).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_the_same_in_a_path_and_in_a_statement() {
        let query = Query::example();
        assert_eq!(
            query.path(),
            "/v1/search?q=%C4%91%C3%A8n+l%E1%BB%93ng&category_id=00000000-0000-0000-0000-000000000000\
             &sort=price_asc&currency=VND"
        );
        let text = query.script().text;
        assert!(text.contains("ARRAY['đèn', 'lồng']"), "{text}");
        assert!(text.contains("'price_asc'"), "{text}");
        let plain = Query {
            category: None,
            cheapest_in: None,
            ..query
        };
        assert!(plain.script().text.contains("'relevance'"));
        assert!(!plain.path().contains('&'));
    }

    #[test]
    fn a_query_comes_as_often_as_it_weighs() {
        let light = Query {
            words: "mây".into(),
            weight: 1,
            ..Query::example()
        };
        let shop = Shop::of(Vec::new(), vec![light.clone(), Query::example()]);
        let requests = requests(&shop, ([127, 0, 0, 1], 1).into()).unwrap();
        let paths: Vec<String> = requests.first(3).map(|it| it.uri().to_string()).collect();
        let heavy = Query::example().path();
        assert_eq!(paths, [light.path(), heavy.clone(), heavy]);
    }
}
