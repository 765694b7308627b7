//! Wallets, bank accounts and saved methods: what people have and keep, and what administrators correct.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::money::give;
use crate::support::{Actor, Reply};

/// Somebody of the staff.
pub async fn staff(app: &App, role: &str) -> Actor {
    let mut actor = app.someone("Staff").await;
    app.grant(&actor, role).await;
    actor.sign_in().await;
    actor
}

/// What somebody has in a currency; zeros where there never was anything.
pub async fn wallet(actor: &Actor, currency: &str) -> Value {
    let list = actor.get("/v1/wallets").await.expect(200);
    list["items"]
        .as_array()
        .expect("a list")
        .iter()
        .find(|wallet| wallet["currency"] == currency)
        .cloned()
        .unwrap_or_else(|| {
            json!({"currency": currency, "available": 0, "pending_withdrawal": 0, "in_escrow": 0, "debt": 0})
        })
}

/// What somebody can spend.
pub async fn available(actor: &Actor, currency: &str) -> i64 {
    wallet(actor, currency).await["available"]
        .as_i64()
        .expect("a number")
}

/// A bank account of somebody's, with a number that ends in `tail`.
pub async fn bank_account(actor: &Actor, currency: &str, tail: &str) -> Value {
    actor
        .post("/v1/bank-accounts", new_bank_account(currency, tail))
        .await
        .expect(201)
}

fn new_bank_account(currency: &str, tail: &str) -> Value {
    json!({"bank_code": "VCB", "number": format!("01234{tail}"), "holder": "TRAN VAN AN", "currency": currency})
}

fn adjustment(to: &Actor, amount: i64) -> Value {
    json!({"account_id": to.id, "amount": amount, "currency": "VND", "reason": "a test"})
}

async fn adjust(admin: &Actor, body: &Value) -> Reply {
    let key = Uuid::new_v4().to_string();
    admin
        .post_keyed("/v1/wallets/adjustments", &key, body)
        .await
}

async fn put(actor: &Actor, path: &str) -> Reply {
    send(actor.request(Method::PUT, path)).await
}

#[tokio::test]
async fn an_adjustment_is_posted_once_and_stands_in_the_statement() {
    let app = shared();
    let (admin, an) = (staff(app, "admin").await, app.someone("An").await);
    let body = adjustment(&an, 70_000);
    let first = admin
        .post_keyed("/v1/wallets/adjustments", "gift", &body)
        .await;
    let again = admin
        .post_keyed("/v1/wallets/adjustments", "gift", &body)
        .await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(first.clone().expect(201), again.expect(201));
    admin
        .post_keyed("/v1/wallets/adjustments", "gift", &adjustment(&an, 70_001))
        .await
        .expect_problem(422, "idempotency_key_reused");
    adjust(&admin, &adjustment(&an, -20_000)).await.expect(201);

    assert_eq!(available(&an, "VND").await, 50_000);
    let statement = an.get("/v1/wallets/VND/entries").await.expect(200);
    let entries = statement["items"].as_array().expect("entries");
    let of = |entry: &Value| {
        (
            entry["amount"].as_i64().expect("a number"),
            entry["balance_after"].as_i64().expect("a number"),
        )
    };
    assert_eq!(
        entries.iter().map(of).collect::<Vec<_>>(),
        [(-20_000, 50_000), (70_000, 70_000)]
    );
    assert_eq!(entries[1]["reference"], first.body["id"]);
    assert_eq!(
        (&entries[1]["kind"], &entries[1]["note"]),
        (&json!("adjustment"), &json!("a test"))
    );
}

#[tokio::test]
async fn a_statement_comes_in_pages_and_shows_nobody_elses() {
    let app = shared();
    let (admin, an, binh) = (
        staff(app, "admin").await,
        app.someone("An").await,
        app.someone("Binh").await,
    );
    for amount in 1..=5 {
        give(&admin, &an, amount, "VND").await;
    }
    let mut amounts = Vec::new();
    let mut path = "/v1/wallets/VND/entries?limit=2".to_owned();
    loop {
        let page = an.get(&path).await.expect(200);
        amounts.extend(
            page["items"]
                .as_array()
                .expect("entries")
                .iter()
                .map(|entry| entry["amount"].as_i64().expect("a number")),
        );
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/wallets/VND/entries?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(amounts, [5, 4, 3, 2, 1]);
    let other = binh.get("/v1/wallets/VND/entries").await.expect(200);
    assert_eq!(other["items"], json!([]));
    an.get("/v1/wallets/XXQ/entries")
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn only_administrators_adjust_and_never_their_own() {
    let app = shared();
    let (admin, moderator, an) = (
        staff(app, "admin").await,
        staff(app, "moderator").await,
        app.someone("An").await,
    );
    for actor in [&an, &moderator] {
        adjust(actor, &adjustment(&an, 1_000))
            .await
            .expect_problem(403, "forbidden");
    }
    adjust(&admin, &adjustment(&admin, 1_000))
        .await
        .expect_problem(403, "own_affair");
    admin
        .post("/v1/wallets/adjustments", adjustment(&an, 1_000))
        .await
        .expect_problem(400, "idempotency_key_required");
    adjust(&admin, &adjustment(&an, 0))
        .await
        .expect_problem(422, "validation_failed");
    assert_eq!(available(&an, "VND").await, 0);
}

#[tokio::test]
async fn a_wallet_never_falls_below_zero_however_many_take_from_it() {
    let app = shared();
    let (admin, an) = (staff(app, "admin").await, app.someone("An").await);
    give(&admin, &an, 1_000, "VND").await;
    let taken = join_all((0..20).map(|_| async {
        let reply = adjust(&admin, &adjustment(&an, -100)).await;
        if reply.status != 201 {
            reply.expect_problem(409, "insufficient_funds");
        }
        reply.status
    }))
    .await;
    assert_eq!(taken.iter().filter(|status| **status == 201).count(), 10);
    assert_eq!(available(&an, "VND").await, 0);
    adjust(&admin, &adjustment(&an, -1))
        .await
        .expect_problem(409, "insufficient_funds");
}

#[tokio::test]
async fn bank_accounts_show_their_last_digits_and_have_one_default_for_each_currency() {
    let app = shared();
    let (an, binh) = (app.someone("An").await, app.someone("Binh").await);
    let first = bank_account(&an, "VND", "11111").await;
    assert_eq!(first["number"], "****1111");
    assert_eq!(first["is_default"], true);
    let second = bank_account(&an, "VND", "22222").await;
    assert_eq!(second["is_default"], false);
    let dollars = bank_account(&an, "USD", "33333").await;
    assert_eq!(dollars["is_default"], true);
    let again = an
        .post("/v1/bank-accounts", new_bank_account("VND", "11111"))
        .await;
    again.expect_problem(409, "already_saved");
    assert_eq!(again.body["id"], first["id"]);

    let path = |account: &Value| format!("/v1/bank-accounts/{}", text(&account["id"]));
    put(&binh, &format!("{}/default", path(&second)))
        .await
        .expect_problem(404, "not_found");
    assert_eq!(binh.delete(&path(&second)).await.status, 404);
    let now = put(&an, &format!("{}/default", path(&second)))
        .await
        .expect(200);
    assert_eq!(now["is_default"], true);
    let defaults = |list: &Value| -> Vec<String> {
        list["items"]
            .as_array()
            .expect("accounts")
            .iter()
            .filter(|account| account["is_default"] == true)
            .map(|account| text(&account["number"]).to_owned())
            .collect()
    };
    let list = an.get("/v1/bank-accounts").await.expect(200);
    assert_eq!(defaults(&list), ["****3333", "****2222"]);
    assert!(!list.to_string().contains("0123422222"));
    assert_eq!(an.delete(&path(&second)).await.status, 204);
    assert_eq!(an.delete(&path(&second)).await.status, 404);
    let list = an.get("/v1/bank-accounts").await.expect(200);
    assert_eq!(defaults(&list), ["****3333", "****1111"]);
    assert_eq!(
        binh.get("/v1/bank-accounts").await.expect(200)["items"],
        json!([])
    );
}

#[tokio::test]
async fn twenty_things_may_be_saved_and_many_at_once_have_one_default() {
    let app = shared();
    let an = app.someone("An").await;
    let saved = join_all((0..25).map(|n| {
        let body = json!({"provider": "sandbox", "token": format!("card_{n}"), "label": "Visa"});
        an.post("/v1/payment-methods", body)
    }))
    .await;
    let accepted = saved.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(accepted, 20);
    for refused in saved.iter().filter(|reply| reply.status != 201) {
        refused.expect_problem(409, "saved_limit");
    }
    let list = an.get("/v1/payment-methods").await.expect(200);
    let methods = list["items"].as_array().expect("methods");
    assert_eq!(methods.len(), 20);
    assert_eq!(
        methods.iter().filter(|m| m["is_default"] == true).count(),
        1
    );
}

#[tokio::test]
async fn saved_methods_keep_their_token_to_themselves() {
    let app = shared();
    let (an, binh) = (app.someone("An").await, app.someone("Binh").await);
    let save = |token: &str| {
        an.post(
            "/v1/payment-methods",
            json!({"provider": "sandbox", "token": token, "label": "Visa ending in 4242"}),
        )
    };
    save("4242424242424242")
        .await
        .expect_problem(422, "validation_failed");
    // Stripe is not set up here, and keeps nothing.
    let elsewhere = json!({"provider": "stripe", "token": "pm_1NExample", "label": "Mine"});
    an.post("/v1/payment-methods", elsewhere)
        .await
        .expect_problem(422, "provider_unusable");
    let first = save("a_secret_1").await.expect(201);
    let second = save("a_secret_2").await.expect(201);
    assert_eq!(
        (&first["is_default"], &second["is_default"]),
        (&json!(true), &json!(false))
    );
    save("a_secret_1")
        .await
        .expect_problem(409, "already_saved");
    let path = |method: &Value| format!("/v1/payment-methods/{}", text(&method["id"]));
    put(&binh, &format!("{}/default", path(&second)))
        .await
        .expect_problem(404, "not_found");
    put(&an, &format!("{}/default", path(&second)))
        .await
        .expect(200);
    assert_eq!(an.delete(&path(&second)).await.status, 204);
    let list = an.get("/v1/payment-methods").await;
    assert!(!list.raw.contains("a_secret"), "{}", list.raw);
    let items = list.expect(200)["items"].clone();
    assert_eq!(items.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&items[0]["id"], &items[0]["is_default"]),
        (&first["id"], &json!(true))
    );
    // The token may be saved again once it is deleted.
    save("a_secret_2").await.expect(201);
}

#[tokio::test]
async fn commission_rules_are_the_administrators() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let slug = format!("s-{}", Uuid::new_v4().simple());
    let body = json!({"category_slug": slug, "basis_points": 250});
    let set = |actor: &Actor| {
        send(
            actor
                .request(Method::PUT, "/v1/commission-rules")
                .json(&body),
        )
    };
    set(&moderator).await.expect_problem(403, "forbidden");
    set(&admin).await.expect(200);
    let rule = set(&admin).await.expect(200);
    assert_eq!(
        (&rule["category_slug"], &rule["basis_points"]),
        (&json!(slug), &json!(250))
    );
    let list = admin.get("/v1/commission-rules").await.expect(200);
    let rules = list["items"].as_array().expect("rules");
    assert!(
        rules[0]["category_slug"].is_null(),
        "the one for the rest comes first"
    );
    assert!(
        rules
            .iter()
            .any(|rule| rule["category_slug"] == slug.as_str())
    );
    let path = format!("/v1/commission-rules/{slug}");
    assert_eq!(moderator.delete(&path).await.status, 403);
    assert_eq!(admin.delete(&path).await.status, 204);
    assert_eq!(admin.delete(&path).await.status, 404);
}
