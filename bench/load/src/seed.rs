//! What the benchmark's shop holds, and who buys there.

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

use crate::app::App;
use crate::ids::{self, Kind};

const PASSWORD: &str = "a long enough password";
const SELLER: &str = "bench-seller";

/// An account that places orders.
#[derive(Clone, Debug)]
pub struct Buyer {
    pub id: Uuid,
    pub username: String,
    /// Access tokens live 15 minutes: see [`sign_in`].
    pub token: String,
}

#[derive(Deserialize)]
struct Session {
    access_token: String,
}

/// Fills an empty shop: a seller, products with several variants, more stock than can be sold.
pub async fn fill(app: &App) -> Result<Vec<Buyer>> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let seller = register(&http, app, SELLER).await?;
    let mut buyers = Vec::new();
    for n in 0..ids::BUYERS {
        let username = format!("bench-buyer-{n}");
        let id = register(&http, app, &username).await?;
        buyers.push(Buyer {
            id,
            username,
            token: String::new(),
        });
    }
    let sql = app.sql().await?;
    products(&sql, seller)
        .await
        .context("putting products in")?;
    stock(&sql, seller).await.context("putting stock in")?;
    sql.batch_execute("VACUUM ANALYZE")
        .await
        .context("VACUUM ANALYZE")?;
    Ok(buyers)
}

/// Signs all buyers in, for fresh tokens.
pub async fn sign_in(app: &App, buyers: &mut [Buyer]) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    for buyer in buyers {
        let body = json!({"identifier": buyer.username, "password": PASSWORD});
        let session = post(&http, app, "/v1/sessions", &body).await?;
        buyer.token = serde_json::from_value::<Session>(session)
            .context("an access token")?
            .access_token;
    }
    Ok(())
}

async fn register(http: &reqwest::Client, app: &App, username: &str) -> Result<Uuid> {
    let body = json!({
        "username": username, "password": PASSWORD, "name": "Somebody", "country": "VN", "locale": "en",
    });
    let account = post(http, app, "/v1/accounts", &body).await?;
    let id = account
        .get("id")
        .and_then(Value::as_str)
        .context("a new account has an id")?;
    id.parse().with_context(|| format!("{id} is no id"))
}

async fn post(http: &reqwest::Client, app: &App, path: &str, body: &Value) -> Result<Value> {
    let answer = http
        .post(format!("{}{path}", app.ready.url))
        .json(body)
        .send()
        .await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("POST {path} answered {status}: {text}");
    }
    serde_json::from_str(&text).with_context(|| format!("POST {path} answered {text}"))
}

/// Pages come to about two kilobytes: what a shop's product page is made of, not an empty shell.
async fn products(sql: &Client, seller: Uuid) -> Result<()> {
    let category = ids::id(Kind::Category, 0);
    sql.execute(
        "INSERT INTO catalog.category (id, slug, name, path) VALUES ($1, 'bench', 'Bench', 'bench')",
        &[&category],
    )
    .await?;
    sql.execute(
        "INSERT INTO catalog.seller (id, name, sequence) VALUES ($1, 'Somebody', 1) ON CONFLICT DO NOTHING",
        &[&seller],
    )
    .await?;
    let count = i64::try_from(ids::PRODUCTS)?;
    // Pages that changed a moment ago are not cached, so these have been there for a while.
    sql.execute(
        "INSERT INTO catalog.product
            (id, seller_id, slug, name, description, category_id, specifications, currency, status,
             lowest_price, first_listed_at, created_at, updated_at)
         SELECT ($1::text || lpad(to_hex(n), 12, '0'))::uuid, $2, 'thing-' || n, 'Thing number ' || n,
                repeat('It is well made, of good stuff, and will last for years. ', 12), $3,
                '{\"weight\": \"1 kg\", \"material\": \"oak\", \"origin\": \"Da Lat\"}', 'VND', 'active',
                100000, t, t, t
         FROM generate_series(0, $4::bigint - 1) AS n,
              (SELECT shared.now() - interval '1 hour') AS listed(t)",
        &[&ids::prefix(Kind::Product), &seller, &category, &count],
    )
    .await?;
    let variants = i64::try_from(ids::VARIANTS)?;
    sql.execute(
        "INSERT INTO catalog.variant (id, product_id, sku, attributes, price, weight_g, position)
         SELECT ($1::text || lpad(to_hex(n * $3::bigint + k), 12, '0'))::uuid,
                ($2::text || lpad(to_hex(n), 12, '0'))::uuid,
                'T-' || n || '-' || k, jsonb_build_object('size', 'size ' || k, 'colour', 'brown'),
                100000 + 5000 * k, 1000, k::integer
         FROM generate_series(0, $4::bigint - 1) AS n, generate_series(0, $3::bigint - 1) AS k",
        &[
            &ids::prefix(Kind::Variant),
            &ids::prefix(Kind::Product),
            &variants,
            &count,
        ],
    )
    .await?;
    Ok(())
}

async fn stock(sql: &Client, seller: Uuid) -> Result<()> {
    let warehouse = ids::id(Kind::Warehouse, 0);
    sql.execute(
        "INSERT INTO inventory.warehouse (id, seller_id, name, created_at) VALUES ($1, $2, 'main', shared.now())",
        &[&warehouse, &seller],
    )
    .await?;
    // Stock and ledger agree, as the app would have written them.
    sql.execute(
        "WITH stocked AS (
             INSERT INTO inventory.stock (variant_id, warehouse_id, seller_id, on_hand, updated_at)
             SELECT ($1::text || lpad(to_hex(n), 12, '0'))::uuid, $2, $3, 100000000, shared.now()
             FROM generate_series(0, $4::bigint - 1) AS n
             RETURNING *)
         INSERT INTO inventory.movement (variant_id, warehouse_id, kind, on_hand_delta, reserved_delta, actor_id, at)
         SELECT variant_id, warehouse_id, 'import', on_hand, 0, seller_id, updated_at FROM stocked",
        &[
            &ids::prefix(Kind::Variant),
            &warehouse,
            &seller,
            &i64::try_from(ids::PRODUCTS * ids::VARIANTS)?,
        ],
    )
    .await?;
    Ok(())
}
