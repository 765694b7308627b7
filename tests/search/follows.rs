//! What is found follows what happens to a product.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{find, found, ids, items, search, word};
use crate::support::app::{App, shared, text};
use crate::support::goods::{Goods, buy, goods, import};
use crate::support::{Actor, until};

async fn version(actor: &Actor, goods: &Goods) -> i64 {
    let page = actor.get(&format!("/v1/products/{}", goods.product)).await;
    page.expect(200)["version"].as_i64().expect("a version")
}

/// Waits until the only match of a word shows a value.
async fn shows(app: &App, word: &str, field: &str, value: Value) {
    let what = format!("{word} shows {field} {value}");
    until(&what, Duration::from_secs(20), || async {
        let page = find(app, word).await;
        (page["items"][0][field] == value).then_some(())
    })
    .await;
}

#[tokio::test]
async fn what_is_not_listed_is_not_found() {
    let app = shared();
    let (seller, mut moderator) = (app.someone("Seller").await, app.someone("Moderator").await);
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    let one = word();
    let item = goods(app, &seller, &one, 1_000, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let nothing: [&str; 0] = [];
    assert_eq!(found(app, &one).await.len(), 1);

    let now = version(&seller, &item).await;
    seller.act(&format!("{path}/hide"), now).await.expect(200);
    assert_eq!(found(app, &one).await, nothing, "hidden");
    let own = search(&seller, &[("q", &one)]).await.expect(200);
    assert_eq!(items(&own).len(), 0, "neither by its seller");
    let now = version(&seller, &item).await;
    seller
        .act(&format!("{path}/publish"), now)
        .await
        .expect(200);
    assert_eq!(found(app, &one).await.len(), 1, "listed again");

    let other = word();
    let now = version(&seller, &item).await;
    seller
        .patch(&path, now, json!({"name": other}))
        .await
        .expect(200);
    assert_eq!(found(app, &one).await, nothing, "by its old name");
    assert_eq!(found(app, &other).await.len(), 1, "by its new name");

    let down = json!({"reason": "counterfeit"});
    moderator
        .post(&format!("{path}/take-down"), down)
        .await
        .expect(200);
    assert_eq!(found(app, &other).await, nothing, "taken down");
    moderator
        .post(&format!("{path}/restore"), json!({}))
        .await
        .expect(200);
    let now = version(&seller, &item).await;
    seller
        .act(&format!("{path}/publish"), now)
        .await
        .expect(200);
    assert_eq!(found(app, &other).await.len(), 1, "restored and listed");

    let now = version(&seller, &item).await;
    let delete = seller
        .request(reqwest::Method::DELETE, &path)
        .header("if-match", format!("\"{now}\""));
    assert_eq!(crate::support::actor::send(delete).await.status, 204);
    assert_eq!(found(app, &other).await, nothing, "deleted");
}

#[tokio::test]
async fn a_new_price_moves_a_product() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let one = word();
    let mut shirts = Vec::new();
    for price in [1_000, 2_000, 3_000] {
        shirts.push(goods(app, &seller, &one, price, 0).await);
    }
    let by_price = [
        ("q", one.as_str()),
        ("sort", "price_asc"),
        ("currency", "VND"),
    ];
    let order = |page: &Value| -> Vec<usize> {
        let place = |id: &String| shirts.iter().position(|s| s.product == *id);
        ids(&items(page)).iter().filter_map(place).collect()
    };
    let page = search(&app.stranger(), &by_price).await.expect(200);
    assert_eq!(order(&page), [0, 1, 2]);
    let url = format!(
        "/v1/products/{}/variants/{}",
        shirts[0].product, shirts[0].variant
    );
    let now = version(&seller, &shirts[0]).await;
    seller
        .patch(&url, now, json!({"price": 2_500}))
        .await
        .expect(200);
    let page = search(&app.stranger(), &by_price).await.expect(200);
    assert_eq!(order(&page), [1, 0, 2]);
    assert_eq!(page["items"][1]["lowest_price"]["amount"], 2_500);
    let mut range = by_price.to_vec();
    range.extend([("min_price", "2001"), ("max_price", "2999")]);
    let page = search(&app.stranger(), &range).await.expect(200);
    assert_eq!(order(&page), [0]);
}

#[tokio::test]
async fn the_stock_flag_follows_a_sale_and_a_restock() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let one = word();
    let cup = goods(app, &seller, &one, 1_000, 2).await;
    let before = version(&seller, &cup).await;
    shows(app, &one, "in_stock", json!(true)).await;
    buy(&buyer, &[(&cup.variant, 2)]).await.expect(201);
    shows(app, &one, "in_stock", json!(false)).await;
    let parameters = [("q", one.as_str()), ("in_stock", "true")];
    let page = search(&app.stranger(), &parameters).await.expect(200);
    assert_eq!(items(&page).len(), 0);
    import(&seller, &cup.variant, 1).await;
    shows(app, &one, "in_stock", json!(true)).await;
    let page = search(&app.stranger(), &parameters).await.expect(200);
    assert_eq!(items(&page).len(), 1);

    let list = seller
        .get(&format!("/v1/products?seller_id={}", seller.id))
        .await
        .expect(200);
    assert_eq!(list["items"][0]["in_stock"], true);
    assert_eq!(version(&seller, &cup).await, before, "no new version");

    // Whether it is for sale is the seller's word, too.
    let url = format!("/v1/products/{}/variants/{}", cup.product, cup.variant);
    seller
        .patch(&url, before, json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(find(app, &one).await["items"][0]["in_stock"], false);
}

#[tokio::test]
async fn stock_told_twice_late_or_by_a_stranger_changes_nothing() {
    let app = shared();
    let (seller, stranger) = (app.someone("Seller").await, app.someone("Stranger").await);
    let one = word();
    let cup = goods(app, &seller, &one, 1_000, 0).await;
    let sql = app.module_sql("catalog").await;
    let tell = async |seller: &Actor, id: Uuid, sequence: i64, available: u32| {
        let events = json!([{
            "id": id, "source": "inventory", "kind": "inventory.stock_changed",
            "subject": cup.variant, "sequence": sequence, "time": "2026-01-01T00:00:00.000Z",
            "data": {"variant_id": cup.variant, "seller_id": seller.id, "available": available},
        }]);
        let outcome: String = sql
            .query_one(
                "SELECT catalog.inbox_consume($1::text::jsonb)",
                &[&events.to_string()],
            )
            .await
            .expect("consumed")
            .get(0);
        assert!(outcome.contains("done"), "{outcome}");
        find(app, &one).await["items"][0]["in_stock"] == true
    };
    let first = Uuid::now_v7();
    assert!(tell(&seller, first, 5, 3).await);
    assert!(!tell(&seller, Uuid::now_v7(), 7, 0).await);
    assert!(!tell(&seller, first, 5, 3).await, "the same again");
    assert!(!tell(&seller, Uuid::now_v7(), 6, 3).await, "an older one");
    assert!(
        !tell(&stranger, Uuid::now_v7(), 8, 3).await,
        "not their goods"
    );
    assert!(tell(&seller, Uuid::now_v7(), 9, 1).await);
    assert!(tell(&stranger, Uuid::now_v7(), 10, 0).await);
}

#[tokio::test]
async fn units_sold_follow_the_completion_of_an_order() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let one = word();
    let rare = goods(app, &seller, &format!("{one} rare"), 1_000, 9).await;
    let best = goods(app, &seller, &format!("{one} best"), 1_000, 9).await;
    let never = goods(app, &seller, &format!("{one} never"), 1_000, 9).await;
    let before = version(&seller, &best).await;
    for (cup, quantity) in [(&rare, 1), (&best, 3)] {
        let placed = buy(&buyer, &[(&cup.variant, quantity)]).await.expect(201);
        let order = text(&placed["orders"][0]["id"]);
        for step in ["confirm", "ship", "deliver"] {
            let reply = seller
                .post(&format!("/v1/sales/{order}/{step}"), json!({}))
                .await;
            assert!(reply.status < 300, "{step}: {reply:?}");
        }
        let reply = buyer
            .post(&format!("/v1/orders/{order}/complete"), json!({}))
            .await;
        assert!(reply.status < 300, "{reply:?}");
    }
    let parameters = [("q", one.as_str()), ("sort", "best_selling")];
    let page = until("both are counted", Duration::from_secs(20), || async {
        let page = search(&app.stranger(), &parameters).await.expect(200);
        (page["items"][1]["units_sold"] == 1).then_some(page)
    })
    .await;
    assert_eq!(
        ids(&items(&page)),
        [&best, &rare, &never].map(|g| g.product.clone())
    );
    assert_eq!(page["items"][0]["units_sold"], 3);
    assert_eq!(version(&seller, &best).await, before, "no new version");
    let product = app
        .stranger()
        .get(&format!("/v1/products/{}", best.product))
        .await;
    assert!(
        !product.raw.contains("units_sold"),
        "not on the cached page: {}",
        product.raw
    );
}
