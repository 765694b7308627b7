//! Promotions by their routes: keeping them, and who may.

mod offers;

use reqwest::Method;
use serde_json::{Value, json};
use tokio_postgres::types::Json;
use uuid::Uuid;

use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::{Actor, Reply};

/// A code that no other test has.
pub fn code() -> String {
    let unique = Uuid::new_v4().simple().to_string();
    format!("T-{}", &unique[..12]).to_uppercase()
}

/// A tenth off everything of a seller, with `extra` in it.
pub fn a_tenth_off(extra: Value) -> Value {
    let mut body = json!({
        "kind": "product_discount", "title": "A tenth off", "currency": "VND",
        "rule": {"off": {"basis_points": 1000}}, "starts_at": "2020-01-01T00:00:00Z",
    });
    let fields = body.as_object_mut().expect("an object");
    fields.extend(extra.as_object().expect("an object").clone());
    body
}

async fn delete(actor: &Actor, id: &str, version: i64) -> Reply {
    let request = actor.request(Method::DELETE, &format!("/v1/promotions/{id}"));
    send(request.header("if-match", format!("\"{version}\""))).await
}

async fn moderator(app: &App) -> Actor {
    let mut actor = app.someone("Moderator").await;
    app.grant(&actor, "moderator").await;
    actor.sign_in().await;
    actor
}

/// Two units of something of this seller.

#[tokio::test]
async fn a_seller_makes_changes_and_deletes_a_promotion() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let code = code();
    let body = a_tenth_off(json!({"code": code.to_lowercase(), "budget": 1_000_000}));
    let key = Uuid::new_v4().to_string();
    let first = seller.post_keyed("/v1/promotions", &key, &body).await;
    assert_eq!(first.status, 201, "{}", first.raw);
    assert_eq!(first.header("etag"), "\"1\"");
    let made = first.body.clone();
    let id = text(&made["id"]);
    assert_eq!(first.header("location"), format!("/v1/promotions/{id}"));
    assert_eq!(made["code"], code, "codes are in upper case");
    assert_eq!(
        (&made["owner"], &made["status"], &made["version"]),
        (&json!("seller"), &json!("on"), &json!(1))
    );
    let again = seller.post_keyed("/v1/promotions", &key, &body).await;
    assert_eq!(again.body, made);
    assert_eq!(again.header("idempotency-replayed"), "true");

    let path = format!("/v1/promotions/{id}");
    assert_eq!(seller.get(&path).await.expect(200), made);
    let listed = seller.get("/v1/promotions").await.expect(200);
    assert_eq!(listed["items"], json!([made]));
    let found = seller.get(&format!("/v1/promotions?code={code}")).await;
    assert_eq!(found.expect(200)["items"][0]["id"], made["id"]);

    let patch = json!({"title": "A fifth off", "rule": {"off": {"basis_points": 2000}}, "budget": null,
        "recurrence": {"cron": "0 18 * * FRI", "zone": "Asia/Ho_Chi_Minh", "duration_s": 3600}});
    let changed = seller.patch(&path, 1, patch.clone()).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(changed["title"], "A fifth off");
    assert_eq!(changed["rule"]["off"]["basis_points"], 2000);
    assert!(changed["budget"].is_null());
    assert_eq!(changed["code"], code, "what is left out stays");
    let opens = text(&changed["window"]["starts_at"]);
    assert!(
        opens.ends_with("T11:00:00.000Z"),
        "18:00 in Vietnam: {opens}"
    );
    assert_eq!(
        seller.patch(&path, 2, patch).await.expect(200)["version"],
        2,
        "what changes nothing makes no version"
    );
    seller
        .patch(&path, 1, json!({"enabled": false}))
        .await
        .expect_problem(412, "stale_version");

    delete(&seller, id, 1)
        .await
        .expect_problem(412, "stale_version");
    delete(&seller, id, 2).await.expect(204);
    seller.get(&path).await.expect_problem(404, "not_found");
    let reused = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code})))
        .await;
    assert_eq!(reused.status, 201, "a deleted promotion's code is free");

    app.events_settled().await;
    let told: Vec<(String, i64)> = app
        .sql()
        .await
        .query(
            "SELECT kind, sequence FROM promotion.outbox WHERE subject = $1::text::uuid ORDER BY seq",
            &[&id],
        )
        .await
        .expect("the events")
        .iter()
        .map(|row| (row.get(0), row.get(1)))
        .collect();
    let changed = |sequence| ("promotion.changed".to_owned(), sequence);
    assert_eq!(told, [changed(1), changed(2), changed(3)]);
}

#[tokio::test]
async fn a_code_belongs_to_one_promotion() {
    let app = shared();
    let (seller, other) = (app.someone("Seller").await, app.someone("Other").await);
    let code = code();
    let made = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code})))
        .await
        .expect(201);
    other
        .post(
            "/v1/promotions",
            a_tenth_off(json!({"code": code.to_lowercase()})),
        )
        .await
        .expect_problem(409, "code_taken");
    let second = other
        .post("/v1/promotions", a_tenth_off(json!({"code": self::code()})))
        .await
        .expect(201);
    let path = format!("/v1/promotions/{}", text(&second["id"]));
    other
        .patch(&path, 1, json!({"code": code}))
        .await
        .expect_problem(409, "code_taken");
    assert_ne!(made["id"], second["id"]);
}

#[tokio::test]
async fn the_promotion_of_somebody_else_is_not_there() {
    let app = shared();
    let (seller, other) = (app.someone("Seller").await, app.someone("Other").await);
    let staff = moderator(app).await;
    let made = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code()})))
        .await
        .expect(201);
    let id = text(&made["id"]);
    let path = format!("/v1/promotions/{id}");
    for stranger in [&other, &staff] {
        stranger.get(&path).await.expect_problem(404, "not_found");
        stranger
            .get(&format!("{path}/usage"))
            .await
            .expect_problem(404, "not_found");
        stranger
            .patch(&path, 1, json!({"enabled": false}))
            .await
            .expect_problem(404, "not_found");
        delete(stranger, id, 1)
            .await
            .expect_problem(404, "not_found");
    }
    assert_eq!(
        other.get("/v1/promotions").await.expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn the_platform_has_promotions_of_its_staff() {
    let app = shared();
    let (seller, staff) = (app.someone("Seller").await, moderator(app).await);
    let body = a_tenth_off(json!({"owner": "platform", "code": code()}));
    seller
        .post("/v1/promotions", body.clone())
        .await
        .expect_problem(403, "forbidden");
    seller
        .get("/v1/promotions?owner=platform")
        .await
        .expect_problem(403, "forbidden");
    let made = staff.post("/v1/promotions", body).await.expect(201);
    assert_eq!(made["owner"], "platform");
    let path = format!("/v1/promotions/{}", text(&made["id"]));
    seller.get(&path).await.expect_problem(404, "not_found");
    let other = moderator(app).await;
    assert_eq!(other.get(&path).await.expect(200), made);
    let listed = other
        .get(&format!(
            "/v1/promotions?owner=platform&code={}",
            text(&made["code"])
        ))
        .await
        .expect(200);
    assert_eq!(listed["items"], json!([made]));
    let own = other.get("/v1/promotions").await.expect(200);
    assert_eq!(own["items"], json!([]));
    let changed = other
        .patch(&path, 1, json!({"enabled": false}))
        .await
        .expect(200);
    assert_eq!(changed["status"], "disabled");
}

#[tokio::test]
async fn what_makes_no_sense_is_pointed_at() {
    let app = shared();
    let seller = app.someone("Seller").await;
    for (extra, pointer) in [
        (
            json!({"rule": {"off": {"basis_points": 10_001}}}),
            "/rule/off/basis_points",
        ),
        (json!({"rule": {"fixed": 5}}), "/rule"),
        (json!({"title": " "}), "/title"),
        (json!({"code": "ab"}), "/code"),
        (json!({"currency": "XYZ"}), "/currency"),
        (json!({"group_name": "A b"}), "/group_name"),
        (
            json!({"scope": {"categories": ["Not A Slug"]}}),
            "/scope/categories/0",
        ),
        (
            json!({"conditions": {"minimum_spend": 0}}),
            "/conditions/minimum_spend",
        ),
        (json!({"ends_at": "2019-01-01T00:00:00Z"}), "/ends_at"),
        (json!({"starts_at": "1970-01-01T00:00:00Z"}), "/starts_at"),
        (json!({"budget": 0}), "/budget"),
        (
            json!({"recurrence": {"cron": "0 0 30 2 *", "zone": "UTC", "duration_s": 60}}),
            "/recurrence/cron",
        ),
        (
            json!({"recurrence": {"cron": "0 0 * * *", "zone": "Nowhere", "duration_s": 60}}),
            "/recurrence/zone",
        ),
    ] {
        let reply = seller
            .post("/v1/promotions", a_tenth_off(extra.clone()))
            .await;
        reply.expect_problem(422, "validation_failed");
        let pointers: Vec<&str> = reply.body["errors"]
            .as_array()
            .expect("errors")
            .iter()
            .map(|e| text(&e["pointer"]))
            .collect();
        assert!(
            pointers.iter().any(|p| p.starts_with(pointer)),
            "{extra}: {}",
            reply.raw
        );
    }
    // A change is judged together with what it leaves alone.
    let made = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code()})))
        .await
        .expect(201);
    let path = format!("/v1/promotions/{}", text(&made["id"]));
    let reply = seller
        .patch(&path, 1, json!({"rule": {"buy": 2, "get": 1}}))
        .await;
    reply.expect_problem(422, "validation_failed");
    let reply = seller
        .patch(&path, 1, json!({"ends_at": "2019-01-01T00:00:00Z"}))
        .await;
    reply.expect_problem(422, "validation_failed");
    assert_eq!(reply.body["errors"][0]["pointer"], "/ends_at");
}

#[tokio::test]
async fn an_owner_has_a_bounded_number_of_automatic_promotions() {
    let app = shared();
    let seller = app.someone("Seller").await;
    for _ in 0..50 {
        seller
            .post("/v1/promotions", a_tenth_off(json!({})))
            .await
            .expect(201);
    }
    let reply = seller.post("/v1/promotions", a_tenth_off(json!({}))).await;
    reply.expect_problem(409, "automatic_limit");
    assert_eq!(reply.body["limit"], 50);
    let coded = seller
        .post("/v1/promotions", a_tenth_off(json!({"code": code()})))
        .await
        .expect(201);
    let path = format!("/v1/promotions/{}", text(&coded["id"]));
    seller
        .patch(&path, 1, json!({"code": null}))
        .await
        .expect_problem(409, "automatic_limit");
    // All of them can be found, page by page.
    let mut found = 0;
    let mut cursor = String::new();
    loop {
        let page = seller
            .get(&format!("/v1/promotions?limit=20{cursor}"))
            .await
            .expect(200);
        found += page["items"].as_array().expect("items").len();
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(found, 51);
}

#[tokio::test]
async fn the_owner_sees_what_is_held_spent_and_left_and_sets_no_limit_below() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let limits = json!({"code": code(), "usage_limit": 3, "budget": 100});
    let made = seller
        .post("/v1/promotions", a_tenth_off(limits))
        .await
        .expect(201);
    let id = text(&made["id"]);
    let path = format!("/v1/promotions/{id}");
    let sql = app.module_sql("promotion").await;
    for (amount, checkout) in [(60, Uuid::now_v7()), (40, Uuid::now_v7())] {
        let uses = json!([{"promotion_id": id, "version": 1, "amount": amount}]);
        sql.query_one(
            "SELECT promotion.hold_v1($1, $2, 'VND', $3, 900)",
            &[&checkout, &Uuid::now_v7(), &Json(&uses)],
        )
        .await
        .expect("held");
        if amount == 60 {
            sql.query_one("SELECT promotion.commit_v1($1)", &[&checkout])
                .await
                .expect("committed");
        }
    }
    let money = |amount: i64| json!({"amount": amount, "currency": "VND"});
    assert_eq!(
        seller.get(&format!("{path}/usage")).await.expect(200),
        json!({
            "promotion_id": id, "exhausted": true,
            "held": {"uses": 1, "amount": money(40)},
            "spent": {"uses": 1, "amount": money(60)},
            "remaining": {"uses": 1, "amount": money(0)},
        })
    );
    assert_eq!(seller.get(&path).await.expect(200)["status"], "exhausted");
    for below in [json!({"budget": 99}), json!({"usage_limit": 1})] {
        let reply = seller.patch(&path, 1, below).await;
        reply.expect_problem(409, "limit_used");
        assert_eq!(reply.body["used_uses"], 2);
    }
    let more = seller
        .patch(&path, 1, json!({"budget": 101}))
        .await
        .expect(200);
    assert_eq!(more["status"], "on");
}
