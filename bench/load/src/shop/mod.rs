//! What the benchmark's shop holds, and who buys there.

mod goods;

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use reqwest::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::app::App;
use crate::ids;
use crate::scenarios::search::Query;

const PASSWORD: &str = "a long enough password";
const SELLER: &str = "bench-seller";

/// After this long the buyers get fresh tokens: theirs live for 15 minutes.
const TOKENS_LAST: Duration = Duration::from_secs(300);

/// What requests are made of.
#[derive(Debug)]
pub struct Shop {
    pub buyers: Vec<Buyer>,
    /// What is searched for; none until the shop is large.
    pub queries: Vec<Query>,
    signed_in: Option<Instant>,
}

/// An account that buys.
#[derive(Clone, Debug)]
pub struct Buyer {
    pub id: Uuid,
    pub username: String,
    /// See [`Shop::keep_signed_in`].
    pub token: String,
}

impl Buyer {
    /// What signs them in.
    pub fn credentials(&self) -> Value {
        json!({"identifier": self.username, "password": PASSWORD})
    }
}

#[derive(Deserialize)]
struct Session {
    access_token: String,
}

impl Shop {
    /// Fills an empty shop: a seller, products with several variants, more stock than can be sold.
    pub async fn fill(app: &App) -> Result<Self> {
        let seller = register(app, SELLER).await?;
        let mut buyers = Vec::new();
        for n in 0..ids::BUYERS {
            let username = format!("bench-buyer-{n}");
            buyers.push(Buyer {
                id: register(app, &username).await?,
                username,
                token: String::new(),
            });
        }
        let sql = app.sql().await?;
        // It is in the tokens of the buyers, who sign in later.
        sql.execute(
            "UPDATE account.account SET email = username || '@example.com', email_verified_at = shared.now()",
            &[],
        )
        .await
        .context("verifying addresses")?;
        goods::products(&sql, seller)
            .await
            .context("putting products in")?;
        goods::stock(&sql, seller)
            .await
            .context("putting stock in")?;
        tidy(&sql).await?;
        Ok(Self::of(buyers, Vec::new()))
    }

    /// A shop in which this is there to be asked for.
    pub fn of(buyers: Vec<Buyer>, queries: Vec<Query>) -> Self {
        Self {
            buyers,
            queries,
            signed_in: None,
        }
    }

    /// Signs all buyers in, unless they have been a short while ago.
    pub async fn keep_signed_in(&mut self, app: &App) -> Result<()> {
        if self.signed_in.is_some_and(|at| at.elapsed() < TOKENS_LAST) {
            return Ok(());
        }
        for buyer in &mut self.buyers {
            let body = buyer.credentials();
            let session = send(app, Method::POST, "/v1/sessions", None, &body).await?;
            buyer.token = serde_json::from_value::<Session>(session)
                .context("an access token")?
                .access_token;
        }
        self.signed_in = Some(Instant::now());
        Ok(())
    }

    /// Tokens name the app that issued them, and it has been started anew.
    pub fn sign_out(&mut self) {
        self.signed_in = None;
    }
}

/// Leaves nothing to be tidied up after a load while something is measured.
pub async fn tidy(sql: &Client) -> Result<()> {
    for statement in ["VACUUM ANALYZE", "CHECKPOINT"] {
        sql.batch_execute(statement).await.context(statement)?;
    }
    Ok(())
}

async fn register(app: &App, username: &str) -> Result<Uuid> {
    let body = json!({
        "username": username, "password": PASSWORD, "name": "Somebody", "country": "VN", "locale": "en",
    });
    let account = send(app, Method::POST, "/v1/accounts", None, &body).await?;
    let id = account
        .get("id")
        .and_then(Value::as_str)
        .context("a new account has an id")?;
    id.parse().with_context(|| format!("{id} is no id"))
}

/// Asks the app for something that has to succeed.
pub async fn send(
    app: &App,
    method: Method,
    path: &str,
    buyer: Option<&Buyer>,
    body: &Value,
) -> Result<Value> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let what = format!("{method} {path}");
    let mut request = http
        .request(method, format!("{}{path}", app.ready.url))
        .json(body);
    if let Some(buyer) = buyer {
        request = request.bearer_auth(&buyer.token);
    }
    let answer = request.send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("{what} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("{what} answered {text}"))
}
