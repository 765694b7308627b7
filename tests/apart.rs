//! A module deployed apart: reached over HTTP by those that it was told of, and by nobody else.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use stoa_kit::http::service::remote::{TOKEN, path};
use stoa_kit::http::service::{Call, ServiceKey};
use uuid::Uuid;

use crate::checkouts::prices::uses_are;
use crate::support::app::{App, text};
use crate::support::goods::{Goods, checkout, goods, reconciled};
use crate::support::{Actor, Reply, until};

const PRICE: i64 = 100_000;
const OFF: i64 = 30_000;

struct Apart {
    app: App,
    /// What `order` signs with.
    key: ServiceKey,
    /// Where `promotion` is.
    url: String,
}

impl Apart {
    fn start(name: &str) -> Apart {
        let app = App::own(name, &["--topology", "topologies/promotion-apart.toml"]);
        let file = |name: &str| -> Value {
            let bytes = std::fs::read(app.data_dir.join(name)).expect("a file");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        let seed = file("secrets.json")["service"]["order"].clone();
        Apart {
            key: ServiceKey::decode("order", text(&seed)).expect("a key"),
            url: format!("http://127.0.0.1:{}", file("ports.json")["promotion"]),
            app,
        }
    }

    /// A call as somebody else than `order`'s own component sends it.
    async fn call(&self, function: &str, body: &Value, token: Option<&str>) -> (u16, Value) {
        let body = body.to_string();
        let path = path("promotion", "pricing", function);
        let mut request = reqwest::Client::new()
            .request(Method::POST, format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body);
        if let Some(token) = token {
            request = request.header(TOKEN, token);
        }
        let answer = request.send().await.expect("promotion answers");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    }
}

/// A token for a call of `function` with `body`.
fn token(key: &ServiceKey, audience: &str, function: &str, body: &Value) -> String {
    key.token(
        audience,
        &Call {
            method: "POST",
            path: &path("promotion", "pricing", function),
            body: body.to_string().as_bytes(),
        },
    )
}

async fn a_code(seller: &Actor) -> (String, String) {
    let code = format!("APART{}", &Uuid::new_v4().simple().to_string()[..8]).to_uppercase();
    let made = seller
        .post(
            "/v1/promotions",
            json!({
                "kind": "product_discount", "title": "Off", "code": code, "currency": "VND",
                "rule": {"off": {"per_unit": OFF}},
                "starts_at": "2020-01-01T00:00:00Z", "usage_limit": 100, "budget": 100 * OFF,
            }),
        )
        .await
        .expect(201);
    (code, text(&made["id"]).to_owned())
}

async fn buy(buyer: &Actor, item: &Goods, code: &str, key: &str) -> Option<Reply> {
    let mut body = checkout(&[(&item.variant, 1)]);
    body["codes"] = json!([code]);
    buyer.try_post_keyed("/v1/checkouts", key, &body).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkout_is_priced_by_a_module_apart_and_loses_nothing_when_that_is_halted_or_killed() {
    let apart = Apart::start("apart");
    let app = &apart.app;
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Far", PRICE, 10).await;
    let (code, promotion) = a_code(&seller).await;

    let placed = buy(&buyer, &item, &code, &Uuid::new_v4().to_string()).await;
    let placed = placed.expect("an answer").expect(201);
    assert_eq!(placed["total"]["amount"], json!(PRICE - OFF), "{placed}");

    // Halted: it takes connections and says nothing.
    app.signal("promotion", libc::SIGSTOP);
    let key = Uuid::new_v4().to_string();
    let begun = Instant::now();
    let busy = buy(&buyer, &item, &code, &key).await.expect("an answer");
    assert!([202, 503].contains(&busy.status), "{}", busy.raw);
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the answer took {:?}",
        begun.elapsed()
    );
    app.signal("promotion", libc::SIGCONT);
    goes_through(&buyer, &item, &code, &key).await;

    app.signal("promotion", libc::SIGKILL);
    goes_through(&buyer, &item, &code, &Uuid::new_v4().to_string()).await;

    uses_are(app, &promotion, 0, 3).await;
    app.events_settled().await;
    reconciled(app).await;
}

/// The same key again until the checkout is placed.
async fn goes_through(buyer: &Actor, item: &Goods, code: &str, key: &str) {
    let placed = until(
        "the checkout goes through",
        Duration::from_secs(60),
        || async {
            let reply = buy(buyer, item, code, key).await?;
            (reply.status == 201 || reply.body["status"] == "placed").then_some(reply.body)
        },
    )
    .await;
    assert_eq!(placed["total"]["amount"], json!(PRICE - OFF), "{placed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_module_apart_refuses_what_is_not_meant_for_it_or_comes_from_nobody_it_knows() {
    let apart = Apart::start("apart-door");
    let body = json!([Uuid::new_v4()]);
    let good = token(&apart.key, "promotion", "release", &body);
    assert_eq!(
        apart.call("release", &body, Some(&good)).await,
        (200, json!({"Ok": null})),
        "the token by which the others are measured"
    );

    let user = apart.app.someone("Somebody").await;
    let stranger = ServiceKey::decode("order", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    let stranger = stranger.expect("a key");
    let refused = [
        ("no token", None),
        ("rubbish", Some("a.b.c".to_owned())),
        ("a user's token", user.token.clone()),
        (
            "for another module",
            Some(token(&apart.key, "inventory", "release", &body)),
        ),
        (
            "for another function",
            Some(token(&apart.key, "promotion", "commit", &body)),
        ),
        (
            "for other arguments",
            Some(token(&apart.key, "promotion", "release", &json!([]))),
        ),
        (
            "by a key that is not order's",
            Some(token(&stranger, "promotion", "release", &body)),
        ),
    ];
    for (what, token) in refused {
        let (status, problem) = apart.call("release", &body, token.as_deref()).await;
        assert_eq!(
            (status, &problem["code"]),
            (401, &json!("unknown_peer")),
            "{what}: {problem}"
        );
    }

    // The caller is known; what it says is not taken for granted.
    for (body, status) in [
        (json!([]), 400),
        (json!({"reference": 1}), 400),
        (json!(["no id"]), 200),
    ] {
        let good = token(&apart.key, "promotion", "release", &body);
        let (got, answer) = apart.call("release", &body, Some(&good)).await;
        assert_eq!(got, status, "{body}: {answer}");
        if got == 200 {
            assert!(answer["Err"]["Fault"]["Invalid"].is_string(), "{answer}");
        }
    }
    // Nobody reaches the functions by the shop's own address.
    let path = path("promotion", "pricing", "release");
    let by_the_shop = user
        .request(Method::POST, &path)
        .header(TOKEN, &good)
        .json(&body);
    let outside = crate::support::actor::send(by_the_shop).await;
    outside.expect_problem(404, "not_found");
}
