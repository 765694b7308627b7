//! Carts of five lines: setting a line's quantity and reading the cart, by turns.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::{Value, json};

use super::{Plan, Same, Script};
use crate::app::App;
use crate::ids::{self, Kind};
use crate::requests::{Draw, HttpRequest, Requests, by, empty, get, with, write};
use crate::shop::{self, Buyer, Shop};

pub static PLAN: Plan = Plan {
    modules: &["order", "catalog", "inventory"],
    signed_in: true,
    publishes: false,
    requests,
    compared: (2, Same::Bytes),
    list: "/lines",
    scripts,
};

/// A line's quantity is another one each time: who sets it to what it is writes less.
const QUANTITIES: u64 = 9;

/// Puts the lines into the carts.
pub async fn prepare(app: &App, shop: &Shop) -> Result<()> {
    for (n, buyer) in (0..).zip(&shop.buyers) {
        for line in 0..ids::CART_LINES {
            shop::send(
                app,
                http::Method::PUT,
                &path(n, line),
                Some(buyer),
                &wanted(1),
            )
            .await?;
        }
    }
    let sql = app.sql().await?;
    shop::tidy(&sql).await
}

fn requests(shop: &Shop, target: SocketAddr) -> Result<Requests> {
    let lists: Result<_> = (0..)
        .zip(&shop.buyers)
        .map(|(n, buyer)| of_buyer(target, n, buyer))
        .collect();
    Requests::several(Draw::InTurn, lists?)
}

fn of_buyer(target: SocketAddr, n: u64, buyer: &Buyer) -> Result<Vec<HttpRequest>> {
    let mut list = Vec::new();
    for quantity in 1..=QUANTITIES {
        for line in 0..ids::CART_LINES {
            let put = by(write(target, "PUT", &path(n, line)), buyer);
            list.push(with(put, &wanted(quantity))?);
            list.push(empty(by(get(target, "/v1/cart"), buyer))?);
        }
    }
    Ok(list)
}

fn path(buyer: u64, line: u64) -> String {
    let variant = ids::first_variant(ids::in_cart(buyer, line));
    format!("/v1/cart/lines/{variant}")
}

fn wanted(quantity: u64) -> Value {
    json!({"quantity": quantity})
}

/// Writes and reads are as many, but not by turns: pgbench draws.
fn scripts(shop: &Shop) -> Vec<Script> {
    let buyers: Vec<String> = shop.buyers.iter().map(|it| it.id.to_string()).collect();
    let values = [
        ("variant", ids::prefix(Kind::Variant)),
        ("buyers", buyers.join(",")),
        ("count", buyers.len().to_string()),
        ("lines", ids::CART_LINES.to_string()),
        ("variants", ids::VARIANTS.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, &**value));
    [
        include_str!("../../scripts/cart_put.sql"),
        include_str!("../../scripts/cart_read.sql"),
    ]
    .map(|template| Script::new(template, 1, &values))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_and_reads_take_turns_and_no_write_repeats_the_last_of_its_line() {
        let buyer = Buyer {
            id: uuid::Uuid::nil(),
            username: "b".into(),
            token: "t".into(),
        };
        let list = of_buyer(([127, 0, 0, 1], 1).into(), 3, &buyer).unwrap();
        for pair in list.chunks(2) {
            assert_eq!(
                [pair[0].method().as_str(), pair[1].method().as_str()],
                ["PUT", "GET"]
            );
        }
        let lines = usize::try_from(ids::CART_LINES).unwrap();
        assert_eq!(list[0].uri(), list[2 * lines].uri());
        assert_ne!(list[0].uri(), list[2].uri());
    }
}
