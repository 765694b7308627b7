//! A guest's cart and an account's: what they show of the shop, and what they refuse.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{call, cart, change, guest, hide, line, lines, put, put_as, reprice, take_down};
use crate::support::actor::send;
use crate::support::app::shared;
use crate::support::goods::{goods, import};

#[tokio::test]
async fn a_guests_cart_is_merged_at_login_and_counts_once() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let lamp = goods(app, &seller, "Lamp", 120_000, 50).await;
    let cup = goods(app, &seller, "Cup", 30_000, 50).await;
    put_as(
        &buyer,
        None,
        &lamp.variant,
        json!({"quantity": 2, "selected": false}),
    )
    .await
    .expect(200);
    // The guest looks later, and sees another price.
    reprice(&seller, &lamp, 110_000).await;
    let (guest, token) = guest(app).await;
    for (item, quantity) in [(&lamp, 3), (&cup, 4)] {
        let reply = put_as(
            &guest,
            Some(&token),
            &item.variant,
            json!({"quantity": quantity}),
        )
        .await;
        reply.expect(200);
    }

    let body = json!({"cart_token": token});
    let merges = join_all((0..2).map(|_| buyer.post("/v1/cart/merge", body.clone()))).await;
    let again = buyer.post_keyed("/v1/cart/merge", "merge", &body).await;
    for reply in merges.into_iter().chain([again]) {
        let summary = reply.expect(200);
        assert_eq!(
            (&summary["line_count"], &summary["units"]),
            (&json!(2), &json!(9))
        );
    }
    let merged = cart(&buyer).await;
    let quantities = [(lamp.variant.clone(), 5), (cup.variant.clone(), 4)];
    assert_eq!(lines(&merged), quantities);
    let lamps = line(&merged, &lamp.variant);
    assert_eq!(
        (&lamps["selected"], &lamps["status"]),
        (&json!(true), &json!("ok")),
        "{lamps}"
    );

    call(&guest, Some(&token), Method::GET, "/v1/cart", None)
        .await
        .expect_problem(404, "not_found");
    // A token that never was says no more than one that is used up.
    let never = "A".repeat(43);
    let reply = buyer
        .post("/v1/cart/merge", json!({"cart_token": never}))
        .await;
    assert_eq!(reply.expect(200)["units"], 9);
    let reply = buyer
        .post("/v1/cart/merge", json!({"cart_token": "short"}))
        .await;
    reply.expect_problem(422, "validation_failed");
}

#[tokio::test]
async fn prices_and_stock_are_those_of_the_moment() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let mut shelf = Vec::new();
    for name in ["Fine", "Dearer", "Scarce", "Hidden", "Fake"] {
        shelf.push(goods(app, &seller, name, 10_000, 5).await);
    }
    let [fine, dearer, scarce, hidden, fake] = shelf.as_slice() else {
        panic!("five things")
    };
    for item in &shelf {
        put(&buyer, &item.variant, 4).await.expect(200);
    }
    let before = buyer.get("/v1/cart").await;
    let all_well = |cart: &Value| {
        let lines = cart["lines"].as_array().expect("lines");
        lines
            .iter()
            .all(|l| l["status"] == "ok" && l["available"] == 5)
    };
    assert!(all_well(&before.body), "{}", before.raw);
    assert_eq!(before.body["totals"][0]["total"]["amount"], 200_000);
    let tag = before.header("etag").to_owned();
    let unchanged = buyer
        .request(Method::GET, "/v1/cart")
        .header("if-none-match", &tag);
    assert_eq!(send(unchanged).await.status, 304);

    reprice(&seller, dearer, 12_500).await;
    let other = app.someone("Other").await;
    let bought = crate::support::goods::buy(&other, &[(&scarce.variant, 3)]).await;
    bought.expect(201);
    hide(&seller, hidden).await;
    take_down(app, fake).await;

    let after = buyer.get("/v1/cart").await;
    assert_eq!(after.body["version"], before.body["version"]);
    assert_ne!(after.header("etag"), tag, "the tag covers prices and stock");
    let seen = after.expect(200);
    assert_eq!(line(&seen, &fine.variant)["status"], "ok");
    let dear = line(&seen, &dearer.variant);
    assert_eq!(
        (
            &dear["status"],
            &dear["old"]["amount"],
            &dear["new"]["amount"],
            &dear["total"]["amount"]
        ),
        (
            &json!("price_changed"),
            &json!(10_000),
            &json!(12_500),
            &json!(50_000)
        )
    );
    let short = line(&seen, &scarce.variant);
    assert_eq!(
        (&short["status"], &short["available"]),
        (&json!("short"), &json!(2))
    );
    for (item, why, name) in [(hidden, "hidden", "Hidden"), (fake, "taken_down", "Fake")] {
        let gone = line(&seen, &item.variant);
        assert_eq!(
            (&gone["status"], &gone["why"]),
            (&json!("unavailable"), &json!(why))
        );
        assert_eq!(
            (&gone["name"], &gone["unit_price"]),
            (&json!(name), &Value::Null)
        );
        assert_eq!(gone["available"], 0);
    }
    let totals = seen["totals"].as_array().expect("totals");
    assert_eq!((totals.len(), &totals[0]["units"]), (1, &json!(12)));
    assert_eq!(totals[0]["total"]["amount"], 130_000);
    assert_eq!(totals[0]["sellers"][0]["seller_id"], seller.id.to_string());

    import(&seller, &scarce.variant, 2).await;
    put(&buyer, &dearer.variant, 4).await.expect(200);
    let seen = cart(&buyer).await;
    for item in [dearer, scarce] {
        assert_eq!(line(&seen, &item.variant)["status"], "ok");
    }
}

#[tokio::test]
async fn what_is_not_for_sale_does_not_go_into_a_cart() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Vase", 5_000, 5).await;
    put(&seller, &item.variant, 1)
        .await
        .expect_problem(409, "own_goods");
    let unknown = Uuid::now_v7().to_string();
    let reply = put(&buyer, &unknown, 1).await;
    reply.expect_problem(409, "line_unavailable");
    assert_eq!(
        reply.body["lines"],
        json!([{"variant_id": unknown, "why": "unknown"}])
    );
    hide(&seller, &item).await;
    let reply = put(&buyer, &item.variant, 1).await;
    reply.expect_problem(409, "line_unavailable");
    assert_eq!(reply.body["lines"][0]["why"], "hidden");
    let (guest, token) = guest(app).await;
    put_as(&guest, Some(&token), &item.variant, json!({"quantity": 1}))
        .await
        .expect_problem(409, "line_unavailable");
    for quantity in [0, 1_000] {
        put(&buyer, &item.variant, quantity)
            .await
            .expect_problem(422, "validation_failed");
    }
    assert_eq!(
        cart(&buyer).await,
        json!({"version": 0, "lines": [], "totals": []})
    );
}

#[tokio::test]
async fn lines_are_set_added_selected_and_taken_out() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let tea = goods(app, &seller, "Tea", 20_000, 5).await;
    let pot = goods(app, &seller, "Pot", 90_000, 5).await;
    let first = put(&buyer, &tea.variant, 2).await.expect(200);
    let same = put(&buyer, &tea.variant, 2).await.expect(200);
    assert_eq!(first, same, "setting what is set changes nothing");

    let add = |quantity: u32| json!({"variant_id": tea.variant, "quantity": quantity});
    let added = buyer.post_keyed("/v1/cart/lines", "add", &add(3)).await;
    assert_eq!(added.body["units"], 5, "{}", added.raw);
    // Repeated after the goods have gone, it is still what it was.
    hide(&seller, &tea).await;
    let again = buyer.post_keyed("/v1/cart/lines", "add", &add(3)).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(200), added.expect(200));
    buyer
        .post_keyed("/v1/cart/lines", "add-2", &add(1))
        .await
        .expect_problem(409, "line_unavailable");
    change(&seller, &tea.product, Method::POST, "/publish", Value::Null).await;
    buyer
        .post_keyed("/v1/cart/lines", "add", &add(4))
        .await
        .expect_problem(422, "idempotency_key_reused");
    let reply = buyer.post("/v1/cart/lines", add(995)).await;
    reply.expect_problem(422, "validation_failed");
    assert_eq!(reply.body["errors"][0]["pointer"], "/quantity");
    buyer.post("/v1/cart/lines", add(994)).await.expect(200);

    let version = put(&buyer, &pot.variant, 1).await.expect(200)["version"].clone();
    let select = |body: Value| call(&buyer, None, Method::PATCH, "/v1/cart/lines", Some(body));
    select(json!({"all": true, "selected": false}))
        .await
        .expect(200);
    let body = json!({"variant_ids": [pot.variant, Uuid::now_v7()], "selected": true});
    select(body.clone()).await.expect(200);
    let seen = select(body).await.expect(200);
    assert_eq!(seen["version"].as_i64(), version.as_i64().map(|v| v + 2));
    for body in [
        json!({"selected": true}),
        json!({"all": true, "variant_ids": [pot.variant], "selected": true}),
    ] {
        select(body).await.expect_problem(422, "validation_failed");
    }
    let seen = cart(&buyer).await;
    assert_eq!(line(&seen, &tea.variant)["selected"], false);
    assert_eq!(seen["totals"][0]["total"]["amount"], 90_000);

    let path = format!("/v1/cart/lines/{}", tea.variant);
    for _ in 0..2 {
        assert_eq!(buyer.delete(&path).await.status, 204);
    }
    assert_eq!(lines(&cart(&buyer).await), [(pot.variant.clone(), 1)]);
    assert_eq!(buyer.delete("/v1/cart").await.status, 204);
    assert_eq!(cart(&buyer).await["lines"], json!([]));
}

#[tokio::test]
async fn the_token_is_the_guests_and_the_account_has_its_own_cart() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Fan", 70_000, 5).await;
    let (guest, token) = guest(app).await;
    let add = json!({"variant_id": item.variant, "quantity": 1});
    for _ in 0..2 {
        let request = guest
            .request(Method::POST, "/v1/cart/lines")
            .header("cart-token", &token)
            .header("idempotency-key", "guest-adds")
            .json(&add);
        assert_eq!(send(request).await.expect(200)["units"], 1);
    }

    // Signed in, another's token is not looked at, neither to read nor to write.
    let seen = call(&buyer, Some(&token), Method::GET, "/v1/cart", None).await;
    assert_eq!(seen.expect(200)["lines"], json!([]));
    let reply = put_as(&buyer, Some(&token), &item.variant, json!({"quantity": 3})).await;
    assert_eq!(reply.expect(200)["units"], 3);
    let reply = call(&buyer, Some(&token), Method::DELETE, "/v1/cart", None).await;
    assert_eq!(reply.status, 204);
    let seen = call(&guest, Some(&token), Method::GET, "/v1/cart", None).await;
    assert_eq!(lines(&seen.expect(200)), [(item.variant.clone(), 1)]);
    let made = call(&buyer, None, Method::POST, "/v1/cart", None)
        .await
        .expect(200);
    assert!(made.get("token").is_none(), "{made}");
    let newcomer = app.someone("New").await;
    let made = call(&newcomer, None, Method::POST, "/v1/cart", None)
        .await
        .expect(201);
    assert!(made.get("token").is_none(), "{made}");

    let unknown = "B".repeat(43);
    for (token, status, code) in [
        (None, 401, "unauthenticated"),
        (Some(unknown.as_str()), 404, "not_found"),
        (Some("rubbish"), 404, "not_found"),
    ] {
        for (method, path, body) in [
            (Method::GET, "/v1/cart".to_owned(), None),
            (Method::DELETE, "/v1/cart".to_owned(), None),
            (
                Method::DELETE,
                format!("/v1/cart/lines/{}", item.variant),
                None,
            ),
            (Method::POST, "/v1/cart/lines".to_owned(), Some(add.clone())),
            (
                Method::PUT,
                format!("/v1/cart/lines/{}", item.variant),
                Some(json!({"quantity": 1})),
            ),
            (
                Method::PATCH,
                "/v1/cart/lines".to_owned(),
                Some(json!({"all": true, "selected": true})),
            ),
        ] {
            call(&guest, token, method, &path, body)
                .await
                .expect_problem(status, code);
        }
    }
    let body = super::checkout::of_cart();
    let request = guest
        .request(Method::POST, "/v1/checkouts")
        .header("cart-token", &token)
        .header("idempotency-key", "guest-buys")
        .json(&body);
    send(request).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn a_cart_holds_a_hundred_lines() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let mut shelf = Vec::new();
    for name in ["Last", "Over"] {
        shelf.push(goods(app, &seller, name, 1_000, 5).await);
    }
    // Ninety-nine of which the shop knows nothing.
    app.module_sql("order")
        .await
        .execute(
            "SELECT \"order\".put_cart_line_v1($1::text::uuid, NULL, jsonb_build_object(
                 'variant_id', shared.uuid_v7(), 'product_id', shared.uuid_v7(), 'seller_id', shared.uuid_v7(),
                 'name', 'Filler', 'unit_price', 1, 'currency', 'VND'), 1, true)
             FROM generate_series(1, 99)",
            &[&buyer.id.to_string()],
        )
        .await
        .expect("the cart is filled");
    put(&buyer, &shelf[0].variant, 1).await.expect(200);
    let reply = put(&buyer, &shelf[1].variant, 1).await;
    reply.expect_problem(409, "cart_full");
    assert_eq!(reply.body["most_lines"], 100);
    put(&buyer, &shelf[0].variant, 2).await.expect(200);
    let seen = cart(&buyer).await;
    assert_eq!(lines(&seen).len(), 100);
    assert_eq!(line(&seen, &shelf[0].variant)["status"], "ok");

    // Merging refuses rather than to lose anything, and both carts stay as they are.
    let (guest, token) = guest(app).await;
    put_as(
        &guest,
        Some(&token),
        &shelf[1].variant,
        json!({"quantity": 1}),
    )
    .await
    .expect(200);
    let body = json!({"cart_token": token});
    buyer
        .post("/v1/cart/merge", body.clone())
        .await
        .expect_problem(409, "cart_full");
    let filler = lines(&seen)[0].0.clone();
    assert_eq!(
        buyer
            .delete(&format!("/v1/cart/lines/{filler}"))
            .await
            .status,
        204
    );
    assert_eq!(
        buyer.post("/v1/cart/merge", body).await.expect(200)["line_count"],
        100
    );
}
