//! Both sides' lists of orders, and what a seller does with many orders at once.

use std::collections::BTreeSet;

use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::orders::placed;
use crate::support::actor::send;
use crate::support::app::{App, shared, text};
use crate::support::goods::{buy, category, goods, import};
use crate::support::{Actor, Reply};

async fn list(actor: &Actor, path: &str, parameters: &[(&str, &str)]) -> Reply {
    send(actor.request(Method::GET, path).query(parameters)).await
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a list");
    items.iter().map(|o| text(&o["id"]).to_owned()).collect()
}

/// Buys one unit of a product with this name and code; the order's id.
async fn bought(app: &App, seller: &Actor, buyer: &Actor, name: &str, code: &str) -> String {
    let page = seller
        .post(
            "/v1/products",
            json!({
                "name": name, "category_id": category(app).await, "currency": "VND", "publish": true,
                "slug": format!("p-{}", Uuid::new_v4().simple()),
                "variants": [{"sku": code, "price": 10_000}],
            }),
        )
        .await
        .expect(201);
    let variant = text(&page["variants"][0]["id"]);
    import(seller, variant, 3).await;
    let checkout = buy(buyer, &[(variant, 1)]).await.expect(201);
    text(&checkout["orders"][0]["id"]).to_owned()
}

#[tokio::test]
async fn orders_are_found_by_words_codes_and_ids_on_both_sides() {
    let app = shared();
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let lamp = bought(app, &seller, &buyer, "Đèn lồng giấy (đỏ)", "DL-12/R").await;
    let shirt = bought(app, &seller, &buyer, "Áo dài 100% lụa", "AD_7").await;
    let cacao = bought(app, &seller, &buyer, "Cacao", "").await;
    for (q, found) in [
        ("đèn", vec![&lamp]),
        ("DEN LONG", vec![&lamp]),
        ("giay  den", vec![&lamp]),
        ("ồng", vec![&lamp]),
        ("dl-12", vec![&lamp]),
        ("12 dl", vec![&lamp]),
        ("ad_7", vec![&shirt]),
        // Two letters: only where a word begins.
        ("ao", vec![&shirt]),
        ("aca", vec![&cacao]),
        ("l", vec![&shirt, &lamp]),
        ("den lua", vec![]),
        ("nothing", vec![]),
        ("%", vec![]),
        ("de_", vec![&lamp]),
        ("💩", vec![]),
        ("'; DROP TABLE x; --", vec![]),
        (&lamp, vec![&lamp]),
        (&lamp.to_uppercase(), vec![&lamp]),
        (&lamp[..35], vec![]),
    ] {
        for (actor, path) in [(&buyer, "/v1/orders"), (&seller, "/v1/sales")] {
            let page = list(actor, path, &[("q", q)]).await.expect(200);
            assert_eq!(
                ids(&page).iter().collect::<Vec<_>>(),
                found,
                "{path} ?q={q}"
            );
        }
    }
    seller
        .post(&format!("/v1/sales/{lamp}/confirm"), json!({}))
        .await
        .expect(200);
    for (status, q, found) in [
        ("confirmed", "l", &lamp),
        ("awaiting_confirmation", "l", &shirt),
        ("confirmed", lamp.as_str(), &lamp),
    ] {
        let page = list(&seller, "/v1/sales", &[("status", status), ("q", q)]).await;
        assert_eq!(ids(&page.expect(200)), [found.as_str()], "{status} {q}");
    }
    let other = list(&seller, "/v1/sales", &[("status", "shipped"), ("q", &lamp)]).await;
    assert_eq!(other.expect(200)["items"], json!([]));
}

#[tokio::test]
async fn orders_are_found_by_when_they_were_placed() {
    let app = shared();
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let mut orders = Vec::new();
    for name in ["First", "Second", "Third"] {
        orders.push(bought(app, &seller, &buyer, name, "").await);
    }
    let page = buyer.get("/v1/orders").await.expect(200);
    let newest_first: Vec<&String> = orders.iter().rev().collect();
    assert_eq!(ids(&page).iter().collect::<Vec<_>>(), newest_first);
    let second = text(&page["items"][1]["placed_at"]);
    for (actor, path) in [(&buyer, "/v1/orders"), (&seller, "/v1/sales")] {
        let from = list(actor, path, &[("placed_from", second)])
            .await
            .expect(200);
        assert_eq!(ids(&from), [orders[2].clone(), orders[1].clone()]);
        let to = list(actor, path, &[("placed_to", second)])
            .await
            .expect(200);
        assert_eq!(ids(&to), [orders[0].clone()]);
        let zoned = [
            ("placed_from", "2001-01-01T00:00:00+07:00"),
            ("placed_to", second),
        ];
        assert_eq!(
            ids(&list(actor, path, &zoned).await.expect(200)),
            [orders[0].clone()]
        );
        let words = [("placed_from", second), ("q", "third")];
        assert_eq!(
            ids(&list(actor, path, &words).await.expect(200)),
            [orders[2].clone()]
        );
        for (parameter, value) in [
            ("placed_from", "yesterday"),
            ("placed_to", "2026-13-01T00:00:00Z"),
            ("placed_from", "+99999-01-01T00:00:00Z"),
            ("placed_to", "0000-01-01T00:00:00Z"),
            ("q", ""),
            ("q", " "),
            ("q", "a\u{0}b"),
            ("status", "lost"),
        ] {
            let reply = list(actor, path, &[(parameter, value)]).await;
            reply.expect_problem(422, "validation_failed");
            let pointer = text(&reply.body["errors"][0]["pointer"]);
            assert_eq!(pointer, format!("?{parameter}"), "{}", reply.raw);
        }
        let nowhere = [("placed_from", second), ("placed_to", second)];
        list(actor, path, &nowhere)
            .await
            .expect_problem(422, "validation_failed");
    }
}

/// Follows the cursors to the end.
async fn walk(actor: &Actor, path: &str, filters: &[(&str, &str)]) -> Vec<String> {
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut parameters = filters.to_vec();
        parameters.push(("limit", "4"));
        if let Some(cursor) = &cursor {
            parameters.push(("cursor", cursor));
        }
        let page = list(actor, path, &parameters).await.expect(200);
        let found = ids(&page);
        assert!(found.len() <= 4);
        all.extend(found);
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return all,
        }
    }
}

#[tokio::test]
async fn paging_meets_every_order_exactly_once() {
    let app = shared();
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let cup = goods(app, &seller, "Tea cup", 1_000, 50).await;
    let pot = goods(app, &seller, "Tea pot", 5_000, 50).await;
    let replies = join_all((0..22).map(async |n| {
        let variant = if n % 2 == 0 {
            &cup.variant
        } else {
            &pot.variant
        };
        buy(&buyer, &[(variant, 1)]).await.expect(201)
    }))
    .await;
    let order = |n: usize| text(&replies[n]["orders"][0]["id"]).to_owned();
    let cancelled: BTreeSet<String> = (0..6).map(order).collect();
    for id in &cancelled {
        let path = format!("/v1/orders/{id}/cancel");
        buyer.post(&path, json!({})).await.expect(200);
    }
    let all: BTreeSet<String> = (0..22).map(order).collect();
    let pots: BTreeSet<String> = (0..22).filter(|n| n % 2 == 1).map(order).collect();
    let open = &all - &cancelled;
    let from = [("placed_from", "2001-01-01T00:00:00Z")];
    for (actor, path) in [(&buyer, "/v1/orders"), (&seller, "/v1/sales")] {
        for (filters, expected) in [
            (&[][..], &all),
            (&from, &all),
            (&[("status", "cancelled")], &cancelled),
            (&[("status", "awaiting_confirmation")], &open),
            (&[("q", "tea")], &all),
            (&[("q", "pot")], &pots),
            (
                &[("q", "pot"), ("status", "cancelled")],
                &(&pots & &cancelled),
            ),
        ] {
            let met = walk(actor, path, filters).await;
            let once: BTreeSet<String> = met.iter().cloned().collect();
            assert_eq!(once.len(), met.len(), "{path} {filters:?}: some twice");
            assert_eq!(&once, expected, "{path} {filters:?}");
        }
        // A cursor is a position, under whatever filter it was got.
        let whole = walk(actor, path, &[]).await;
        let page = list(actor, path, &[("limit", "5")]).await.expect(200);
        let cursor = text(&page["next_cursor"]);
        let rest = list(
            actor,
            path,
            &[("cursor", cursor), ("q", "pot"), ("limit", "100")],
        )
        .await;
        let expected: Vec<&String> = whole[5..].iter().filter(|id| pots.contains(*id)).collect();
        assert_eq!(ids(&rest.expect(200)).iter().collect::<Vec<_>>(), expected);
    }
}

#[tokio::test]
async fn many_orders_are_confirmed_at_once_and_each_has_its_outcome() {
    let app = shared();
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let (cup, foreign) = join(
        goods(app, &seller, "Cup", 1_000, 50),
        placed(app, "Somebody else's"),
    )
    .await;
    let mut orders = Vec::new();
    for _ in 0..4 {
        let checkout = buy(&buyer, &[(&cup.variant, 1)]).await.expect(201);
        orders.push(text(&checkout["orders"][0]["id"]).to_owned());
    }
    buyer
        .post(&format!("/v1/orders/{}/cancel", orders[1]), json!({}))
        .await
        .expect(200);
    let unknown = Uuid::now_v7().to_string();
    // Not in the order of the ids.
    let body =
        json!({"order_ids": [orders[3], unknown, orders[1], foreign.order, orders[0], orders[2]]});
    let path = "/v1/sales/confirmations";
    let first = seller.post_keyed(path, "morning", &body).await;
    let outcome = |order: &str, outcome: &str, status: Value| json!({"order_id": order, "outcome": outcome, "order_status": status});
    let expected = json!({"items": [
        outcome(&orders[3], "confirmed", json!("confirmed")),
        outcome(&unknown, "not_found", Value::Null),
        outcome(&orders[1], "wrong_state", json!("cancelled")),
        outcome(&foreign.order, "not_found", Value::Null),
        outcome(&orders[0], "confirmed", json!("confirmed")),
        outcome(&orders[2], "confirmed", json!("confirmed")),
    ]});
    assert_eq!((first.status, &first.body), (200, &expected));

    let again = seller.post_keyed(path, "morning", &body).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!((again.status, &again.body), (200, &expected));
    let other = json!({"order_ids": [orders[0]]});
    seller
        .post_keyed(path, "morning", &other)
        .await
        .expect_problem(422, "idempotency_key_reused");
    let later = seller.post(path, other).await.expect(200);
    assert_eq!(
        later["items"],
        json!([outcome(&orders[0], "wrong_state", json!("confirmed"))])
    );

    for (body, pointer) in [
        (json!({"order_ids": []}), "/order_ids"),
        (json!({"order_ids": [unknown, unknown]}), "/order_ids"),
        (
            json!({"order_ids": (0..101).map(|_| Uuid::now_v7()).collect::<Vec<_>>()}),
            "/order_ids",
        ),
        (json!({"order_ids": [unknown, "x"]}), "/order_ids/1"),
    ] {
        let reply = seller.post(path, body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{}", reply.raw);
    }

    let summary = seller.get("/v1/sales/summary").await.expect(200);
    let counts: Vec<(&str, i64)> = summary["statuses"]
        .as_array()
        .expect("counts")
        .iter()
        .map(|s| {
            assert_eq!(s["exact"], true);
            (text(&s["status"]), s["count"].as_i64().expect("a count"))
        })
        .filter(|(_, count)| *count > 0)
        .collect();
    assert_eq!(counts, [("confirmed", 3), ("cancelled", 1)]);
    app.events_settled().await;
    for (order, times) in [(&orders[0], 1), (&orders[1], 0), (&orders[3], 1)] {
        let list = buyer.get("/v1/notifications?limit=100").await.expect(200);
        let told = list["items"].as_array().expect("a list").iter();
        let told =
            told.filter(|n| n["kind"] == "order.confirmed" && n["data"]["order_id"] == **order);
        assert_eq!(told.count(), times);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_desks_that_confirm_the_same_orders_confirm_each_once() {
    let app = shared();
    let (seller, buyer) = join(app.someone("Seller"), app.someone("Buyer")).await;
    let cup = goods(app, &seller, "Cup", 1_000, 50).await;
    let checkouts = join_all((0..12).map(async |_| buy(&buyer, &[(&cup.variant, 1)]).await)).await;
    let mut orders: Vec<String> = checkouts
        .into_iter()
        .map(|c| text(&c.expect(201)["orders"][0]["id"]).to_owned())
        .collect();
    let forward = json!({"order_ids": orders});
    orders.reverse();
    let backward = json!({"order_ids": orders});
    let path = "/v1/sales/confirmations";
    let desks = [&forward, &backward, &forward, &backward];
    let replies = join_all(desks.map(|body| seller.post(path, body.clone()))).await;
    let mut confirmed = Vec::new();
    for reply in replies {
        for item in reply.expect(200)["items"].as_array().expect("outcomes") {
            assert_eq!(item["order_status"], "confirmed");
            if item["outcome"] == "confirmed" {
                confirmed.push(text(&item["order_id"]).to_owned());
            }
        }
    }
    confirmed.sort();
    orders.sort();
    assert_eq!(confirmed, orders);
}
