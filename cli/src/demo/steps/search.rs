//! Finding goods.

use std::collections::BTreeSet;

use anyhow::{Result, bail, ensure};
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::step;
use crate::demo::checks::{items, until};
use crate::demo::client::Client;
use crate::demo::word::Word;
use crate::demo::{Cast, Goods};
use crate::progress::Progress;

pub async fn by_words(cast: &Cast, goods: &Goods, word: &Word, progress: &Progress) -> Result<()> {
    let lan = &cast.lan;
    let both = [goods.lantern.as_str(), goods.teapot.as_str()];
    let title = "Lan searches, without accents and with a typing error";
    step(progress, title, async {
        for (words, expected, how) in [
            (word.plain.clone(), &both[..], "text"),
            (format!("den long {}", word.plain), &both[..1], "text"),
            (word.mistyped.clone(), &both[..], "similar"),
        ] {
            let page = finds(lan, &words, expected).await?;
            ensure!(page["match"] == how, "{how} is expected: {page}");
        }
        let found = format!(
            "“{}” and “{}” find “{}”",
            word.plain, word.mistyped, word.written
        );
        Ok(((), found))
    })
    .await?;

    step(progress, "search knows that they are in stock", async {
        let path = format!("{}&in_stock=true", query(&word.plain));
        let both_are = |page: &Value| {
            for id in both {
                let Some(item) = item(page, id) else {
                    bail!("{id} is not found in stock: {page}");
                };
                ensure!(item["in_stock"] == true, "it is not in stock: {item}");
            }
            Ok(())
        };
        let (_, took) = until(lan, &path, both_are).await?;
        Ok(((), format!("after {} ms more", took.as_millis())))
    })
    .await
}

/// What a search for some words answers, by relevance.
pub fn query(words: &str) -> String {
    let words: String = byte_serialize(words.as_bytes()).collect();
    format!("/v1/search?q={words}")
}

/// The item of a product, when it is on the page.
pub fn item<'a>(page: &'a Value, product: &str) -> Option<&'a Value> {
    items(page).iter().find(|item| item["id"] == product)
}

/// A search has to find these, now.
pub async fn finds(client: &Client, words: &str, products: &[&str]) -> Result<Value> {
    let page = client.get(&query(words)).await?;
    let found: BTreeSet<&str> = items(&page)
        .iter()
        .filter_map(|item| item["id"].as_str())
        .collect();
    let wanted: BTreeSet<&str> = products.iter().copied().collect();
    ensure!(
        wanted.is_subset(&found),
        "searching for “{words}” does not find them: {page}"
    );
    Ok(page)
}
