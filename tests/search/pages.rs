//! Filters, sorts, pages, and what is refused.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{categories, ids, items, list, search, word};
use crate::support::app::{App, shared, text};
use crate::support::goods::goods;

/// All pages, two items each.
async fn all_pages(app: &App, parameters: &[(&str, &str)]) -> Vec<Value> {
    let stranger = app.stranger();
    let mut all = Vec::new();
    let mut cursor: Option<String> = None;
    loop {
        let mut with = parameters.to_vec();
        with.push(("limit", "2"));
        if let Some(cursor) = &cursor {
            with.push(("cursor", cursor));
        }
        let page = search(&stranger, &with).await.expect(200);
        all.extend(items(&page));
        assert!(all.len() < 100, "pages without end");
        match page["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return all,
        }
    }
}

#[tokio::test]
async fn filters_narrow_what_is_found_with_words_and_without() {
    let app = shared();
    let (first, second) = (app.someone("First").await, app.someone("Second").await);
    let one = word();
    let (top, leaf) = categories(app, &word()).await;
    let a = list(&first, &one, &top, "VND", 1_000).await;
    let b = list(&first, &one, &leaf, "VND", 2_000).await;
    let c = list(&second, &one, &leaf, "USD", 1_500).await;
    let seller = first.id.to_string();
    for (filters, expected) in [
        (vec![("category_id", top.as_str())], vec![&a, &b, &c]),
        (vec![("category_id", leaf.as_str())], vec![&b, &c]),
        (
            vec![("category_id", top.as_str()), ("currency", "VND")],
            vec![&a, &b],
        ),
        (
            vec![
                ("category_id", top.as_str()),
                ("currency", "VND"),
                ("max_price", "1000"),
            ],
            vec![&a],
        ),
        (
            vec![
                ("category_id", top.as_str()),
                ("currency", "VND"),
                ("min_price", "1001"),
            ],
            vec![&b],
        ),
        (vec![("seller_id", seller.as_str())], vec![&a, &b]),
        (
            vec![
                ("seller_id", seller.as_str()),
                ("category_id", leaf.as_str()),
            ],
            vec![&b],
        ),
        (
            vec![("category_id", top.as_str()), ("in_stock", "true")],
            vec![],
        ),
        (
            vec![("category_id", top.as_str()), ("in_stock", "false")],
            vec![&a, &b, &c],
        ),
    ] {
        let expected: BTreeSet<String> = expected.into_iter().cloned().collect();
        for words in [None, Some(("q", one.as_str()))] {
            let mut parameters = filters.clone();
            parameters.extend(words);
            let page = search(&app.stranger(), &parameters).await.expect(200);
            let found: BTreeSet<String> = ids(&items(&page)).into_iter().collect();
            assert_eq!(found, expected, "{parameters:?}");
            let matched = words.map_or(json!(null), |_| json!("text"));
            assert_eq!(page["match"], matched, "{parameters:?}");
        }
    }
    let nowhere = Uuid::now_v7().to_string();
    let page = search(&app.stranger(), &[("category_id", &nowhere)]).await;
    assert_eq!(items(&page.expect(200)).len(), 0);
}

#[tokio::test]
async fn every_sort_pages_through_everything_once() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let one = word();
    let (top, leaf) = categories(app, &word()).await;
    let mut made = BTreeSet::new();
    for (n, price) in [300, 100, 200, 200, 200, 400, 100].into_iter().enumerate() {
        let category = if n % 2 == 0 { &top } else { &leaf };
        made.insert(list(&seller, &format!("{one} {n}"), category, "VND", price).await);
    }
    let seller_id = seller.id.to_string();
    let ways: [Vec<(&str, &str)>; 3] = [
        vec![("q", &one)],
        vec![("category_id", &top)],
        vec![("seller_id", &seller_id)],
    ];
    for way in ways {
        let mut sorts = vec!["newest", "price_asc", "price_desc", "best_selling"];
        if way[0].0 == "q" {
            sorts.push("relevance");
        }
        for sort in sorts {
            let mut parameters = way.clone();
            parameters.extend([("currency", "VND"), ("sort", sort)]);
            let all = all_pages(app, &parameters).await;
            assert_eq!(all.len(), made.len(), "{parameters:?}");
            let seen: BTreeSet<String> = ids(&all).into_iter().collect();
            assert_eq!(seen, made, "{parameters:?}");
            let prices: Vec<i64> = all
                .iter()
                .filter_map(|i| i["lowest_price"]["amount"].as_i64())
                .collect();
            match sort {
                "price_asc" => assert!(prices.is_sorted(), "{prices:?}"),
                "price_desc" => assert!(prices.iter().rev().is_sorted(), "{prices:?}"),
                "newest" => assert!(ids(&all).iter().rev().is_sorted(), "{parameters:?}"),
                _ => {}
            }
        }
    }
}

#[tokio::test]
async fn near_matches_page_through_everything_once_too() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let one = word();
    let mut made = BTreeSet::new();
    for _ in 0..5 {
        made.insert(goods(app, &seller, &one, 1_000, 0).await.product);
    }
    let wrong = format!("{}z{}", &one[..7], &one[8..]);
    for sort in ["relevance", "newest"] {
        let all = all_pages(app, &[("q", &wrong), ("sort", sort)]).await;
        assert_eq!(all.len(), made.len(), "{sort}");
        assert_eq!(ids(&all).into_iter().collect::<BTreeSet<_>>(), made);
    }
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_search_only() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let one = word();
    for _ in 0..3 {
        goods(app, &seller, &one, 1_000, 0).await;
    }
    let stranger = app.stranger();
    let page = search(&stranger, &[("q", &one), ("limit", "1")])
        .await
        .expect(200);
    let cursor = text(&page["next_cursor"]);
    let next = search(
        &stranger,
        &[("q", &one), ("limit", "2"), ("cursor", cursor)],
    )
    .await;
    assert_eq!(items(&next.expect(200)).len(), 2, "another limit is fine");
    let seller_id = seller.id.to_string();
    for other in [
        vec![("q", "something else")],
        vec![("q", one.as_str()), ("sort", "newest")],
        vec![("q", one.as_str()), ("in_stock", "false")],
        vec![("seller_id", seller_id.as_str())],
        vec![],
    ] {
        let mut parameters = other;
        parameters.push(("cursor", cursor));
        let reply = search(&stranger, &parameters).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(
            reply.body["errors"][0]["pointer"], "?cursor",
            "{}",
            reply.raw
        );
        assert_eq!(reply.body["errors"][0]["code"], "invalid_cursor");
    }
}

#[tokio::test]
async fn a_parameter_that_says_nothing_is_pointed_at() {
    let app = shared();
    let stranger = app.stranger();
    for (parameters, pointer) in [
        (vec![("min_price", "1")], "?currency"),
        (vec![("max_price", "1")], "?currency"),
        (vec![("sort", "price_asc")], "?currency"),
        (vec![("sort", "price_desc"), ("q", "tea")], "?currency"),
        (vec![("currency", "vnd")], "?currency"),
        (vec![("min_price", "-1"), ("currency", "VND")], "?min_price"),
        (
            vec![("min_price", "2"), ("max_price", "1"), ("currency", "VND")],
            "?max_price",
        ),
        (vec![("sort", "relevance")], "?q"),
        (vec![("sort", "cheapest")], "?sort"),
        (vec![("q", "")], "?q"),
        (vec![("q", "   ")], "?q"),
        (vec![("q", "te\u{0}a")], "?q"),
        (vec![("in_stock", "maybe")], "?in_stock"),
        (vec![("seller_id", "me")], "?seller_id"),
        (vec![("colour", "red")], "?colour"),
    ] {
        let reply = search(&stranger, &parameters).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(
            reply.body["errors"][0]["pointer"], pointer,
            "{parameters:?}: {}",
            reply.raw
        );
    }
    let long = "x".repeat(201);
    search(&stranger, &[("q", &long)])
        .await
        .expect_problem(422, "validation_failed");
}
