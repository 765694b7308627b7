//! `ledger check` finds each kind of corruption when it is planted.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::books::{Books, cancel, end_of, event, open, paid, part, refund, session, told};
use super::unmatched::{credit, unmatched};

/// One thing that goes wrong behind the code's back, with triggers and constraints off, and what has to be
/// found then, possibly among other things.
const PLANTED: &[(&str, &str)] = &[
    (
        "transaction_unbalanced",
        "UPDATE payment.ledger_entry SET amount = amount + 1 WHERE ctid = (
             SELECT e.ctid FROM payment.ledger_entry e JOIN payment.ledger_account a ON a.id = e.account_id
             WHERE a.kind = 'bank' LIMIT 1)",
    ),
    (
        "transaction_empty",
        "INSERT INTO payment.ledger_transaction (id, key, kind, reference, posted_at)
         VALUES (gen_random_uuid(), 'planted', 'adjustment', gen_random_uuid(), shared.now())",
    ),
    (
        "entry_currency",
        "UPDATE payment.ledger_entry SET currency = 'USD' WHERE ctid = (
             SELECT ctid FROM payment.ledger_entry LIMIT 1)",
    ),
    (
        "balance_differs",
        "UPDATE payment.ledger_account SET balance = balance + 1 WHERE id = (
             SELECT id FROM payment.ledger_account WHERE kind = 'wallet' LIMIT 1)",
    ),
    (
        "entries_missing",
        "UPDATE payment.ledger_account SET entries = entries + 1 WHERE id = (
             SELECT id FROM payment.ledger_account WHERE kind = 'wallet' LIMIT 1)",
    ),
    (
        "balance_chain",
        "UPDATE payment.ledger_entry SET balance_after = balance_after + 1 WHERE ctid = (
             SELECT ctid FROM payment.ledger_entry WHERE sequence = 1 LIMIT 1)",
    ),
    (
        "escrow_differs",
        "UPDATE payment.escrow SET subsidy = subsidy + 1 WHERE order_id = (
             SELECT order_id FROM payment.escrow WHERE state = 'held' AND refunded = 0 LIMIT 1)",
    ),
    (
        "escrow_refunded",
        "UPDATE payment.escrow SET refunded = refunded + 1 WHERE state = 'held'",
    ),
    (
        "commission_differs",
        "UPDATE payment.escrow SET commission = commission + 1 WHERE state = 'released'",
    ),
    (
        "cashback_owed",
        "UPDATE payment.escrow SET cashback_by_platform = cashback_by_platform + 1 WHERE state = 'held'",
    ),
    (
        "cash_owed",
        "UPDATE payment.escrow SET state = 'expected' WHERE provider = 'cod'",
    ),
    (
        "session_settled",
        "UPDATE payment.session SET settled = settled - 1 WHERE state = 'settled'",
    ),
    (
        "session_refunded",
        "UPDATE payment.session SET refunded = refunded + 1 WHERE state = 'settled'",
    ),
    (
        "session_funds",
        "DELETE FROM payment.refund_leg WHERE state = 'pending'",
    ),
    (
        "session_escrow",
        "DELETE FROM payment.escrow WHERE state = 'released'",
    ),
    (
        "leg_posting",
        "UPDATE payment.leg SET amount = amount + 1 WHERE state = 'settled'",
    ),
    (
        "leg_refunded",
        "UPDATE payment.leg SET refunded = refunded + 1 WHERE state = 'settled' AND method = 'provider'",
    ),
    (
        "refund_legs",
        "UPDATE payment.refund_leg SET amount = amount + 1 WHERE state = 'to_wallet'",
    ),
    ("refund_state", "UPDATE payment.refund SET state = 'done', done_at = shared.now() WHERE state = 'pending'"),
    (
        "refund_posting",
        "DELETE FROM payment.ledger_transaction t USING payment.refund r WHERE t.key = 'refund:' || r.id",
    ),
    (
        "refund_leg_posting",
        "UPDATE payment.refund_leg SET state = 'done' WHERE state = 'pending'",
    ),
    (
        "refund_leg_way",
        "UPDATE payment.refund_leg SET state = 'to_wallet' WHERE state = 'charged_back'",
    ),
    (
        "charge_backs",
        "UPDATE payment.leg SET charged_back = charged_back - 1 WHERE charged_back > 0",
    ),
    (
        "charge_backs_covered",
        "UPDATE payment.leg SET covered = covered - 1 WHERE covered > 0",
    ),
    (
        "charge_backs_borne",
        "UPDATE payment.leg SET recovered = recovered + 1 WHERE charged_back > 0",
    ),
    (
        "escrow_frozen",
        "UPDATE payment.escrow SET frozen_at = NULL, release_due = false WHERE frozen_at IS NOT NULL",
    ),
    (
        "release_due",
        "UPDATE payment.escrow SET release_due = true WHERE frozen_at IS NULL",
    ),
    (
        "unmatched_posting",
        "UPDATE payment.unmatched_payment SET amount = amount + 1 WHERE state = 'credited'",
    ),
    (
        "unmatched_voided",
        "UPDATE payment.unmatched_payment SET collected = true, voided_by = 'planted' WHERE state = 'credited'",
    ),
    (
        "unmatched_settled",
        "UPDATE payment.unmatched_payment SET state = 'settled', decided_at = shared.now() WHERE state = 'open'",
    ),
    (
        "unmatched_returned",
        "UPDATE payment.unmatched_payment SET provider = 'stripe', state = 'returned', decided_at = shared.now()
         WHERE state = 'open'",
    ),
    (
        "payment_unmatched",
        "UPDATE payment.unmatched_payment SET found_at = found_at - interval '25 hours' WHERE state = 'open'",
    ),
    (
        "withdrawals_differ",
        "INSERT INTO payment.withdrawal (id, account_id, bank_account_id, currency, amount, state, requested_at)
         VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'VND', 5, 'requested', shared.now())",
    ),
    (
        "withdrawal_abandoned",
        "INSERT INTO payment.withdrawal (id, account_id, bank_account_id, currency, amount, state, requested_at)
         VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'VND', 5, 'requested', shared.now())",
    ),
    (
        "session_overdue",
        "UPDATE payment.session SET expires_at = expires_at - interval '9 days' WHERE state = 'open'",
    ),
    (
        "attempt_abandoned",
        "DELETE FROM payment.workflow WHERE kind = 'attempt'",
    ),
    (
        "refund_abandoned",
        "UPDATE payment.workflow SET status = 'failed', ended_at = shared.now() WHERE kind = 'refund'",
    ),
    (
        "workflow_stuck",
        "UPDATE payment.workflow SET status = 'stuck' WHERE kind = 'refund'",
    ),
    ("escrow_without_order", "SELECT 1"),
    (
        "order_without_escrow",
        "DELETE FROM payment.escrow WHERE order_id IN (SELECT id FROM \"order\".\"order\")",
    ),
    (
        "escrow_state",
        "UPDATE \"order\".\"order\" SET status = 'refunded'",
    ),
    (
        "escrow_amount",
        "UPDATE \"order\".\"order\" SET total = total + 1",
    ),
    (
        "event_dead",
        "WITH told AS (
             INSERT INTO \"order\".outbox (id, kind, subject, sequence, occurred_at, data)
             SELECT gen_random_uuid(), 'order.completed', id, 9, shared.now(), '{}' FROM \"order\".\"order\" LIMIT 1
             RETURNING seq, subject)
         INSERT INTO \"order\".delivery (seq, consumer, subject, due_at, dead_at)
         SELECT seq, 'payment', subject, shared.now(), shared.now() FROM told",
    ),
];

/// Books in which everything has happened that can be corrupted.
async fn lived_in(books: &Books) {
    let sql = books.module().await;
    let buyer = Uuid::now_v7();
    books.give(buyer, 5_000).await;
    let parts = [
        part(900, 100).with(10, 5, 5),
        part(900, 100).with(10, 5, 5),
        part(900, 100).with(10, 5, 5),
    ];
    let mut bought = session(buyer, &parts);
    bought.wallet = 1_000;
    open(&sql, &bought).await.expect("opened");
    paid(&sql, "paid", bought.leg, 2_000, "VND").await;
    event(&sql, "order.completed", end_of(&parts[0], buyer)).await;
    // From the provider's leg and from the wallet's: one part is done, the other on its way.
    refund(&sql, "line:1", parts[1].order, 300)
        .await
        .expect("refunded");
    books
        .owner
        .execute(
            "SELECT payment.refund_v1('line:2', $1, 100, 'wallet', 'by the test', NULL, NULL)",
            &[&parts[1].order],
        )
        .await
        .expect("refunded");
    let waits = session(buyer, &[part(70, 0)]);
    open(&sql, &waits).await.expect("opened");
    let late = session(buyer, &[part(80, 0)]);
    open(&sql, &late).await.expect("opened");
    cancel(&sql, late.id).await;
    paid(&sql, "late", late.leg, 80, "VND").await;
    // Taken back: one order was cancelled, the other is frozen.
    let taken = [part(60, 0), part(60, 0)];
    let disputed = session(buyer, &taken);
    open(&sql, &disputed).await.expect("opened");
    paid(&sql, "disputed", disputed.leg, 120, "VND").await;
    for (event, kind, amount) in [
        ("taken", "charged_back", 110),
        ("returned", "reinstated", 20),
    ] {
        assert_eq!(
            told(&sql, event, kind, disputed.leg, amount, "VND").await,
            kind
        );
    }
    event(&sql, "order.cancelled", end_of(&taken[0], buyer)).await;
    event(&sql, "order.completed", end_of(&taken[1], buyer)).await;
    // Not what was asked for: one is in the wallet, the other waits.
    for (n, amount) in [(1, 9), (2, 8)] {
        let wrong = session(buyer, &[part(10, 0)]);
        open(&sql, &wrong).await.expect("opened");
        let event = format!("wrong {n}");
        assert_eq!(
            paid(&sql, &event, wrong.leg, amount, "VND").await,
            "amount_mismatch"
        );
        if n == 1 {
            // The sandbox gives back by itself, while somebody is there to tell it.
            let over = "UPDATE payment.workflow SET status = 'completed', ended_at = shared.now() WHERE id = $1";
            books
                .owner
                .execute(over, &[&wrong.leg])
                .await
                .expect("over");
            cancel(&sql, wrong.id).await;
            let (id, ..) = unmatched(books, wrong.leg).await.remove(0);
            credit(&sql, id, Uuid::now_v7()).await.expect("credited");
        }
    }
    let cash = part(0, 0);
    let mut placed = end_of(&cash, buyer);
    placed["checkout_id"] = Uuid::now_v7().to_string().into();
    placed["total"] = serde_json::json!({"amount": 60, "currency": "VND"});
    placed["lines"] = serde_json::json!([]);
    event(&sql, "order.placed", placed).await;
    event(&sql, "order.delivered", end_of(&cash, buyer)).await;
    // One order that there is.
    books
        .owner
        .execute(
            "WITH c AS (
                 INSERT INTO \"order\".checkout (id, buyer_id, provider, currency, total, delivery, placed_at)
                 VALUES ($1, $2, 'sandbox', 'VND', 1000, '{}', shared.now()) RETURNING id)
             INSERT INTO \"order\".\"order\"
                 (id, checkout_id, buyer_id, seller_id, status, provider, currency, total, delivery, placed_at,
                  confirm_by, updated_at, search_text)
             SELECT $3, id, $2, $4, 'confirmed', 'sandbox', 'VND', 1000, '{}', shared.now(), shared.now(),
                    shared.now(), '' FROM c",
            &[&bought.id, &buyer, &parts[2].order, &parts[2].seller],
        )
        .await
        .expect("an order");
}

#[tokio::test]
async fn the_check_finds_each_kind_of_corruption() {
    let mut books = Books::new().await;
    lived_in(&books).await;
    books.right();
    // The texts of the check name every kind that it may find.
    let check =
        std::fs::read_to_string(crate::support::root().join("cli/src/commands/ledger/check.sql"))
            .expect("the check");
    let kinds = regex::Regex::new(r"(?m)^\s+SELECT '([a-z_]+)',").expect("a rule");
    let known: BTreeSet<&str> = kinds
        .captures_iter(&check)
        .filter_map(|found| found.get(1).map(|kind| kind.as_str()))
        .collect();
    let planted: BTreeSet<&str> = PLANTED.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        planted, known,
        "a kind that is not planted is not known to be found"
    );

    for (kind, plant) in PLANTED {
        let moment = books.owner.transaction().await.expect("a transaction");
        moment
            .batch_execute("SET LOCAL session_replication_role = replica")
            .await
            .expect("no triggers");
        for table in ["session", "leg", "refund", "escrow"] {
            // What a constraint would not allow happens all the same.
            let checks = format!(
                "DO $$ DECLARE c text; BEGIN
                     FOR c IN SELECT conname FROM pg_constraint
                              WHERE conrelid = 'payment.{table}'::regclass AND contype = 'c' LOOP
                         EXECUTE format('ALTER TABLE payment.{table} DROP CONSTRAINT %I', c);
                     END LOOP;
                 END $$"
            );
            moment.batch_execute(&checks).await.expect("no constraints");
        }
        moment
            .batch_execute(plant)
            .await
            .unwrap_or_else(|e| panic!("{kind}: {e:?}"));
        let found = moment.query(&check, &[]).await.expect("checked");
        let found: BTreeSet<String> = found.iter().map(|row| row.get(0)).collect();
        moment.rollback().await.expect("as it was");
        assert!(found.contains(*kind), "{kind} is not among {found:?}");
    }

    // And the command says so.
    let plant = "UPDATE payment.ledger_account SET balance = balance + 7 WHERE id = (
                     SELECT id FROM payment.ledger_account WHERE kind = 'wallet' LIMIT 1)
                 RETURNING id::text";
    let row = books.owner.query_one(plant, &[]).await.expect("planted");
    let account: String = row.get(0);
    let findings = books.findings();
    assert!(
        findings
            .iter()
            .any(|f| f["finding"] == "balance_differs" && f["id"] == account.as_str()),
        "{findings:#?}"
    );
    books.drop().await;
}
