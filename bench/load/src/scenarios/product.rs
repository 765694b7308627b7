//! Reading product pages at random.

use std::net::SocketAddr;

use anyhow::Result;

use super::{Plan, Same, Script};
use crate::ids::{self, Kind};
use crate::requests::{Draw, Requests, empty, get};
use crate::shop::Shop;

pub static PLAN: Plan = Plan {
    modules: &["catalog"],
    signed_in: false,
    publishes: false,
    requests,
    compared: (5, Same::Bytes),
    list: "/variants",
    scripts,
};

fn requests(_: &Shop, target: SocketAddr) -> Result<Requests> {
    let page = |n| {
        let path = format!("/v1/products/{}", ids::id(Kind::Product, n));
        empty(get(target, &path))
    };
    let pages: Result<_> = (0..ids::PAGES).map(page).collect();
    Requests::shared(Draw::AtRandom, pages?)
}

fn scripts(_: &Shop) -> Vec<Script> {
    let values = [
        ("product", ids::prefix(Kind::Product)),
        ("pages", ids::PAGES.to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, &**value));
    vec![Script::new(
        include_str!("../../scripts/product.sql"),
        1,
        &values,
    )]
}
