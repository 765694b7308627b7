//! A database with books, and what one does to them.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};
use tokio_postgres::types::Json;
use tokio_postgres::{Client, NoTls};
use uuid::Uuid;

use crate::support::app::{cli, shared};
use crate::support::root;

/// A migrated database of the test's own.
pub struct Books {
    name: String,
    url: String,
    /// As its owner, who may do what the module may not.
    pub owner: Client,
}

/// An order's part of a session.
#[derive(Clone)]
pub struct Part {
    pub order: Uuid,
    pub seller: Uuid,
    pub body: Value,
}

/// Of `goods` in the category `electronics/phones`, with nothing else.
pub fn part(goods: i64, shipping: i64) -> Part {
    let (order, seller) = (Uuid::now_v7(), Uuid::now_v7());
    Part {
        order,
        seller,
        body: json!({
            "order_id": order, "seller_id": seller,
            "goods": [{"amount": goods, "category_path": "electronics/phones"}],
            "shipping": shipping, "subsidy": 0, "cashback_by_platform": 0, "cashback_by_seller": 0,
        }),
    }
}

impl Part {
    /// With what the platform adds and what the buyer is promised.
    pub fn with(mut self, subsidy: i64, by_platform: i64, by_seller: i64) -> Part {
        self.body["subsidy"] = subsidy.into();
        self.body["cashback_by_platform"] = by_platform.into();
        self.body["cashback_by_seller"] = by_seller.into();
        self
    }
}

/// A session to be opened.
pub struct Session {
    pub id: Uuid,
    pub payer: Uuid,
    pub leg: Uuid,
    pub wallet: i64,
    pub provider: Option<&'static str>,
    pub parts: Vec<Part>,
}

/// Of these parts, all of it to be paid at the sandbox.
pub fn session(payer: Uuid, parts: &[Part]) -> Session {
    Session {
        id: Uuid::now_v7(),
        payer,
        leg: Uuid::now_v7(),
        wallet: 0,
        provider: Some("sandbox"),
        parts: parts.to_vec(),
    }
}

impl Books {
    pub async fn new() -> Books {
        let app = shared();
        let name = format!("books_{}", Uuid::new_v4().simple());
        let create = format!("CREATE DATABASE {name}");
        app.sql()
            .await
            .batch_execute(&create)
            .await
            .expect("a database");
        let mut url = reqwest::Url::parse(&app.database).expect("a URL");
        url.set_path(&name);
        let url = url.to_string();
        let output = stoa(&["migrate", "--database-url", &url]);
        assert!(output.status.success(), "{output:?}");
        let owner = connect(&url).await;
        Books { name, url, owner }
    }

    /// A connection with the module's rights.
    pub async fn module(&self) -> Client {
        let client = connect(&self.url).await;
        client
            .batch_execute("SET ROLE stoa_payment; SET lock_timeout = '8s'")
            .await
            .expect("the module's role");
        client
    }

    /// Money in somebody's wallet, from a bank.
    pub async fn give(&self, whom: Uuid, amount: i64) {
        let entries = json!([
            {"kind": "wallet", "owner": whom, "currency": "VND", "amount": amount},
            {"kind": "bank", "currency": "VND", "amount": -amount},
        ]);
        let key = format!("given:{}", Uuid::now_v7());
        post(&self.module().await, &key, &entries)
            .await
            .expect("given");
    }

    /// What an account holds.
    pub async fn balance(&self, kind: &str, owner: Uuid) -> i64 {
        self.owner
            .query_one("SELECT payment.balance_v1($1, $2, 'VND')", &[&kind, &owner])
            .await
            .expect("a balance")
            .get(0)
    }

    /// What the accounts of a kind without owners come to.
    pub async fn total(&self, kind: &str) -> i64 {
        let sum = "SELECT coalesce(sum(e.amount), 0)::bigint FROM payment.ledger_entry e
                   JOIN payment.ledger_account a ON a.id = e.account_id WHERE a.kind = $1";
        self.owner
            .query_one(sum, &[&kind])
            .await
            .expect("a sum")
            .get(0)
    }

    /// The only column of the only row, as text.
    pub async fn one(&self, sql: &str) -> String {
        let row = self.owner.query_one(sql, &[]).await;
        row.unwrap_or_else(|e| panic!("{sql}: {e:?}")).get(0)
    }

    /// What `ledger check` prints as JSON.
    pub fn findings(&self) -> Vec<Value> {
        let output = stoa(&["ledger", "check", "--json", "--database-url", &self.url]);
        let outcome: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
        let findings = outcome["findings"].as_array().expect("findings").clone();
        let code = if findings.is_empty() { 0 } else { 1 };
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        findings
    }

    /// Nothing is wrong, but that there are no orders here, nor anybody who runs workflows.
    pub fn right(&self) {
        let wrong: Vec<Value> = self
            .findings()
            .into_iter()
            .filter(|f| f["finding"] != "escrow_without_order")
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }

    pub async fn drop(self) {
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        let admin = shared().sql().await;
        admin.batch_execute(&drop).await.expect("dropped");
    }
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls)
        .await
        .expect("connected");
    tokio::spawn(connection);
    client
}

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

/// What a function refused with, or the message of another error.
pub fn refusal(error: &tokio_postgres::Error) -> String {
    error
        .as_db_error()
        .unwrap_or_else(|| panic!("{error:?}"))
        .message()
        .to_owned()
}

/// Posts; whether it was the first time. An error is what refused it.
pub async fn post(sql: &Client, key: &str, entries: &Value) -> Result<bool, String> {
    let post =
        "SELECT payment.post_v1($1, 'adjustment', '00000000-0000-0000-0000-000000000000', $2)";
    let row = sql.query_one(post, &[&key, &Json(entries)]).await;
    row.map(|row| row.get(0)).map_err(|e| refusal(&e))
}

/// Opens a session: how it stands then.
pub async fn open(sql: &Client, session: &Session) -> Result<Value, String> {
    let parts: Vec<&Value> = session.parts.iter().map(|part| &part.body).collect();
    let open = "SELECT payment.open_v1($1, $2, 'VND', $3, $4, NULL, $5, 86400, NULL, $6)";
    let row = sql
        .query_one(
            open,
            &[
                &session.id,
                &session.payer,
                &session.wallet,
                &session.provider,
                &Json(&parts),
                &session.leg,
            ],
        )
        .await;
    row.map(|row| row.get::<_, Json<Value>>(0).0)
        .map_err(|e| refusal(&e))
}

/// The sandbox says that a leg is paid: what came of it.
pub async fn paid(sql: &Client, event: &str, leg: Uuid, amount: i64, currency: &str) -> String {
    told(sql, event, "settled", leg, amount, currency).await
}

/// The sandbox tells something of a leg: what came of it.
pub async fn told(
    sql: &Client,
    event: &str,
    kind: &str,
    leg: Uuid,
    amount: i64,
    currency: &str,
) -> String {
    let report = "SELECT payment.report_v1('sandbox', $1, $2, $3, $4, $5, $6, NULL, NULL)";
    let reference = format!("ref-{leg}");
    sql.query_one(
        report,
        &[&event, &kind, &leg, &reference, &amount, &currency],
    )
    .await
    .expect("reported")
    .get(0)
}

/// The sandbox tells that a refund which it had made has failed: what came of it.
pub async fn bounced(sql: &Client, leg: Uuid, refund_leg: Uuid, amount: i64) -> String {
    let report =
        "SELECT payment.report_v1('sandbox', $1, 'refund_failed', $2, NULL, $3, 'VND', NULL, $4)";
    let event = Uuid::now_v7().to_string();
    sql.query_one(report, &[&event, &leg, &amount, &refund_leg])
        .await
        .expect("reported")
        .get(0)
}

/// Amounts and states of a refund's parts, in the order in which they go.
pub async fn refund_legs(books: &Books, reference: &str) -> Vec<(i64, String)> {
    let legs = "SELECT g.amount, g.state FROM payment.refund_leg g
                JOIN payment.refund r ON r.id = g.refund_id
                WHERE r.reference = $1 ORDER BY g.position";
    let rows = books.owner.query(legs, &[&reference]).await.expect("legs");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Cancels a session; false when it is paid.
pub async fn cancel(sql: &Client, session: Uuid) -> bool {
    let cancel = "SELECT (payment.cancel_session_v1($1, false, 'by the test')->>'closed')::boolean";
    sql.query_one(cancel, &[&session])
        .await
        .expect("cancelled")
        .get(0)
}

/// Asks for a refund.
pub async fn refund(
    sql: &Client,
    reference: &str,
    order: Uuid,
    amount: i64,
) -> Result<Value, String> {
    let refund = "SELECT payment.refund_v1($1, $2, $3, 'original', 'by the test', NULL, NULL)";
    let row = sql.query_one(refund, &[&reference, &order, &amount]).await;
    row.map(|row| row.get::<_, Json<Value>>(0).0)
        .map_err(|e| refusal(&e))
}

/// Hands one event of an order to the module: the outcome.
pub async fn event(sql: &Client, kind: &str, data: Value) -> String {
    let event = json!([{"id": Uuid::now_v7(), "kind": kind, "data": data}]);
    let text: String = sql
        .query_one("SELECT payment.inbox_consume($1)", &[&Json(&event)])
        .await
        .expect("consumed")
        .get(0);
    let outcomes: Value = serde_json::from_str(&text).expect("outcomes");
    outcomes[0]["outcome"]
        .as_str()
        .expect("an outcome")
        .to_owned()
}

/// What an event of an order's end says.
pub fn end_of(part: &Part, buyer: Uuid) -> Value {
    json!({"order_id": part.order, "buyer_id": buyer, "seller_id": part.seller})
}

/// Everything that is on its way back arrives.
pub async fn providers_refund(sql: &Client) {
    let waiting = sql
        .query(
            "SELECT id FROM payment.refund_leg WHERE state = 'pending'",
            &[],
        )
        .await
        .expect("legs");
    for row in waiting {
        let leg: Uuid = row.get(0);
        sql.execute("SELECT payment.refund_leg_done_v1($1, NULL, NULL)", &[&leg])
            .await
            .expect("refunded");
    }
}
