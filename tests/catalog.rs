//! Products, their variants and states.

use serde_json::json;
use uuid::Uuid;

use crate::support::app::{shared, text};
use crate::support::goods::{category, goods};

#[tokio::test]
async fn a_draft_is_its_sellers_alone_until_it_is_published() {
    let app = shared();
    let (seller, stranger) = (app.someone("Seller").await, app.stranger());
    let made = seller
        .post(
            "/v1/products",
            json!({
                "name": "Đèn lồng giấy", "category_id": category(app).await, "currency": "VND",
                "variants": [
                    {"sku": "R", "attributes": {"colour": "red"}, "price": 120_000},
                    {"sku": "B", "attributes": {"colour": "blue"}, "price": 90_000},
                ],
            }),
        )
        .await;
    assert!(
        made.header("location").starts_with("/v1/products/"),
        "{made:?}"
    );
    let page = made.expect(201);
    let path = format!("/v1/products/{}", text(&page["id"]));
    assert_eq!(
        (text(&page["status"]), text(&page["slug"])),
        ("draft", "den-long-giay")
    );
    assert_eq!(page["lowest_price"]["amount"], 90_000);
    stranger.get(&path).await.expect_problem(404, "not_found");

    let version = page["version"].as_i64().expect("a version");
    let listed = seller
        .act(&format!("{path}/publish"), version)
        .await
        .expect(200);
    assert_eq!(listed["status"], "active");
    stranger.get(&path).await.expect(200);
    let version = listed["version"].as_i64().expect("a version");
    seller
        .act(&format!("{path}/publish"), version)
        .await
        .expect_problem(409, "wrong_state");
    let list = stranger
        .get(&format!("/v1/products?seller_id={}", seller.id))
        .await
        .expect(200);
    assert_eq!(list["items"].as_array().expect("a list").len(), 1);
}

#[tokio::test]
async fn changes_need_the_current_version_and_the_owner() {
    let app = shared();
    let (seller, other) = (app.someone("Seller").await, app.someone("Other").await);
    let item = goods(app, &seller, "Kettle", 50_000, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let version = seller.get(&path).await.body["version"]
        .as_i64()
        .expect("a version");
    other
        .patch(&path, version, json!({"name": "Mine"}))
        .await
        .expect_problem(404, "not_found");
    let changed = seller
        .patch(&path, version, json!({"name": "Tea kettle"}))
        .await
        .expect(200);
    assert_eq!(changed["name"], "Tea kettle");
    seller
        .patch(&path, version, json!({"name": "Late"}))
        .await
        .expect_problem(412, "stale_version");
    let reply = crate::support::actor::send(
        seller
            .request(reqwest::Method::PATCH, &path)
            .json(&json!({"name": "Blind"})),
    )
    .await;
    reply.expect_problem(428, "precondition_required");
}

#[tokio::test]
async fn variants_come_and_go_with_their_combination_and_price() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Shirt", 100_000, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let send = |version: i64, body: serde_json::Value| {
        crate::support::actor::send(
            seller
                .request(reqwest::Method::POST, &format!("{path}/variants"))
                .header("if-match", format!("\"{version}\""))
                .json(&body),
        )
    };
    let version = seller.get(&path).await.body["version"]
        .as_i64()
        .expect("a version");
    let small = json!({"sku": "S", "attributes": {"size": "S"}, "price": 80_000});
    let page = send(version, small.clone()).await;
    assert!(page.status < 300, "{page:?}");
    let version = page.body["version"].as_i64().expect("a version");
    assert_eq!(page.body["lowest_price"]["amount"], 80_000);
    send(version, small)
        .await
        .expect_problem(409, "variant_exists");

    for (n, variant) in page.body["variants"]
        .as_array()
        .expect("variants")
        .iter()
        .enumerate()
    {
        let url = format!("{path}/variants/{}", text(&variant["id"]));
        let version = seller.get(&path).await.body["version"]
            .as_i64()
            .expect("a version");
        let reply = crate::support::actor::send(
            seller
                .request(reqwest::Method::DELETE, &url)
                .header("if-match", format!("\"{version}\"")),
        )
        .await;
        if n == 0 {
            assert!(reply.status < 300, "{reply:?}");
        } else {
            reply.expect_problem(409, "last_variant");
        }
    }
}

#[tokio::test]
async fn a_moderator_takes_down_and_restores() {
    let app = shared();
    let (seller, mut moderator) = (app.someone("Seller").await, app.someone("Moderator").await);
    let item = goods(app, &seller, "Fake watch", 900_000, 0).await;
    let path = format!("/v1/products/{}", item.product);
    let body = json!({"reason": "counterfeit"});
    moderator
        .post(&format!("{path}/take-down"), body.clone())
        .await
        .expect_problem(403, "forbidden");
    app.grant(&moderator, "moderator").await;
    moderator.sign_in().await;
    let taken = moderator
        .post(&format!("{path}/take-down"), body)
        .await
        .expect(200);
    assert_eq!(taken["status"], "taken_down");
    app.stranger()
        .get(&path)
        .await
        .expect_problem(404, "not_found");
    let own = seller.get(&path).await.expect(200);
    let version = own["version"].as_i64().expect("a version");
    seller
        .act(&format!("{path}/publish"), version)
        .await
        .expect_problem(409, "wrong_state");
    let back = moderator.post(&format!("{path}/restore"), json!({})).await;
    assert!(back.status < 300, "{back:?}");
    assert_eq!(seller.get(&path).await.body["status"], "hidden");
}

#[tokio::test]
async fn the_same_key_creates_one_product() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let body = json!({
        "name": "Once", "category_id": category(app).await, "currency": "VND",
        "variants": [{"price": 1_000}],
    });
    let first = seller
        .post_keyed("/v1/products", "once", &body)
        .await
        .expect(201);
    let again = seller
        .post_keyed("/v1/products", "once", &body)
        .await
        .expect(201);
    assert_eq!(first["id"], again["id"]);
    let unkeyed = seller.post("/v1/products", body).await;
    unkeyed.expect_problem(409, "slug_taken");
}

#[tokio::test]
async fn lists_page_through_everything_once() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let mut made = std::collections::BTreeSet::new();
    for n in 0..7 {
        made.insert(
            goods(app, &seller, &format!("Item {n}"), 1_000, 0)
                .await
                .product,
        );
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = seller
            .get(&format!(
                "/v1/products?seller_id={}&limit=3{cursor}",
                seller.id
            ))
            .await
            .expect(200);
        seen.extend(
            page["items"]
                .as_array()
                .expect("items")
                .iter()
                .map(|i| text(&i["id"]).to_owned()),
        );
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert_eq!(
        seen.iter()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>(),
        made
    );
    assert!(seen.windows(2).all(|w| w[0] > w[1]), "newest first");
}

#[tokio::test]
async fn categories_are_made_by_administrators() {
    let app = shared();
    let mut admin = app.someone("Admin").await;
    let slug = format!("c-{}", Uuid::new_v4().simple());
    let body = json!({"slug": slug, "name": "Lamps"});
    admin
        .post("/v1/categories", body.clone())
        .await
        .expect_problem(403, "forbidden");
    app.grant(&admin, "admin").await;
    admin.sign_in().await;
    let made = admin.post("/v1/categories", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let tree = app.stranger().get("/v1/categories").await;
    assert!(tree.raw.contains(&slug), "{}", tree.raw);
}
