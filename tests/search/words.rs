//! What words find.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{categories, find, found, ids, items, list, search, word};
use crate::support::app::{shared, text};
use crate::support::goods::goods;
use crate::support::until;

#[tokio::test]
async fn a_product_is_found_by_its_words_with_and_without_accents_and_unfinished() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let (one, two) = (word(), word());
    let name = format!("Đèn{one} lồng, {two}");
    let lantern = goods(app, &seller, &name, 120_000, 0).await;
    for words in [
        format!("đèn{one}"),
        format!("den{one}"),
        format!("DEN{one}"),
        format!("đe\u{300}n{one}"),
        format!("{two} long den{one}"),
        format!("den{one} things"),
        format!("den{}", &one[..9]),
        format!("'{two}' & (đèn{one})"),
    ] {
        let page = find(app, &words).await;
        assert_eq!(ids(&items(&page)), [lantern.product.as_str()], "{words}");
        assert_eq!(page["match"], "text", "{words}");
    }
    let other = format!("den{one} {}", word());
    assert_eq!(found(app, &other).await, [] as [&str; 0]);
    let item = &items(&find(app, &two).await)[0];
    assert_eq!(item["name"], name);
    assert_eq!(
        item["lowest_price"],
        json!({"amount": 120_000, "currency": "VND"})
    );
    assert_eq!(item["category"]["path"], "things");
    assert_eq!(item["seller"]["name"], "Seller");
    assert_eq!(item["in_stock"], false);
    assert_eq!(item["units_sold"], 0);
}

#[tokio::test]
async fn a_typing_error_finds_what_is_near_and_says_so() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let (one, two) = (word(), word());
    let lamp = goods(app, &seller, &format!("{one} {two}"), 5_000, 0).await;
    let missing = format!("{}{}", &one[..5], &one[6..]);
    let doubled = format!("{}{}", &one[..6], &one[5..]);
    let wrong = format!("{}z{}", &one[..7], &one[8..]);
    for words in [
        missing.clone(),
        doubled,
        wrong.clone(),
        format!("{two} {missing}"),
        format!("{wrong} {two}"),
    ] {
        let page = find(app, &words).await;
        assert_eq!(ids(&items(&page)), [lamp.product.as_str()], "{words}");
        assert_eq!(page["match"], "similar", "{words}");
    }
    // The filters hold for what is near, too.
    let parameters = [("q", missing.as_str()), ("in_stock", "true")];
    let page = search(&app.stranger(), &parameters).await.expect(200);
    assert_eq!(items(&page), [] as [Value; 0]);
    assert_eq!(page["match"], "text");
}

#[tokio::test]
async fn names_come_before_descriptions() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let one = word();
    let category = crate::support::goods::category(app).await;
    let mut made = Vec::new();
    for (name, description) in [
        ("Plain", format!("As good as a {one}.")),
        ("Long name of a thing", String::new()),
        ("Thing", String::new()),
    ] {
        let name = if description.is_empty() {
            format!("{name} {one}")
        } else {
            name.to_owned()
        };
        let page = seller
            .post(
                "/v1/products",
                json!({
                    "name": name, "description": description, "category_id": category,
                    "slug": format!("p-{}", Uuid::new_v4().simple()), "currency": "VND",
                    "publish": true, "variants": [{"price": 1_000}],
                }),
            )
            .await
            .expect(201);
        made.push(text(&page["id"]).to_owned());
    }
    made.reverse();
    assert_eq!(found(app, &one).await, made, "the shortest name first");
}

#[tokio::test]
async fn a_category_is_searched_by_its_name_and_by_its_new_one() {
    let app = shared();
    let (seller, mut admin) = (app.someone("Seller").await, app.someone("Admin").await);
    app.grant(&admin, "admin").await;
    admin.sign_in().await;
    let old = word();
    let (_, leaf) = categories(app, &old).await;
    let item = list(&seller, "Plain thing", &leaf, "VND", 1_000).await;
    assert_eq!(found(app, &format!("{old} plain")).await, [item.as_str()]);
    let new = word();
    let path = format!("/v1/categories/{leaf}");
    admin
        .patch(&path, 1, json!({"name": new}))
        .await
        .expect(200);
    until(
        "the new name is searched",
        Duration::from_secs(30),
        || async { (found(app, &new).await == [item.as_str()]).then_some(()) },
    )
    .await;
    assert_eq!(found(app, &old).await, [] as [&str; 0]);
}

#[tokio::test]
async fn rubbish_finds_nothing_and_breaks_nothing() {
    let app = shared();
    let stranger = app.stranger();
    let emojis = "🍵".repeat(200);
    let letters = "a ".repeat(100);
    let marks = "\u{301}".repeat(100);
    for rubbish in [
        "'",
        "''",
        "\\",
        "&|!():*",
        "a & | b",
        "!!a",
        "a:*b <-> c",
        "<2>",
        "') OR true --",
        "%00%",
        "\u{202e}x\u{200d}",
        "½ ㎏ № ﷺ",
        &marks,
        &letters,
        &emojis,
    ] {
        for sort in ["relevance", "newest"] {
            let reply = search(&stranger, &[("q", rubbish), ("sort", sort)]).await;
            assert_eq!(reply.status, 200, "{rubbish}: {}", reply.raw);
        }
    }
    for nothing in ["&|!():*", &emojis] {
        let page = search(&stranger, &[("q", nothing)]).await.expect(200);
        assert_eq!(items(&page), [] as [Value; 0], "{nothing}");
        assert_eq!(page["match"], "text");
    }
}
