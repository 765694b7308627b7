//! Money that settles nothing and goes back at the provider: it is voided there, or the attempt was let go.

use tokio_postgres::Client;
use tokio_postgres::types::Json;
use uuid::Uuid;

use super::books::{Books, Part, Session, open, paid, part, session};
use super::charge_backs::{as_it_is, escrow, taken};
use super::rush::at_once;
use super::unmatched::{credit, unmatched};

const PRICE: i64 = 300;

/// SePay says something of a transfer: what came of it.
async fn says(sql: &Client, event: &str, leg: Uuid, amount: i64) -> String {
    let kind = if event.starts_with("ORDER_PAID:") {
        "settled"
    } else {
        "charged_back"
    };
    let report = "SELECT payment.report_v1('sepay', $1, $2, $3, $4, $5, 'VND', NULL, NULL)";
    let event = format!("{event}:{leg}");
    let order = format!("order:{leg}");
    sql.query_one(report, &[&event, &kind, &leg, &order, &amount])
        .await
        .expect("reported")
        .get(0)
}

async fn waiting(sql: &Client, parts: &[Part]) -> Session {
    let mut asked = session(Uuid::now_v7(), parts);
    asked.provider = Some("sepay");
    open(sql, &asked).await.expect("opened");
    asked
}

async fn give_back(sql: &Client, id: Uuid) {
    let decide = "SELECT body FROM payment.decide_unmatched_v1($1, $2, 'hash', $3, $4, 'returned', 'by the test')";
    let key = Uuid::now_v7().to_string();
    sql.query_one(decide, &[&Uuid::now_v7(), &key, &Uuid::now_v7(), &id])
        .await
        .expect("returned");
}

/// Amounts and states of what settles nothing, and whether it was voided.
async fn rows(books: &Books, leg: Uuid) -> Vec<(i64, String, bool)> {
    let rows = "SELECT amount, state, voided_by IS NOT NULL FROM payment.unmatched_payment
                WHERE leg_id = $1 ORDER BY found_at, id";
    let rows = books.owner.query(rows, &[&leg]).await.expect("rows");
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

fn row(amount: i64, state: &str, voided: bool) -> (i64, String, bool) {
    (amount, state.to_owned(), voided)
}

#[tokio::test]
async fn a_voided_transfer_that_settled_nothing_takes_nothing_from_the_good_payment() {
    let books = Books::new().await;
    let sql = books.module().await;
    for by_name in [true, false] {
        let parts = [part(PRICE, 0)];
        let asked = waiting(&sql, &parts).await;
        let leg = asked.leg;
        let clearing = books.total("provider_clearing").await;
        assert_eq!(says(&sql, "ORDER_PAID:A", leg, PRICE).await, "settled");
        assert_eq!(says(&sql, "ORDER_PAID:B", leg, PRICE).await, "duplicate");
        let (id, ..) = unmatched(&books, leg).await.remove(0);
        let void = if by_name {
            // Voided before staff say so, or after: whoever is first.
            "TRANSACTION_VOID:B"
        } else {
            give_back(&sql, id).await;
            "TRANSACTION_VOID:other"
        };
        let came = says(&sql, void, leg, PRICE).await;
        assert_eq!(came, "unmatched_returned");
        assert_eq!(says(&sql, void, leg, PRICE).await, "duplicate");
        assert_eq!(rows(&books, leg).await, [row(PRICE, "returned", true)]);
        let late = credit(&sql, id, Uuid::now_v7()).await;
        assert_eq!(late, Err("wrong_state".into()));
        assert_eq!(taken(&books, leg).await, (0, 0, 0));
        assert_eq!(
            escrow(&books, &parts[0]).await,
            as_it_is("held", false, false)
        );
        assert_eq!(books.total("provider_clearing").await, clearing - PRICE);
        books.right();
        // It counts once: what goes back then is the payment.
        let came = says(&sql, "TRANSACTION_VOID:A", leg, PRICE).await;
        assert_eq!(came, "charged_back");
        assert_eq!(
            escrow(&books, &parts[0]).await,
            as_it_is("held", true, false)
        );
        books.right();
        assert_eq!(
            says(&sql, "TRANSACTION_VOID:C", leg, PRICE).await,
            "amount_mismatch"
        );
    }
    books.drop().await;
}

#[tokio::test]
async fn the_transfer_that_is_named_is_the_one_that_is_voided() {
    let books = Books::new().await;
    let sql = books.module().await;
    // The good payment is voided while more of the same waits.
    let parts = [part(PRICE, 0)];
    let leg = waiting(&sql, &parts).await.leg;
    says(&sql, "ORDER_PAID:A", leg, PRICE).await;
    says(&sql, "ORDER_PAID:B", leg, PRICE).await;
    assert_eq!(
        says(&sql, "TRANSACTION_VOID:B", leg, 5).await,
        "amount_mismatch",
        "a part of it"
    );
    let came = says(&sql, "TRANSACTION_VOID:A", leg, PRICE).await;
    assert_eq!(came, "charged_back");
    assert_eq!(rows(&books, leg).await, [row(PRICE, "open", false)]);
    books.right();

    // A part of a price that nobody paid in whole.
    let leg = waiting(&sql, &parts_of(PRICE)).await.leg;
    for (event, amount) in [("A", 100), ("B", 100), ("C", 70)] {
        let event = format!("ORDER_PAID:{event}");
        assert_eq!(says(&sql, &event, leg, amount).await, "amount_mismatch");
    }
    let void = "TRANSACTION_VOID:B";
    assert_eq!(says(&sql, void, leg, 100).await, "unmatched_returned");
    let seen = [
        row(100, "open", false),
        row(100, "returned", true),
        row(70, "open", false),
    ];
    assert_eq!(rows(&books, leg).await, seen);
    assert_eq!(
        says(&sql, "TRANSACTION_VOID:none", leg, 30).await,
        "ignored",
        "nothing like it came in"
    );
    // And it is not told of again.
    assert_eq!(says(&sql, "ORDER_PAID:B", leg, 100).await, "duplicate");
    assert_eq!(says(&sql, "ORDER_PAID:D", leg, PRICE).await, "settled");
    assert_eq!(rows(&books, leg).await, seen);
    books.right();
    books.drop().await;
}

fn parts_of(price: i64) -> [Part; 1] {
    [part(price, 0)]
}

#[tokio::test]
async fn what_is_in_the_wallet_and_voided_then_is_the_platforms_loss() {
    let books = Books::new().await;
    let sql = books.module().await;
    let parts = parts_of(PRICE);
    let asked = waiting(&sql, &parts).await;
    let leg = asked.leg;
    says(&sql, "ORDER_PAID:A", leg, PRICE).await;
    says(&sql, "ORDER_PAID:B", leg, 100).await;
    let (id, ..) = unmatched(&books, leg).await.remove(0);
    credit(&sql, id, Uuid::now_v7()).await.expect("credited");
    let came = says(&sql, "TRANSACTION_VOID:B", leg, 100).await;
    assert_eq!(came, "charged_back");
    assert_eq!(
        says(&sql, "TRANSACTION_VOID:B", leg, 100).await,
        "duplicate"
    );
    assert_eq!(rows(&books, leg).await, [row(100, "credited", true)]);
    assert_eq!(books.balance("wallet", asked.payer).await, 100);
    assert_eq!(books.total("chargebacks").await, -100);
    assert_eq!(books.total("provider_clearing").await, -PRICE);
    assert_eq!(taken(&books, leg).await, (0, 0, 0));
    assert_eq!(
        escrow(&books, &parts[0]).await,
        as_it_is("held", false, false)
    );
    let told = "SELECT count(*)::text FROM payment.outbox WHERE kind = 'payment.charged_back'";
    assert_eq!(books.one(told).await, "1");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn voids_and_decisions_at_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    for _ in 0..4 {
        let asked = waiting(&sql, &parts_of(PRICE)).await;
        let leg = asked.leg;
        for event in ["ORDER_PAID:A", "ORDER_PAID:B", "ORDER_PAID:C"] {
            says(&sql, event, leg, PRICE).await;
        }
        let waits = unmatched(&books, leg).await;
        assert_eq!(waits.len(), 2);
        at_once(&books, 9, |i, sql| {
            let id = waits[i % 2].0;
            async move {
                match i % 3 {
                    0 => drop(credit(&sql, id, Uuid::now_v7()).await),
                    1 => drop(says(&sql, "TRANSACTION_VOID:B", leg, PRICE).await),
                    _ => drop(says(&sql, "TRANSACTION_VOID:C", leg, PRICE).await),
                }
            }
        })
        .await;
        let rows = rows(&books, leg).await;
        assert!(rows.iter().all(|(_, _, voided)| *voided), "{rows:?}");
        let credited = rows.iter().filter(|(_, state, _)| state == "credited");
        let credited = i64::try_from(credited.count()).expect("few") * PRICE;
        assert_eq!(books.balance("wallet", asked.payer).await, credited);
        assert_eq!(taken(&books, leg).await, (0, 0, 0));
        books.right();
    }
    books.drop().await;
}

#[tokio::test]
async fn what_was_given_back_before_anybody_heard_of_it_waits_for_nobody() {
    let books = Books::new().await;
    let sql = books.module().await;
    let asked = session(Uuid::now_v7(), &[part(10, 0)]);
    open(&sql, &asked).await.expect("opened");
    let close =
        "SELECT payment.attempt_closed_v1($1, $2, 'cancelled', 'it was not paid in time', false)";
    let note = serde_json::json!({"workflow": asked.leg, "fence": 1, "entries": [
        {"step": "close", "key": "", "kind": "step", "outcome": {"ok": null}}]});
    sql.execute(close, &[&Json(&note), &asked.leg])
        .await
        .expect("closed");
    let over =
        "UPDATE payment.workflow SET status = 'completed', ended_at = shared.now() WHERE id = $1";
    // It ends a moment later than the attempt.
    for (event, amount) in [("before", 9), ("after", 8)] {
        let came = paid(&sql, event, asked.leg, amount, "VND").await;
        assert_eq!(came, "amount_mismatch");
        sql.execute(over, &[&asked.leg]).await.expect("over");
        // The same payment is one row.
        let rows = unmatched(&books, asked.leg).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        assert_eq!((rows[0].1, rows[0].2.as_str()), (9, "returned"));
        let late = credit(&sql, rows[0].0, Uuid::now_v7()).await;
        assert_eq!(late, Err("wrong_state".into()));
    }
    assert_eq!(books.balance("wallet", asked.payer).await, 0);

    // An operator gave an attempt up: what waits then can only be returned.
    let asked = session(Uuid::now_v7(), &[part(10, 0)]);
    open(&sql, &asked).await.expect("opened");
    paid(&sql, "while it waits", asked.leg, 9, "VND").await;
    sql.execute(
        "SELECT payment.leg_cancelled_v1($1, 'given up by an operator')",
        &[&asked.leg],
    )
    .await
    .expect("given up");
    let over =
        "UPDATE payment.workflow SET status = 'cancelled', ended_at = shared.now() WHERE id = $1";
    sql.execute(over, &[&asked.leg]).await.expect("over");
    let (id, ..) = unmatched(&books, asked.leg).await.remove(0);
    let late = credit(&sql, id, Uuid::now_v7()).await;
    assert_eq!(late, Err("wrong_state".into()));
    give_back(&sql, id).await;
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_statement_agrees_with_what_settles_nothing() {
    let books = Books::new().await;
    let sql = books.module().await;
    // Two transfers to one order; a part to another; a wrong amount at a provider that collects nothing.
    let whole = waiting(&sql, &parts_of(PRICE)).await.leg;
    says(&sql, "ORDER_PAID:A", whole, PRICE).await;
    says(&sql, "ORDER_PAID:B", whole, 20).await;
    let some = waiting(&sql, &parts_of(PRICE)).await.leg;
    says(&sql, "ORDER_PAID:A", some, 50).await;
    says(&sql, "ORDER_PAID:B", some, 60).await;
    let other = session(Uuid::now_v7(), &[part(10, 0)]);
    open(&sql, &other).await.expect("opened");
    paid(&sql, "wrong", other.leg, 9, "VND").await;
    let compare = async |provider: &str, lines: &[(String, i64)]| {
        let lines: Vec<_> = lines
            .iter()
            .map(|(reference, amount)| {
                serde_json::json!({
                    "reference": reference, "kind": "payment", "amount": amount, "currency": "VND",
                    "occurred_on": "2026-01-01"})
            })
            .collect();
        sql.execute(
            "SELECT payment.import_report_v1($1, $2)",
            &[&provider, &Json(&lines)],
        )
        .await
        .expect("imported");
        let report = "SELECT payment.reconcile_report_v1($1, '2026-01-01', '2026-01-01')::jsonb";
        let row = sql.query_one(report, &[&provider]).await.expect("compared");
        let report = row.get::<_, Json<serde_json::Value>>(0).0;
        let of = |what: &str| report[what].as_i64().expect("a number");
        (of("matched"), of("missing_here"), of("amount_differs"))
    };
    let sepay = [
        (format!("order:{whole}"), PRICE + 20),
        (format!("order:{some}"), 110),
        ("unheard of".to_owned(), 1),
    ];
    assert_eq!(compare("sepay", &sepay).await, (2, 1, 0));
    let less = [(format!("order:{whole}"), PRICE)];
    assert_eq!(compare("sepay", &less).await, (1, 1, 1));
    let wrong = [(format!("ref-{}", other.leg), 9)];
    assert_eq!(compare("sandbox", &wrong).await, (1, 0, 0));
    books.drop().await;
}
