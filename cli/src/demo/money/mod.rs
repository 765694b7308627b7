//! The second act, about money: a code, a wallet and a gateway in one checkout, one that nobody pays, a
//! payout, a refund, a withdrawal, and the books at the end.

mod books;
mod buy;
mod give_back;
mod operator;
mod pay_out;

use anyhow::{Context, Result};
use serde_json::json;

use super::checks::Told;
use super::client::{Client, text};
use super::steps::step;
use super::word::Word;
use crate::progress::Progress;

pub use operator::Operator;

/// Who plays.
struct Cast {
    /// Keeps the shop.
    mai: Client,
    /// Sells vases.
    chi: Client,
    /// Sells lamps.
    dung: Client,
    /// Buys.
    eva: Client,
}

/// What is sold, by the ids of the only variants.
struct Goods {
    vase: String,
    lamp: String,
    /// Of a tenth off vases.
    code: String,
}

/// Eva's orders, by ids.
struct Orders {
    vases: String,
    lamp: String,
}

/// In dong.
mod amount {
    pub const VASE: i64 = 200_000;
    pub const LAMP: i64 = 150_000;
    /// What Eva finds in her wallet.
    pub const GIFT: i64 = 100_000;
    /// A tenth off two vases.
    pub const OFF: i64 = 40_000;
    /// What Chi gets of the two vases: less the commission of five percent.
    pub const VASES_PAID: i64 = 2 * VASE - OFF;
    pub const COMMISSION: i64 = VASES_PAID / 20;
    pub const WITHDRAWN: i64 = 300_000;
}

/// Plays it against the shop at `url`, with its operator at hand.
pub async fn play(
    url: &str,
    operator: &mut Operator,
    word: &Word,
    progress: &Progress,
) -> Result<()> {
    let mut told = Told::default();
    let cast = arrive(url, operator, progress).await?;
    let goods = list(&cast, word, progress).await?;
    let orders = buy::from_both(&cast, &goods, &mut told, progress).await?;
    buy::nothing(&cast, &goods, operator, &mut told, progress).await?;
    give_back::declined(&cast, &goods, &orders, &mut told, progress).await?;
    pay_out::released(&cast, &orders, &mut told, progress).await?;
    pay_out::withdrawn(&cast, &mut told, progress).await?;
    books::close(&cast, operator, progress).await
}

async fn arrive(url: &str, operator: &Operator, progress: &Progress) -> Result<Cast> {
    let title = "Mai becomes an administrator and gives Eva 100 000 ₫";
    step(progress, title, async {
        let mut cast = Cast {
            mai: Client::register(url, "Mai").await?,
            chi: Client::register(url, "Chi").await?,
            dung: Client::register(url, "Dung").await?,
            eva: Client::register(url, "Eva").await?,
        };
        let gift = json!({
            "account_id": cast.eva.id, "amount": amount::GIFT, "currency": "VND", "reason": "welcome",
        });
        cast.eva
            .post_refused("/v1/wallets/adjustments", gift.clone(), "forbidden")
            .await?;
        operator.grant(&cast.mai.id, "admin").await?;
        // The role is in the token.
        cast.mai.sign_in().await?;
        cast.mai.post("/v1/wallets/adjustments", gift).await?;
        books::wallet(&cast.eva, "available", amount::GIFT).await?;
        Ok((cast, "in Eva's wallet; she could not have done it herself".into()))
    })
    .await
}

async fn list(cast: &Cast, word: &Word, progress: &Progress) -> Result<Goods> {
    let title = "Chi lists vases, Dung lamps, and Chi offers a tenth off with a code";
    step(progress, title, async {
        let vase = product(&cast.chi, &format!("Bình gốm {}", word.written), amount::VASE).await?;
        let lamp = product(&cast.dung, &format!("Đèn bàn {}", word.written), amount::LAMP).await?;
        let code = format!("TET-{}", &cast.chi.id[cast.chi.id.len() - 6..]).to_uppercase();
        let promotion = json!({
            "kind": "product_discount", "title": "A tenth off vases", "code": code, "currency": "VND",
            "rule": {"off": {"basis_points": 1_000}}, "usage_limit": 5,
            "starts_at": "2020-01-01T00:00:00Z",
        });
        cast.chi.post("/v1/promotions", promotion).await?;
        Ok((Goods { vase, lamp, code: code.clone() }, format!("ten of each; {code}")))
    })
    .await
}

/// Lists something with ten units and gives its variant.
async fn product(seller: &Client, name: &str, price: i64) -> Result<String> {
    let categories = seller.get("/v1/categories").await?;
    let category = categories["items"]
        .get(0)
        .and_then(|category| category["id"].as_str())
        .context("there are no categories")?
        .to_owned();
    let page = json!({
        "name": name, "category_id": category, "currency": "VND", "publish": true,
        "variants": [{"sku": "ONE", "price": price}],
    });
    let page = seller.post("/v1/products", page).await?;
    let variant = text(&page["variants"][0]["id"])?;
    let lines = json!({"lines": [{"variant_id": variant, "quantity": 10}]});
    seller.post("/v1/stock/imports", lines).await?;
    Ok(variant)
}
