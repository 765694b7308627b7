//! Posting, and how sessions come to their money.

use serde_json::json;
use uuid::Uuid;

use super::books::{Books, cancel, open, paid, part, post, providers_refund, session, told};

/// Tries again: the payer, a key, the new leg, the session.
const NEXT_ATTEMPT: &str =
    "SELECT payment.next_attempt_v1($1, $2, 'hash', $3, $4, 'sandbox', NULL, NULL)::text";

#[tokio::test]
async fn a_posting_balances_counts_once_and_stays() {
    let books = Books::new().await;
    let sql = books.module().await;
    let who = Uuid::now_v7();
    let entries = json!([
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": 700},
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": -200},
        {"kind": "bank", "currency": "VND", "amount": -500},
    ]);
    assert_eq!(post(&sql, "one", &entries).await, Ok(true));
    assert_eq!(post(&sql, "one", &entries).await, Ok(false));
    assert_eq!(books.balance("wallet", who).await, 500);
    assert_eq!(
        books
            .one("SELECT count(*)::text FROM payment.ledger_entry")
            .await,
        "2",
        "an account has one entry in a transaction"
    );

    let crooked = json!([
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": 5},
        {"kind": "bank", "currency": "USD", "amount": -5},
    ]);
    let error = post(&sql, "crooked", &crooked).await.expect_err("crooked");
    assert!(error.contains("do not balance"), "{error}");
    let too_much = json!([
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": -501},
        {"kind": "bank", "currency": "VND", "amount": 501},
    ]);
    assert_eq!(
        post(&sql, "too much", &too_much).await,
        Err("insufficient_funds".into())
    );
    let overflow = json!([
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": i64::MAX},
        {"kind": "bank", "currency": "VND", "amount": -i64::MAX},
    ]);
    assert_eq!(
        post(&sql, "overflow", &overflow).await,
        Err("balance_limit".into())
    );
    let rich = json!([
        {"kind": "wallet", "owner": who, "currency": "VND", "amount": i64::MAX - 500},
        {"kind": "bank", "currency": "VND", "amount": 500 - i64::MAX},
    ]);
    assert_eq!(post(&sql, "rich", &rich).await, Ok(true));
    assert_eq!(books.balance("wallet", who).await, i64::MAX);

    // Past the function there is no way in either.
    for (statement, guard) in [
        ("UPDATE payment.ledger_entry SET amount = amount + 1", "append-only"),
        ("DELETE FROM payment.ledger_entry", "append-only"),
        ("UPDATE payment.ledger_transaction SET key = 'x'", "append-only"),
        ("DELETE FROM payment.ledger_transaction", "append-only"),
        (
            "INSERT INTO payment.ledger_transaction (id, key, kind, reference, posted_at)
             VALUES (gen_random_uuid(), 'empty', 'adjustment', gen_random_uuid(), shared.now())",
            "do not balance",
        ),
        (
            "INSERT INTO payment.ledger_entry (transaction_id, position, account_id, amount, currency, posted_at)
             SELECT t.id, 9, a.id, 1, 'VND', shared.now()
             FROM payment.ledger_transaction t, payment.ledger_account a WHERE a.kind = 'bank' LIMIT 1",
            "do not balance",
        ),
        (
            "UPDATE payment.ledger_account SET balance = -1 WHERE kind = 'wallet'",
            "ledger_account_balance",
        ),
    ] {
        let error = sql.batch_execute(statement).await.expect_err(statement);
        let text = format!("{:?}", error.as_db_error().expect("a refusal"));
        assert!(text.contains(guard), "{statement}: {text}");
    }
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_session_is_paid_from_the_wallet_and_at_the_provider_and_settles_once() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 100_000).await;
    let parts = [part(70_000, 15_000).with(7_001, 11, 13), part(333, 0)];
    let mut asked = session(buyer, &parts);
    asked.wallet = 30_000;
    let opened = open(&sql, &asked).await.expect("opened");
    assert_eq!(
        (
            &opened["state"],
            &opened["from_wallet"],
            &opened["outstanding"]
        ),
        (&json!("open"), &json!(30_000), &json!(55_333))
    );
    assert_eq!(books.balance("wallet", buyer).await, 70_000);
    assert_eq!(open(&sql, &asked).await.expect("again"), opened);
    assert_eq!(books.balance("wallet", buyer).await, 70_000);

    // A wrong amount, currency or leg moves nothing, and is noted.
    for (event, leg, amount, currency, outcome) in [
        ("less", asked.leg, 55_332, "VND", "amount_mismatch"),
        ("more", asked.leg, 55_334, "VND", "amount_mismatch"),
        ("most", asked.leg, i64::MAX, "VND", "amount_mismatch"),
        ("below", asked.leg, i64::MIN, "VND", "amount_mismatch"),
        ("foreign", asked.leg, 55_333, "USD", "amount_mismatch"),
        ("whose", Uuid::now_v7(), 55_333, "VND", "unknown_leg"),
    ] {
        assert_eq!(paid(&sql, event, leg, amount, currency).await, outcome);
        let noted =
            format!("SELECT outcome FROM payment.provider_event WHERE event_id = '{event}'");
        assert_eq!(books.one(&noted).await, outcome);
    }
    assert_eq!(books.total("provider_clearing").await, 0);
    books.right();

    // A failure that is told late, or twice, undoes nothing.
    assert_eq!(
        paid(&sql, "paid", asked.leg, 55_333, "VND").await,
        "settled"
    );
    assert_eq!(
        paid(&sql, "paid", asked.leg, 55_333, "VND").await,
        "duplicate"
    );
    assert_eq!(
        paid(&sql, "again", asked.leg, 55_333, "VND").await,
        "duplicate"
    );
    assert_eq!(
        told(&sql, "no", "failed", asked.leg, 0, "VND").await,
        "ignored"
    );
    assert!(
        !cancel(&sql, asked.id).await,
        "what is paid is not cancelled"
    );
    assert_eq!(books.balance("escrow", parts[0].order).await, 92_001);
    assert_eq!(books.balance("escrow", parts[1].order).await, 333);
    assert_eq!(books.balance("session_funds", asked.id).await, 0);
    assert_eq!(books.total("promotion_expense").await, -7_012);
    let settled = "SELECT count(*)::text FROM payment.outbox WHERE kind = 'payment.settled'";
    assert_eq!(books.one(settled).await, "1");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn a_wallet_that_covers_all_settles_at_once_and_one_that_does_not_is_left_alone() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 1_000).await;
    let mut asked = session(buyer, &[part(900, 100)]);
    (asked.wallet, asked.provider) = (999, None);
    assert_eq!(open(&sql, &asked).await, Err("insufficient_funds".into()));
    asked.provider = Some("cod");
    assert_eq!(open(&sql, &asked).await, Err("provider_unusable".into()));
    assert_eq!(books.balance("wallet", buyer).await, 1_000);
    (asked.wallet, asked.provider) = (i64::MAX, None);
    let opened = open(&sql, &asked).await.expect("opened");
    assert_eq!(
        (&opened["state"], &opened["attempt"]),
        (&json!("settled"), &json!(null))
    );
    assert_eq!(books.balance("wallet", buyer).await, 0);

    // Nothing to pay is paid.
    let free = session(buyer, &[part(0, 0).with(50, 0, 0)]);
    assert_eq!(open(&sql, &free).await.expect("opened")["state"], "settled");
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn cancelling_gives_back_and_buries_whichever_comes_first() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 500).await;
    let mut asked = session(buyer, &[part(900, 100)]);
    asked.wallet = 500;
    open(&sql, &asked).await.expect("opened");
    assert_eq!(books.balance("wallet", buyer).await, 0);
    assert!(cancel(&sql, asked.id).await && cancel(&sql, asked.id).await);
    assert_eq!(books.balance("wallet", buyer).await, 500);
    assert_eq!(
        open(&sql, &asked).await.expect("as it is")["state"],
        "cancelled"
    );

    let early = session(buyer, &[part(900, 100)]);
    assert!(cancel(&sql, early.id).await, "an unknown one is buried");
    assert_eq!(
        open(&sql, &early).await.expect("as it is")["state"],
        "cancelled"
    );
    assert_eq!(
        paid(&sql, "no leg", early.leg, 1_000, "VND").await,
        "unknown_leg"
    );

    // Both orders of paying and cancelling end well: paid after the end goes back.
    assert_eq!(paid(&sql, "late", asked.leg, 500, "VND").await, "late");
    assert_eq!(
        paid(&sql, "later", asked.leg, 500, "VND").await,
        "duplicate"
    );
    assert_eq!(books.balance("session_funds", asked.id).await, 500);
    providers_refund(&sql).await;
    assert_eq!(books.balance("session_funds", asked.id).await, 0);
    assert_eq!(books.total("provider_clearing").await, 0);
    for kind in ["payment.late", "payment.refunded"] {
        let count = format!("SELECT count(*)::text FROM payment.outbox WHERE kind = '{kind}'");
        assert_eq!(books.one(&count).await, "1", "{kind}");
    }
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn one_of_several_attempts_settles_and_the_others_money_goes_back() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let asked = session(buyer, &[part(1_000, 0)]);
    open(&sql, &asked).await.expect("opened");
    let second = Uuid::now_v7();
    sql.execute(NEXT_ATTEMPT, &[&buyer, &"key", &second, &asked.id])
        .await
        .expect("tried again");
    let refused = sql
        .execute(
            NEXT_ATTEMPT,
            &[&Uuid::now_v7(), &"key", &Uuid::now_v7(), &asked.id],
        )
        .await;
    assert_eq!(
        super::books::refusal(&refused.expect_err("somebody else's")),
        "not_found"
    );

    // The first was given up, and is paid while the second waits.
    assert_eq!(paid(&sql, "first", asked.leg, 1_000, "VND").await, "late");
    assert_eq!(
        told(&sql, "second fails", "failed", second, 0, "VND").await,
        "failed"
    );
    // What failed may still be paid while nothing else is under way.
    assert_eq!(paid(&sql, "second", second, 1_000, "VND").await, "settled");
    providers_refund(&sql).await;
    assert_eq!(books.total("provider_clearing").await, -1_000);

    // A provider that takes money back does so in the books too.
    assert_eq!(
        told(&sql, "back", "charged_back", second, 1_001, "VND").await,
        "amount_mismatch"
    );
    assert_eq!(
        told(&sql, "taken", "charged_back", second, 400, "VND").await,
        "charged_back"
    );
    assert_eq!(
        told(&sql, "taken", "charged_back", second, 400, "VND").await,
        "duplicate"
    );
    assert_eq!(books.total("chargebacks").await, -400);
    books.right();
    books.drop().await;
}

#[tokio::test]
async fn twenty_attempts_and_a_cancellation_tell_of_the_last() {
    let books = Books::new().await;
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    let asked = session(buyer, &[part(1_000, 0)]);
    open(&sql, &asked).await.expect("opened");
    let mut last = asked.leg;
    for n in 1..20 {
        last = Uuid::now_v7();
        sql.execute(
            NEXT_ATTEMPT,
            &[&buyer, &format!("key {n}"), &last, &asked.id],
        )
        .await
        .expect("tried again");
    }
    let cancelled = format!(
        "SELECT coalesce((SELECT string_agg(x->>'id', ' ') FROM jsonb_array_elements(
             payment.cancel_session_v1('{}', false, 'by the test')->'attempts') x), 'none')",
        asked.id
    );
    assert_eq!(books.one(&cancelled).await, last.to_string());
    assert_eq!(books.one(&cancelled).await, "none");
    books.right();
    books.drop().await;
}
