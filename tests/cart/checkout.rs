//! A checkout of the cart, and of the address book.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{call, cart, guest, hide, line, lines, put, put_as, reprice, take_down};
use crate::support::app::{shared, text};
use crate::support::goods::{checkout, goods, reconciled, stock};
use crate::support::{Actor, Reply};

/// The body of a checkout of the cart.
pub fn of_cart() -> Value {
    let mut body = checkout(&[]);
    let fields = body.as_object_mut().expect("an object");
    fields.remove("lines");
    fields.insert("cart".into(), true.into());
    body
}

/// Buys what is selected, with a key of its own.
async fn buy_cart(buyer: &Actor) -> Reply {
    let key = Uuid::new_v4().to_string();
    buyer.post_keyed("/v1/checkouts", &key, &of_cart()).await
}

#[tokio::test]
async fn the_selected_lines_of_two_sellers_are_bought_once_and_the_others_stay() {
    let app = shared();
    let (first, second, buyer) = (
        app.someone("An").await,
        app.someone("Binh").await,
        app.someone("Chi").await,
    );
    let cup = goods(app, &first, "Cup", 50_000, 5).await;
    let bowl = goods(app, &second, "Bowl", 70_000, 5).await;
    let later = goods(app, &second, "Later", 10_000, 5).await;
    put(&buyer, &cup.variant, 1).await.expect(200);
    put(&buyer, &bowl.variant, 2).await.expect(200);
    put_as(
        &buyer,
        None,
        &later.variant,
        json!({"quantity": 3, "selected": false}),
    )
    .await
    .expect(200);

    let placed = buyer.post_keyed("/v1/checkouts", "cart", &of_cart()).await;
    assert_eq!(
        placed.body["orders"].as_array().map(Vec::len),
        Some(2),
        "{}",
        placed.raw
    );
    assert_eq!(placed.body["total"]["amount"], 190_000);
    let left = cart(&buyer).await;
    assert_eq!(lines(&left), [(later.variant.clone(), 3)]);

    // The same key is the same purchase, whatever has been put in since.
    put(&buyer, &cup.variant, 4).await.expect(200);
    let again = buyer.post_keyed("/v1/checkouts", "cart", &of_cart()).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.header("location"), placed.header("location"));
    assert_eq!(again.body["id"], placed.body["id"]);
    let wanted = [(later.variant.clone(), 3), (cup.variant.clone(), 4)];
    assert_eq!(lines(&cart(&buyer).await), wanted);
    assert_eq!(stock(app, &cup.variant).await, (4, 0));
    assert_eq!(stock(app, &bowl.variant).await, (3, 0));
    assert_eq!(stock(app, &later.variant).await, (5, 0));
    let orders = buyer.get("/v1/orders").await.expect(200);
    assert_eq!(orders["items"].as_array().map(Vec::len), Some(2));
    reconciled(app).await;

    buyer.delete("/v1/cart").await;
    buy_cart(&buyer).await.expect_problem(409, "cart_empty");
    put_as(
        &buyer,
        None,
        &later.variant,
        json!({"quantity": 1, "selected": false}),
    )
    .await
    .expect(200);
    buy_cart(&buyer).await.expect_problem(409, "cart_empty");
}

#[tokio::test]
async fn a_price_that_has_changed_is_accepted_by_putting_the_line_again() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let tea = goods(app, &seller, "Tea", 30_000, 3).await;
    put(&buyer, &tea.variant, 2).await.expect(200);
    reprice(&seller, &tea, 25_000).await;
    let reply = buy_cart(&buyer).await;
    reply.expect_problem(409, "price_changed");
    let vnd = |amount: i64| json!({"amount": amount, "currency": "VND"});
    assert_eq!(
        reply.body["lines"],
        json!([{"variant_id": tea.variant, "old": vnd(30_000), "new": vnd(25_000)}])
    );
    assert_eq!(lines(&cart(&buyer).await), [(tea.variant.clone(), 2)]);
    assert_eq!(stock(app, &tea.variant).await, (3, 0));
    put(&buyer, &tea.variant, 2).await.expect(200);
    let placed = buy_cart(&buyer).await.expect(201);
    assert_eq!(placed["total"]["amount"], 50_000);
}

#[tokio::test]
async fn what_cannot_be_had_is_named_and_the_cart_stays() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let mut shelf = Vec::new();
    for name in ["Hidden", "Fake", "Gone"] {
        shelf.push(goods(app, &seller, name, 10_000, 2).await);
    }
    let [hidden, fake, gone] = shelf.as_slice() else {
        panic!("three things")
    };
    for item in &shelf {
        put(&buyer, &item.variant, 2).await.expect(200);
    }
    let other = app.someone("Other").await;
    crate::support::goods::buy(&other, &[(&gone.variant, 1)])
        .await
        .expect(201);
    let reply = buy_cart(&buyer).await;
    reply.expect_problem(409, "insufficient_stock");
    assert_eq!(
        reply.body["shortages"],
        json!([{"variant_id": gone.variant, "wanted": 2, "available": 1}])
    );
    hide(&seller, hidden).await;
    take_down(app, fake).await;
    // The key of a refusal is free again.
    for _ in 0..2 {
        let reply = buyer
            .post_keyed("/v1/checkouts", "refused", &of_cart())
            .await;
        reply.expect_problem(409, "line_unavailable");
        assert_eq!(
            reply.body["lines"],
            json!([
                {"variant_id": hidden.variant, "why": "hidden"},
                {"variant_id": fake.variant, "why": "taken_down"},
            ])
        );
    }
    assert_eq!(lines(&cart(&buyer).await).len(), 3);
    for (item, left) in [(hidden, 2), (fake, 2), (gone, 1)] {
        assert_eq!(stock(app, &item.variant).await, (left, 0));
    }
    let kept: i64 = app
        .sql()
        .await
        .query_one(
            "SELECT (SELECT count(*) FROM \"order\".workflow WHERE subject = $1)
                  + (SELECT count(*) FROM \"order\".idempotency WHERE account_id = $1)",
            &[&buyer.id],
        )
        .await
        .expect("counted")
        .get(0);
    assert_eq!(kept, 0, "a refusal keeps nothing");
}

#[tokio::test]
async fn own_goods_come_with_a_guests_cart_and_are_not_bought() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let item = goods(app, &seller, "Mine", 10_000, 2).await;
    let (guest, token) = guest(app).await;
    put_as(&guest, Some(&token), &item.variant, json!({"quantity": 1}))
        .await
        .expect(200);
    seller
        .post("/v1/cart/merge", json!({"cart_token": token}))
        .await
        .expect(200);
    let seen = cart(&seller).await;
    assert_eq!(line(&seen, &item.variant)["status"], "own_goods");
    assert_eq!(seen["totals"], json!([]));
    let reply = buy_cart(&seller).await;
    reply.expect_problem(409, "own_goods");
    assert_eq!(reply.body["lines"], json!([{"variant_id": item.variant}]));
}

#[tokio::test]
async fn limits_of_a_product_and_currencies_hold_for_the_cart_too() {
    let app = shared();
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Rationed", 10_000, 9).await;
    super::change(
        &seller,
        &item.product,
        reqwest::Method::PATCH,
        "",
        json!({"max_per_order": 2}),
    )
    .await;
    put(&buyer, &item.variant, 3).await.expect(200);
    assert_eq!(line(&cart(&buyer).await, &item.variant)["max_per_order"], 2);
    let reply = buy_cart(&buyer).await;
    reply.expect_problem(409, "quantity_limits");
    assert_eq!(
        reply.body["lines"],
        json!([{"variant_id": item.variant, "units": 3, "min_per_order": 1, "max_per_order": 2}])
    );
    put(&buyer, &item.variant, 2).await.expect(200);

    let category = crate::support::goods::category(app).await;
    let dollars = seller
        .post(
            "/v1/products",
            json!({
                "name": "Imported", "category_id": category, "currency": "USD", "publish": true,
                "variants": [{"sku": "ONE", "price": 999}],
            }),
        )
        .await
        .expect(201);
    put(&buyer, text(&dollars["variants"][0]["id"]), 1)
        .await
        .expect(200);
    assert_eq!(
        cart(&buyer).await["totals"].as_array().map(Vec::len),
        Some(2)
    );
    let reply = buy_cart(&buyer).await;
    reply.expect_problem(422, "mixed_currencies");
    assert_eq!(reply.body["currencies"], json!(["USD", "VND"]));
}

#[tokio::test]
async fn an_entry_of_the_address_book_is_kept_as_it_was() {
    let app = shared();
    let (seller, buyer, other) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        app.someone("Other").await,
    );
    let item = goods(app, &seller, "Mat", 10_000, 9).await;
    let contact = buyer
        .post(
            "/v1/me/contacts",
            json!({
                "receiver": "Bà Lan", "phone": "+84901234567", "address_lines": ["12 Hàng Bạc", "tầng 3"],
                "city": "Hà Nội", "postal_code": "10000", "country": "VN",
            }),
        )
        .await
        .expect(201);
    let id = text(&contact["id"]).to_owned();
    let mut body = of_cart();
    let fields = body.as_object_mut().expect("an object");
    fields.remove("delivery");
    fields.insert("contact_id".into(), id.clone().into());

    put(&buyer, &item.variant, 1).await.expect(200);
    put(&other, &item.variant, 1).await.expect(200);
    let unknown = {
        let mut body = body.clone();
        body["contact_id"] = json!(Uuid::now_v7());
        body
    };
    for (who, body) in [(&other, &body), (&buyer, &unknown)] {
        let reply = who.post_keyed("/v1/checkouts", "to-nowhere", body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], "/contact_id");
    }
    let placed = buyer
        .post_keyed("/v1/checkouts", "home", &body)
        .await
        .expect(201);
    let path = format!("/v1/me/contacts/{id}");
    let version = contact["version"].as_i64().expect("a version");
    let moved = json!({"city": "Huế", "receiver": "Ông Minh"});
    buyer.patch(&path, version, moved).await.expect(200);

    let order = text(&placed["orders"][0]["id"]);
    let kept = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    assert_eq!(
        kept["delivery"],
        json!({
            "receiver": "Bà Lan", "phone": "+84901234567", "address_lines": ["12 Hàng Bạc", "tầng 3"],
            "city": "Hà Nội", "postal_code": "10000", "country": "VN",
        })
    );
    // Lines go to a contact just as well.
    let mut body = checkout(&[(&item.variant, 1)]);
    let fields = body.as_object_mut().expect("an object");
    fields.remove("delivery");
    fields.insert("contact_id".into(), id.into());
    let placed = buyer
        .post_keyed("/v1/checkouts", "again", &body)
        .await
        .expect(201);
    let order = text(&placed["orders"][0]["id"]);
    let kept = buyer.get(&format!("/v1/orders/{order}")).await.expect(200);
    assert_eq!(kept["delivery"]["city"], "Huế");
    assert_eq!(stock(app, &item.variant).await, (7, 0));
}

#[tokio::test]
async fn a_checkout_says_once_what_and_once_where_to() {
    let app = shared();
    let buyer = app.someone("Buyer").await;
    let whole = checkout(&[("018f0000-0000-7000-8000-000000000000", 1)]);
    let changed = |field: &str, value: Value| {
        let mut body = whole.clone();
        if value.is_null() {
            body.as_object_mut().expect("an object").remove(field);
        } else {
            body[field] = value;
        }
        body
    };
    for (body, pointer) in [
        (changed("lines", Value::Null), "/lines"),
        (changed("cart", json!(true)), "/cart"),
        (changed("delivery", Value::Null), "/delivery"),
        (changed("contact_id", json!(Uuid::now_v7())), "/contact_id"),
    ] {
        let reply = buyer.post_keyed("/v1/checkouts", "twice", &body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{body}");
    }
    let lines_only = changed("cart", json!(false));
    let reply = buyer
        .post_keyed("/v1/checkouts", "lines", &lines_only)
        .await;
    reply.expect_problem(409, "line_unavailable");
    let method = reqwest::Method::GET;
    let seen = call(&buyer, None, method, "/v1/cart", None)
        .await
        .expect(200);
    assert_eq!(seen["version"], 0, "no cart was made");
}
