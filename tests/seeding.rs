//! Demo data: what `seed` promises, what `inventory reconcile` finds, and that `demo` plays on it.

use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio_postgres::NoTls;

use crate::support::app::{cli, shared};
use crate::support::{App, root, until};

/// Runs the command to its end.
fn stoa(arguments: &[&str]) -> Output {
    Command::new(cli())
        .args(arguments)
        .current_dir(root())
        .env_remove("DATABASE_URL")
        .env_remove("REDIS_URL")
        .stdin(Stdio::null())
        .output()
        .expect("stoa starts")
}

/// Runs the command, which has to succeed, and gives what it printed.
fn stoa_prints(arguments: &[&str]) -> String {
    let output = stoa(arguments);
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out
}

/// A migrated database of the test's own, beside that of the shared app.
struct Database {
    name: String,
    url: String,
    sql: tokio_postgres::Client,
}

impl Database {
    async fn new() -> Database {
        let app = shared();
        let name = format!("seeded_{}", uuid::Uuid::new_v4().simple());
        app.sql()
            .await
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .expect("a database");
        let mut url = reqwest::Url::parse(&app.database).expect("a URL");
        url.set_path(&name);
        let url = url.to_string();
        stoa_prints(&["migrate", "--database-url", &url]);
        let (sql, connection) = tokio_postgres::connect(&url, NoTls)
            .await
            .expect("connected");
        tokio::spawn(connection);
        Database { name, url, sql }
    }

    /// Runs `seed` and gives its report.
    fn seed(&self, arguments: &[&str]) -> Value {
        let arguments = [&["seed", "--json", "--database-url", &self.url], arguments].concat();
        serde_json::from_str(&stoa_prints(&arguments)).expect("a report")
    }

    fn reconcile(&self, arguments: &[&str]) -> Output {
        stoa(
            &[
                &["inventory", "reconcile", "--database-url", &self.url],
                arguments,
            ]
            .concat(),
        )
    }

    async fn number(&self, query: &str) -> i64 {
        self.sql
            .query_one(query, &[])
            .await
            .unwrap_or_else(|e| panic!("{query}: {e:?}"))
            .get(0)
    }

    /// What has to be the same on every machine.
    async fn fingerprint(&self) -> Vec<String> {
        let mut prints = Vec::new();
        for rows in [
            "SELECT id, username, name, roles, country FROM account.account",
            "SELECT account_id, receiver, address_lines, is_default_delivery FROM account.contact",
            "SELECT id, follower_id, seller_id FROM account.follow",
            "SELECT id, parent_id, path, name FROM catalog.category",
            "SELECT id, seller_id, slug, name, description, category_id, currency, lowest_price, version
             FROM catalog.product",
            "SELECT id, product_id, sku, attributes, price, weight_g, barcode, position FROM catalog.variant",
            "SELECT variant_id, price FROM catalog.price_history",
            "SELECT variant_id, seller_id, available, sequence FROM catalog.availability",
            "SELECT product_id, in_stock, listed FROM catalog.search_document",
            "SELECT id, seller_id, name, priority FROM inventory.warehouse",
            "SELECT variant_id, warehouse_id, on_hand, reserved, version FROM inventory.stock",
            "SELECT variant_id, warehouse_id, kind, on_hand_delta FROM inventory.movement",
        ] {
            let print = format!("SELECT md5(string_agg(r::text, '|' ORDER BY r::text)) FROM ({rows}) r");
            let row = self.sql.query_one(&print, &[]).await;
            let print: Option<String> = row.unwrap_or_else(|e| panic!("{rows}: {e:?}")).get(0);
            prints.push(print.unwrap_or_else(|| panic!("nothing in {rows}")));
        }
        prints
    }

    async fn drop(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let admin = shared().sql().await;
        admin.batch_execute(&drop).await.expect("dropped");
    }
}

#[tokio::test]
async fn the_seed_is_the_same_everywhere_and_a_second_run_changes_nothing() {
    let (one, two) = (Database::new().await, Database::new().await);
    let report = one.seed(&[]);
    assert_eq!(report["products"], 1_000);
    assert_eq!(report["added"]["products"], 1_000);
    assert_eq!(report["added"]["variants"], 5_000);
    assert_eq!(
        report["logins"],
        serde_json::json!(["mai", "anh", "lan", "tom", "admin"])
    );
    for (what, count) in [
        ("account.account", 20),
        // And the one that the migrations bring.
        ("catalog.category", 31),
        ("catalog.product", 1_000),
        ("catalog.variant", 5_000),
        ("catalog.price_history", 5_000),
        ("account.contact WHERE is_default_delivery", 9),
        ("account.account WHERE roles @> '{admin}'", 1),
        ("catalog.search_document WHERE listed", 1_000),
    ] {
        let found = one.number(&format!("SELECT count(*) FROM {what}")).await;
        assert_eq!(found, count, "{what}");
    }
    let differing = "SELECT count(*) FROM catalog.search_document d WHERE d.in_stock <> EXISTS (
        SELECT FROM catalog.variant v JOIN inventory.stock s ON s.variant_id = v.id
        WHERE v.product_id = d.product_id AND s.on_hand > 0)";
    assert_eq!(one.number(differing).await, 0, "in stock is what has stock");

    let first = one.fingerprint().await;
    let again = one.seed(&["--again"]);
    assert_eq!(
        again["added"],
        serde_json::json!({"products": 0, "variants": 0, "stock_rows": 0})
    );
    assert_eq!(
        one.fingerprint().await,
        first,
        "a second run changes nothing"
    );

    // In two steps it comes to the same.
    assert_eq!(two.seed(&["--products", "300"])["added"]["products"], 300);
    let report = two.seed(&[]);
    assert_eq!(
        (&report["products"], &report["added"]["products"]),
        (&1_000.into(), &700.into())
    );
    assert_eq!(
        two.fingerprint().await,
        first,
        "another machine has the same"
    );
    let report = two.seed(&["--products", "10"]);
    assert_eq!(
        (&report["products"], &report["added"]["products"]),
        (&1_000.into(), &0.into())
    );
    one.drop().await;
    two.drop().await;
}

#[tokio::test]
async fn reconcile_agrees_with_the_seed_and_finds_a_planted_difference() {
    let database = Database::new().await;
    database.seed(&["--products", "100"]);
    let output = database.reconcile(&[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(
        printed.starts_with("stock, reservations and ledger agree: "),
        "{printed}"
    );

    let plant = "UPDATE inventory.stock SET on_hand = on_hand + 7
                 WHERE (variant_id, warehouse_id) = (
                     SELECT variant_id, warehouse_id FROM inventory.stock ORDER BY 1, 2 LIMIT 1)
                 RETURNING variant_id::text";
    let row = database.sql.query_one(plant, &[]).await.expect("planted");
    let variant: String = row.get(0);
    let output = database.reconcile(&[]);
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(printed.contains(&variant), "{printed}");

    let output = database.reconcile(&["--json"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let outcome: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let differences = outcome["differences"].as_array().expect("differences");
    assert_eq!(differences.len(), 1, "{outcome}");
    let difference = |column: &str| differences[0][column].as_i64().expect("a number");
    assert_eq!(difference("found") - difference("expected"), 7, "{outcome}");
    database.drop().await;
}

#[tokio::test]
async fn a_seeded_shop_is_open_and_the_demo_plays_in_it() {
    let app = App::own("seeding", &[]);
    stoa_prints(&["seed", "--products", "300", "--database-url", &app.database]);

    let lan = app.stranger();
    let session = lan
        .post(
            "/v1/sessions",
            serde_json::json!({"identifier": "lan", "password": "stoa-demo-2026"}),
        )
        .await
        .expect(201);
    let lan = lan.with_token(session["access_token"].as_str().expect("a token"));
    let contacts = lan.get("/v1/me/contacts").await.expect(200);
    assert_eq!(contacts["items"].as_array().expect("contacts").len(), 2);

    let found = lan
        .get("/v1/search?q=den%20long%20lua&in_stock=true")
        .await
        .expect(200);
    let first = found["items"][0].clone();
    assert!(
        first["name"]
            .as_str()
            .expect("a name")
            .starts_with("Đèn lồng lụa"),
        "{found}"
    );

    let start = Instant::now();
    let printed = stoa(&["demo", "--url", &app.url, "--database-url", &app.database]);
    let steps = String::from_utf8_lossy(&printed.stderr);
    assert!(printed.status.success(), "{steps}");
    assert!(steps.contains("the ledger adds up: "), "{steps}");
    assert!(steps.contains("The demo passed"), "{steps}");
    assert!(
        start.elapsed() < Duration::from_secs(60),
        "it took {:?}",
        start.elapsed()
    );
    app.events_settled().await;
    let output = stoa(&["inventory", "reconcile", "--database-url", &app.database]);
    assert!(output.status.success(), "{output:?}");
}

#[tokio::test]
async fn the_demo_fails_where_nobody_answers() {
    let output = stoa(&["demo", "--url", "http://127.0.0.1:9"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("is `cargo stoa up` running?"), "{said}");
}

/// With `STOA_LONG=1`.
#[tokio::test]
async fn a_hundred_thousand_products_go_in_within_two_minutes() {
    if std::env::var("STOA_LONG").is_err() {
        return;
    }
    let database = Database::new().await;
    let start = Instant::now();
    let report = database.seed(&["--products", "100000"]);
    let took = start.elapsed();
    println!("100000 products took {took:?}");
    assert_eq!(report["added"]["variants"], 500_000);
    assert!(took < Duration::from_secs(120), "it took {took:?}");
    let output = database.reconcile(&[]);
    assert!(output.status.success(), "{output:?}");
    let unique = "SELECT count(DISTINCT name) FROM catalog.product";
    assert_eq!(database.number(unique).await, 100_000, "every name once");
    database.drop().await;
}

/// An interrupted run leaves nothing, and the next one finds nothing in its way.
#[tokio::test]
async fn an_interrupted_run_leaves_nothing_and_can_be_repeated() {
    let database = Database::new().await;
    let mut child = Command::new(cli())
        .args([
            "seed",
            "--products",
            "50000",
            "--database-url",
            &database.url,
        ])
        .current_dir(root())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("stoa seed starts");
    // While it holds its lock it is at work.
    let at_work = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
                   WHERE l.locktype = 'advisory' AND l.granted AND d.datname = current_database()";
    until("the seed is at work", Duration::from_secs(30), || async {
        (database.number(at_work).await > 0).then_some(())
    })
    .await;
    child.kill().expect("killed");
    child.wait().expect("ended");
    until(
        "its transaction has ended",
        Duration::from_secs(30),
        || async { (database.number(at_work).await == 0).then_some(()) },
    )
    .await;
    assert_eq!(
        database
            .number("SELECT count(*) FROM catalog.product")
            .await,
        0
    );
    assert_eq!(
        database
            .number("SELECT count(*) FROM account.account")
            .await,
        0
    );
    assert_eq!(
        database.seed(&["--products", "50"])["added"]["products"],
        50
    );
    database.drop().await;
}
