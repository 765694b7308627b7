//! Paying, and whether the books are right.

use std::process::{Command, Output};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::actor::try_send;
use super::app::{App, cli, text};
use super::{Actor, root, until};

/// Does something on the sandbox's page of a checkout that waits for its payment: `pay`, `decline`,
/// `slow`, `duplicate`, `wrong_amount` or `no_answer`. Comes again while the app cannot answer.
pub async fn pay(buyer: &Actor, checkout: &Value, choice: &str) {
    let url = text(&checkout["payment"]["pay_url"]).to_owned();
    let path = url.find("/sandbox/").map_or_else(
        || panic!("not a page of the sandbox: {url}"),
        |at| url[at..].to_owned(),
    );
    until(
        "the sandbox's page answers",
        Duration::from_secs(60),
        || async {
            let request = buyer
                .request(Method::POST, &path)
                .form(&[("choice", choice)]);
            let reply = try_send(request).await?;
            (reply.status < 500).then_some(())
        },
    )
    .await;
}

/// Money in somebody's wallet, from nowhere: an administrator's adjustment.
pub async fn give(admin: &Actor, to: &Actor, amount: i64, currency: &str) {
    let body = json!({
        "account_id": to.id, "amount": amount, "currency": currency, "reason": "for a test",
    });
    let key = Uuid::new_v4().to_string();
    let reply = until("the wallet is filled", Duration::from_secs(60), || async {
        let reply = admin
            .try_post_keyed("/v1/wallets/adjustments", &key, &body)
            .await?;
        (reply.status < 500).then_some(reply)
    })
    .await;
    assert!(reply.status < 300, "{}", reply.raw);
}

/// Somebody whom staff have found to be who they say: they may withdraw. Their bank account's holder is the same.
pub async fn identified(app: &App, actor: &Actor, legal_name: &str) {
    app.sql()
        .await
        .execute(
            "INSERT INTO payment.payout_identity
                 (id, account_id, state, legal_name, country, birth_date, document_kind, document_tail,
                  decided_by, submitted_at, decided_at)
             VALUES (shared.uuid_v7(), $1, 'approved', $2, 'VN', '1990-05-17', 'national_id', '2345',
                     gen_random_uuid(), shared.now(), shared.now())",
            &[&actor.id, &legal_name],
        )
        .await
        .expect("an identity");
}

/// The operator's check of the books finds nothing, but for orders that another test has set to a state
/// by hand into which no way leads yet.
pub async fn ledger_is_clean(app: &App) {
    let output = stoa(app, &["ledger", "check", "--json"]);
    let found: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let by_hand = |finding: &&Value| {
        finding["finding"] == "escrow_state" && finding["detail"] == "the order is refunded"
    };
    let findings = found["findings"].as_array().expect("findings");
    let wrong: Vec<&Value> = findings.iter().filter(|f| !by_hand(f)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Runs a command of `stoa` on an app's database.
fn stoa(app: &App, command: &[&str]) -> Output {
    Command::new(cli())
        .args(command)
        .args(["--database-url", &app.database])
        .current_dir(root())
        .output()
        .expect("stoa runs")
}

/// Runs a check of `stoa` on an app's database, which prints what it found and fails then.
pub fn check(app: &App, command: &[&str]) {
    let output = stoa(app, command);
    assert!(
        output.status.success(),
        "{command:?}:\n{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
