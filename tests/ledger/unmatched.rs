//! Money that settles nothing: noted once, whoever tells of it, and never in two places.

use tokio_postgres::Client;
use uuid::Uuid;

use super::books::{Books, Session, open, part, refusal, session};
use super::rush::at_once;

const PRICE: i64 = 120;

/// Money of an attempt that settles nothing, the first found first: id, amount and state.
pub async fn unmatched(books: &Books, leg: Uuid) -> Vec<(Uuid, i64, String)> {
    let rows = "SELECT id, amount, state FROM payment.unmatched_payment WHERE leg_id = $1 ORDER BY found_at, id";
    let rows = books.owner.query(rows, &[&leg]).await.expect("rows");
    rows.iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect()
}

/// Staff give it to who paid it.
pub async fn credit(sql: &Client, id: Uuid, actor: Uuid) -> Result<String, String> {
    decide(sql, id, actor, "credited").await
}

async fn decide(sql: &Client, id: Uuid, actor: Uuid, how: &str) -> Result<String, String> {
    let decide =
        "SELECT body FROM payment.decide_unmatched_v1($1, $2, 'hash', $3, $4, $5, 'by the test')";
    let key = Uuid::now_v7().to_string();
    let row = sql
        .query_one(decide, &[&actor, &key, &Uuid::now_v7(), &id, &how])
        .await;
    row.map(|row| row.get(0)).map_err(|e| refusal(&e))
}

/// A session that waits for `PRICE` at a provider.
async fn waiting(sql: &Client, provider: &'static str) -> Session {
    let mut asked = session(Uuid::now_v7(), &[part(PRICE, 0)]);
    asked.provider = Some(provider);
    open(sql, &asked).await.expect("opened");
    asked
}

/// A provider that says of an attempt what was paid.
struct Teller<'a> {
    sql: &'a Client,
    provider: &'static str,
    leg: Uuid,
}

impl Teller<'_> {
    /// By an event, and by the provider's name for the payment.
    async fn tells(&self, event: &str, reference: Option<&str>, amount: i64) -> String {
        let report = "SELECT payment.report_v1($1, $2, 'settled', $3, $4, $5, 'VND', NULL, NULL)";
        let event = format!("{event}:{}", self.leg);
        let reference = reference.map(|name| format!("{name}:{}", self.leg));
        self.sql
            .query_one(
                report,
                &[&self.provider, &event, &self.leg, &reference, &amount],
            )
            .await
            .expect("reported")
            .get(0)
    }

    /// Because it was asked.
    async fn answers(&self, reference: &str, amount: i64) -> String {
        self.tells("status", Some(reference), amount).await
    }
}

fn amounts(rows: &[(Uuid, i64, String)]) -> Vec<(i64, &str)> {
    rows.iter()
        .map(|(_, n, state)| (*n, state.as_str()))
        .collect()
}

#[tokio::test]
async fn one_payment_is_noted_once_whoever_tells_of_it() {
    let books = Books::new().await;
    let sql = books.module().await;
    let asked = waiting(&sql, "stripe").await;
    let stripe = Teller {
        sql: &sql,
        provider: "stripe",
        leg: asked.leg,
    };
    for (event, came) in [
        ("one", "amount_mismatch"),
        ("one", "duplicate"),
        ("two", "amount_mismatch"),
    ] {
        assert_eq!(stripe.tells(event, Some("pi"), 60).await, came);
    }
    assert_eq!(stripe.answers("pi", 60).await, "amount_mismatch");
    for nothing in [0, -1, i64::MIN] {
        let event = nothing.to_string();
        assert_eq!(
            stripe.tells(&event, Some("none"), nothing).await,
            "amount_mismatch"
        );
    }
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(60, "open")]);
    assert_eq!(books.total("provider_clearing").await, 0);
    books.right();

    // It is the attempt's payment after all: then it is no other money.
    assert_eq!(stripe.tells("right", Some("pi"), PRICE).await, "settled");
    assert_eq!(stripe.tells("late", Some("pi"), 60).await, "duplicate");
    assert_eq!(stripe.tells("late too", None, PRICE).await, "duplicate");
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(60, "settled")]);
    assert_eq!(
        credit(&sql, rows[0].0, Uuid::now_v7()).await,
        Err("wrong_state".into())
    );
    // And this is other money, for what is paid.
    assert_eq!(stripe.tells("twice", Some("pi2"), PRICE).await, "duplicate");
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(60, "settled"), (PRICE, "open")]);
    let noted = format!(
        "SELECT outcome FROM payment.provider_event WHERE event_id = 'twice:{}'",
        asked.leg
    );
    assert_eq!(books.one(&noted).await, "paid_again");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn what_is_in_the_wallet_pays_for_nothing_else() {
    let books = Books::new().await;
    let sql = books.module().await;
    let asked = waiting(&sql, "vnpay").await;
    let vnpay = Teller {
        sql: &sql,
        provider: "vnpay",
        leg: asked.leg,
    };
    vnpay.tells("one", Some("1"), 60).await;
    let rows = unmatched(&books, asked.leg).await;
    let id = rows[0].0;
    assert_eq!(
        credit(&sql, id, asked.payer).await,
        Err("own_affair".into())
    );
    assert_eq!(
        credit(&sql, Uuid::now_v7(), Uuid::now_v7()).await,
        Err("not_found".into())
    );
    credit(&sql, id, Uuid::now_v7()).await.expect("credited");
    assert_eq!(books.balance("wallet", asked.payer).await, 60);
    assert_eq!(books.total("provider_clearing").await, -60);
    // Told otherwise now, under the same name.
    assert_eq!(
        vnpay.tells("two", Some("1"), PRICE).await,
        "amount_mismatch"
    );
    // Another payment pays.
    assert_eq!(vnpay.tells("three", Some("2"), PRICE).await, "settled");
    assert_eq!(books.total("provider_clearing").await, -60 - PRICE);
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(60, "credited")]);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn each_transfer_is_money_of_its_own_where_several_are_collected() {
    let books = Books::new().await;
    let sql = books.module().await;
    // Told, and then asked for, which says the sum: it is what was asked for, and is not taken twice.
    let asked = waiting(&sql, "sepay").await;
    let sepay = Teller {
        sql: &sql,
        provider: "sepay",
        leg: asked.leg,
    };
    for (event, came) in [
        ("one", "amount_mismatch"),
        ("one", "duplicate"),
        ("two", "amount_mismatch"),
    ] {
        assert_eq!(sepay.tells(event, Some("order"), 60).await, came);
    }
    assert_eq!(sepay.answers("order", PRICE).await, "amount_mismatch");
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(60, "open"), (60, "open")]);
    for (id, _, _) in &rows {
        credit(&sql, *id, Uuid::now_v7()).await.expect("credited");
    }
    assert_eq!(books.balance("wallet", asked.payer).await, PRICE);
    // Transferred again, all of it; and then once more.
    assert_eq!(sepay.tells("all", Some("order"), PRICE).await, "settled");
    assert_eq!(
        sepay.tells("again", Some("order"), PRICE).await,
        "duplicate"
    );
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(
        amounts(&rows),
        [(60, "credited"), (60, "credited"), (PRICE, "open")]
    );
    assert_eq!(books.total("provider_clearing").await, -2 * PRICE);
    books.right();

    // Asked for, and told of it afterwards; asked again, it is more.
    let asked = waiting(&sql, "sepay").await;
    let sepay = Teller {
        leg: asked.leg,
        ..sepay
    };
    assert_eq!(sepay.answers("order", 50).await, "amount_mismatch");
    assert_eq!(
        sepay.tells("one", Some("order"), 50).await,
        "amount_mismatch"
    );
    assert_eq!(sepay.answers("order", 50).await, "duplicate");
    assert_eq!(sepay.answers("order", PRICE).await, "amount_mismatch");
    assert_eq!(
        sepay.tells("two", Some("order"), 70).await,
        "amount_mismatch"
    );
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(50, "open"), (70, "open")]);

    // Nothing was told before it was asked for: two transfers are as good as one.
    let asked = waiting(&sql, "sepay").await;
    let sepay = Teller {
        leg: asked.leg,
        ..sepay
    };
    assert_eq!(sepay.answers("order", PRICE).await, "settled");
    for event in ["one", "two"] {
        assert_eq!(sepay.tells(event, Some("order"), 60).await, "duplicate");
    }
    assert!(unmatched(&books, asked.leg).await.is_empty());
    assert_eq!(sepay.tells("three", Some("order"), 1).await, "duplicate");
    let rows = unmatched(&books, asked.leg).await;
    assert_eq!(amounts(&rows), [(1, "open")]);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn many_tell_and_decide_at_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    for _ in 0..4 {
        let asked = waiting(&sql, "stripe").await;
        let leg = asked.leg;
        at_once(&books, 8, |i, sql| async move {
            let stripe = Teller {
                sql: &sql,
                provider: "stripe",
                leg,
            };
            match i {
                0 | 1 => stripe.answers("pi", 60).await,
                _ => stripe.tells(&(i / 2).to_string(), Some("pi"), 60).await,
            }
        })
        .await;
        let rows = unmatched(&books, leg).await;
        assert_eq!(amounts(&rows), [(60, "open")]);

        // One is first, and the payment that settles it is one of them.
        let id = rows[0].0;
        at_once(&books, 9, |i, sql| async move {
            let stripe = Teller {
                sql: &sql,
                provider: "stripe",
                leg,
            };
            match i % 3 {
                0 => drop(stripe.tells("right", Some("pi"), PRICE).await),
                1 => drop(decide(&sql, id, Uuid::now_v7(), "credited").await),
                _ => drop(decide(&sql, id, Uuid::now_v7(), "returned").await),
            }
        })
        .await;
        let state = unmatched(&books, leg).await[0].2.clone();
        let wallet = books.balance("wallet", asked.payer).await;
        assert_eq!(wallet, if state == "credited" { 60 } else { 0 }, "{state}");
        let paid = format!("SELECT state FROM payment.leg WHERE id = '{leg}'");
        let paid = books.one(&paid).await;
        assert_eq!(paid == "settled", state == "settled", "{paid}, {state}");

        // Transfers, of which nobody knows in which order they are heard of.
        let asked = waiting(&sql, "sepay").await;
        let leg = asked.leg;
        at_once(&books, 8, |i, sql| async move {
            let sepay = Teller {
                sql: &sql,
                provider: "sepay",
                leg,
            };
            match i {
                0 => sepay.answers("order", 180).await,
                1 => sepay.tells("all", Some("order"), PRICE).await,
                _ => sepay.tells(&(i / 2).to_string(), Some("order"), 60).await,
            }
        })
        .await;
        let rows = unmatched(&books, leg).await;
        let noted: i64 = rows.iter().map(|(_, amount, _)| amount).sum();
        let settled = format!(
            "SELECT settled::text FROM payment.session WHERE id = '{}'",
            asked.id
        );
        let settled: i64 = books.one(&settled).await.parse().expect("a number");
        assert_eq!(noted + settled, PRICE + 3 * 60, "{rows:?}");
    }
    books.right();
    books.drop().await;
}
