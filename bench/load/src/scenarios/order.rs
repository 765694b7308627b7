//! Placing orders of one line, in turn over the products, paid in cash.

use std::net::SocketAddr;

use anyhow::Result;
use serde_json::json;

use super::{Plan, Same, Script};
use crate::ids::{self, Kind};
use crate::requests::{Draw, Requests, by, with, write};
use crate::shop::Shop;

pub static PLAN: Plan = Plan {
    // Promotions are asked after every two seconds, while there are none.
    modules: &["order", "catalog", "inventory", "promotion"],
    signed_in: true,
    publishes: true,
    requests: |shop, target| paid_by("cod", shop, target),
    compared: (1, Same::Shape),
    list: "/orders",
    scripts: |shop| vec![script(include_str!("../../scripts/order.sql"), shop)],
};

/// Orders that a provider is paid for.
pub fn paid_by(provider: &str, shop: &Shop, target: SocketAddr) -> Result<Requests> {
    let orders: Result<_> = (0..ids::PRODUCTS)
        .zip(shop.buyers.iter().cycle())
        .map(|(product, buyer)| {
            let request = by(write(target, "POST", "/v1/checkouts"), buyer);
            with(request, &checkout(product, provider))
        })
        .collect();
    Requests::shared(Draw::InTurnKeyed, orders?)
}

fn checkout(product: u64, provider: &str) -> serde_json::Value {
    json!({
        "lines": [{"variant_id": ids::first_variant(product), "quantity": 1}],
        "provider": provider,
        "delivery": {
            "receiver": "Lan", "phone": "+84901234567", "address_lines": ["12 Hang Bac"],
            "city": "Hanoi", "country": "VN",
        },
    })
}

/// The script that buys something.
pub fn script(template: &str, shop: &Shop) -> Script {
    let buyer = shop.buyers.first().map(|buyer| buyer.id.to_string());
    let values = [
        ("variant", ids::prefix(Kind::Variant)),
        ("buyer", buyer.unwrap_or_default()),
        ("products", ids::PRODUCTS.to_string()),
        ("variants", ids::VARIANTS.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, &**value));
    Script::new(template, 1, &values)
}
