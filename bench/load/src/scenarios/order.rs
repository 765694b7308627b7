//! Placing orders of one line, in turn over the products.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::json;

use super::{Plan, Same, Script};
use crate::ids::{self, Kind};
use crate::requests::{Draw, Requests, by, with, write};
use crate::shop::Shop;

pub static PLAN: Plan = Plan {
    modules: &["order", "catalog", "inventory"],
    signed_in: true,
    publishes: true,
    requests,
    compared: (1, Same::Shape),
    list: "/orders",
    scripts,
};

fn requests(shop: &Shop, target: SocketAddr) -> Result<Requests> {
    let orders: Result<_> = (0..ids::PRODUCTS)
        .zip(shop.buyers.iter().cycle())
        .map(|(product, buyer)| {
            let request = by(write(target, "POST", "/v1/checkouts"), buyer);
            with(request, &checkout(product))
        })
        .collect();
    Requests::shared(Draw::InTurnKeyed, orders?)
}

fn checkout(product: u64) -> serde_json::Value {
    json!({
        "lines": [{"variant_id": ids::first_variant(product), "quantity": 1}],
        "provider": "cod",
        "delivery": {
            "receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hang Bac"],
            "city": "Hanoi", "country": "VN",
        },
    })
}

fn scripts(shop: &Shop) -> Vec<Script> {
    let buyer = shop.buyers.first().map(|buyer| buyer.id.to_string());
    let values = [
        ("variant", ids::prefix(Kind::Variant)),
        ("buyer", buyer.unwrap_or_default()),
        ("products", ids::PRODUCTS.to_string()),
        ("variants", ids::VARIANTS.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, &**value));
    vec![Script::new(
        include_str!("../../scripts/order.sql"),
        1,
        &values,
    )]
}
