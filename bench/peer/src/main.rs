//! `stoa-bench-peer`: what the benchmark's scenarios cost in a native program.
//!
//! The same routes as the app, on the same database functions, so that it leaves the same
//! rows and answers the same bytes; built the way native services are: axum, a pool of
//! connections, statements prepared once.

mod cart;
#[path = "../../floor/src/cart_view.rs"]
mod cart_view;
mod checkout;
mod order;
mod product;
mod search;
#[path = "../../floor/src/search_page.rs"]
mod search_page;
mod shop;
mod tokens;

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context, Result};
use axum::Router;
use axum::routing::{get, post, put};
use axum::serve::ListenerExt;
use clap::Parser;
use tokio::net::TcpListener;

use shop::Shop;

/// Serves what the benchmark asks for natively, for comparison.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Address to serve on
    #[arg(long)]
    listen: SocketAddr,

    /// Who has to have issued a token
    #[arg(long)]
    issuer: String,

    /// Milliseconds for which a page may come from Redis; 0 turns that off
    #[arg(long, default_value_t = 0)]
    product_cache_ms: u64,

    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    database_url: String,

    #[arg(long, env = "REDIS_URL", hide_env_values = true)]
    redis_url: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let shop = Shop::open(
        &options.database_url,
        &options.redis_url,
        options.issuer,
        options.product_cache_ms,
    )
    .await
    .context("cannot open the shop")?;
    let router = Router::new()
        .route("/healthz", get(async || "{}"))
        .route("/v1/products/{id}", get(product::page))
        .route("/v1/checkouts", post(order::checkout))
        .route("/v1/search", get(search::page))
        .route("/v1/cart", get(cart::read))
        .route("/v1/cart/lines/{variant}", put(cart::put))
        .with_state(Arc::new(shop));
    let listener = TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?
        // An answer is one write: nothing is won by waiting for more.
        .tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, router).await.context("serving")
}
