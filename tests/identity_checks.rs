//! Whom money is paid out to: they say who they are, staff look, and nothing is withdrawn before.

use std::time::Duration;

use futures::future::{join, join_all};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::actor::{PASSWORD, send};
use crate::support::app::{App, shared, text};
use crate::support::money::{give, identified};
use crate::support::{Actor, Reply, until};
use crate::wallets::{available, bank_account, staff};
use crate::withdrawals::{approve as approve_withdrawal, withdraw};

const NUMBER: &str = "001190012345";

fn new_identity(legal_name: &str) -> Value {
    json!({
        "legal_name": legal_name, "country": "VN", "birth_date": "1990-05-17",
        "document_kind": "national_id", "document_number": NUMBER,
    })
}

async fn submit(actor: &Actor, legal_name: &str) -> Value {
    actor
        .post("/v1/payout-identities", new_identity(legal_name))
        .await
        .expect(201)
}

fn path(identity: &Value) -> String {
    format!("/v1/payout-identities/{}", text(&identity["id"]))
}

async fn approve(staff: &Actor, identity: &Value) -> Reply {
    staff
        .post(&format!("{}/approve", path(identity)), json!({}))
        .await
}

async fn reject(staff: &Actor, identity: &Value) -> Reply {
    let path = format!("{}/reject", path(identity));
    staff
        .post(&path, json!({"reason": "The document has expired."}))
        .await
}

/// Somebody with a bank account and money, whom nobody has looked at.
async fn unknown(app: &App, admin: &Actor, amount: i64) -> Actor {
    let actor = app.someone("Payee").await;
    bank_account(&actor, "VND", "56789").await;
    give(admin, &actor, amount, "VND").await;
    actor
}

/// Waits until somebody is told something about an identity; its text.
async fn told(actor: &Actor, kind: &str, identity: &Value) -> String {
    until(
        &format!("{kind} is told"),
        Duration::from_secs(20),
        || async {
            let list = actor.get("/v1/notifications").await.expect(200);
            let items = list["items"].as_array().expect("notices");
            items
                .iter()
                .find(|it| it["kind"] == kind && it["data"]["identity_id"] == identity["id"])
                .map(|it| text(&it["text"]).to_owned())
        },
    )
    .await
}

/// How often something was done with an identity, as staff read it.
fn times(seen: &Value, action: &str) -> usize {
    let log = seen["log"].as_array().expect("a log");
    log.iter().filter(|it| it["action"] == action).count()
}

#[tokio::test]
async fn nothing_is_withdrawn_before_staff_have_approved_who_it_is() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let (payee, stranger) = (
        unknown(app, &admin, 200_000).await,
        app.someone("Stranger").await,
    );
    let refused = withdraw(&payee, 60_000).await;
    refused.expect_problem(409, "identity_unchecked");
    assert_eq!(refused.body["identity_status"], "missing");

    let first = submit(&payee, "Trần Văn An").await;
    assert_eq!(first["state"], "pending");
    assert_eq!(first["document_number"], "****2345");
    let refused = withdraw(&payee, 60_000).await;
    refused.expect_problem(409, "identity_unchecked");
    assert_eq!(refused.body["identity_status"], "pending");

    // Nobody but whose it is and staff, and of them all is written down who looked.
    stranger
        .get(&path(&first))
        .await
        .expect_problem(404, "not_found");
    for refused in [
        stranger.get("/v1/payout-identities?all=true").await,
        approve(&stranger, &first).await,
        reject(&stranger, &first).await,
    ] {
        refused.expect_problem(403, "forbidden");
    }
    let own = payee.get(&path(&first)).await.expect(200);
    assert_eq!(own["document_number"], "****2345");
    assert!(own["log"].is_null(), "{own}");
    let queue = moderator
        .get("/v1/payout-identities?all=true&limit=100")
        .await
        .expect(200);
    for waiting in queue["items"].as_array().expect("identities") {
        for personal in ["legal_name", "birth_date", "document_number"] {
            assert!(waiting[personal].is_null(), "{waiting}");
        }
    }
    let seen = moderator.get(&path(&first)).await.expect(200);
    assert_eq!(seen["document_number"], NUMBER);
    assert_eq!(seen["legal_name"], "Trần Văn An");
    assert_eq!((times(&seen, "submitted"), times(&seen, "read")), (1, 1));
    let again = admin.get(&path(&first)).await.expect(200);
    let readers: Vec<&Value> = again["log"]
        .as_array()
        .expect("a log")
        .iter()
        .filter(|it| it["action"] == "read")
        .map(|it| &it["actor_id"])
        .collect();
    assert_eq!(readers, [&json!(moderator.id), &json!(admin.id)]);

    let rejected = reject(&moderator, &first).await.expect(200);
    assert_eq!(rejected["state"], "rejected");
    let notice = told(&payee, "payout.identity_rejected", &first).await;
    assert!(notice.contains("The document has expired."), "{notice}");
    let refused = withdraw(&payee, 60_000).await;
    refused.expect_problem(409, "identity_unchecked");
    assert_eq!(refused.body["identity_status"], "rejected");

    let second = submit(&payee, "Trần Văn An").await;
    approve(&moderator, &second).await.expect(200);
    told(&payee, "payout.identity_approved", &second).await;
    let wrong = approve(&moderator, &second).await;
    wrong.expect_problem(409, "wrong_state");
    assert_eq!(wrong.body["identity_status"], "approved");
    let asked = withdraw(&payee, 60_000).await.expect(201);
    assert_eq!(
        (&asked["identity_id"], &asked["holder_matches"]),
        (&second["id"], &json!(true))
    );
    // Its end is all that is left of the number.
    let seen = moderator.get(&path(&second)).await.expect(200);
    assert_eq!(seen["document_number"], "****2345");
    let list = payee.get("/v1/payout-identities").await.expect(200);
    let states: Vec<&str> = list["items"]
        .as_array()
        .expect("identities")
        .iter()
        .map(|it| text(&it["state"]))
        .collect();
    assert_eq!(states, ["approved", "rejected"]);
}

#[tokio::test]
async fn staff_are_told_when_the_bank_account_is_somebody_elses() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    // The holder of all of them is TRAN VAN AN.
    for (legal_name, same) in [
        ("Trần Văn-An", true),
        ("tran  van an", true),
        ("Trần Văn Ân", true),
        ("Trần Văn", false),
        ("Lê Thị Hoa", false),
    ] {
        let payee = unknown(app, &admin, 100_000).await;
        identified(app, &payee, legal_name).await;
        let asked = withdraw(&payee, 60_000).await.expect(201);
        let seen = moderator
            .get(&format!("/v1/withdrawals/{}", text(&asked["id"])))
            .await
            .expect(200);
        assert_eq!(seen["holder_matches"], json!(same), "{legal_name}");
    }
}

#[tokio::test]
async fn nobody_checks_their_own_and_of_many_approvals_one_counts() {
    let app = shared();
    let (admin, other) = (staff(app, "admin").await, staff(app, "moderator").await);
    let mut payee = unknown(app, &admin, 100_000).await;
    let identity = submit(&payee, "An").await;
    app.grant(&payee, "moderator").await;
    payee.sign_in().await;
    for own in [
        approve(&payee, &identity).await,
        reject(&payee, &identity).await,
    ] {
        own.expect_problem(403, "own_affair");
    }
    let replies = join_all((0..16).map(|_| approve(&other, &identity))).await;
    let won = replies.iter().filter(|reply| reply.status == 200).count();
    assert_eq!(won, 1, "{replies:?}");
}

#[tokio::test]
async fn another_identity_takes_the_place_of_one_that_waits_and_counts_once_it_is_approved() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let payee = unknown(app, &admin, 200_000).await;
    let mistyped = submit(&payee, "Trn Vn An").await;
    let first = submit(&payee, "Trần Văn An").await;
    for gone in [
        moderator.get(&path(&mistyped)).await,
        payee.get(&path(&mistyped)).await,
        approve(&moderator, &mistyped).await,
    ] {
        gone.expect_problem(404, "not_found");
    }
    approve(&moderator, &first).await.expect(200);
    let second = submit(&payee, "Trần Văn An Bình").await;
    let asked = withdraw(&payee, 60_000).await.expect(201);
    assert_eq!(asked["identity_id"], first["id"]);
    approve(&moderator, &second).await.expect(200);
    let ended = payee.get(&path(&first)).await.expect(200);
    assert_eq!(ended["state"], "ended");
    // What was asked for before is paid all the same.
    approve_withdrawal(&moderator, &asked).await.expect(200);
    // Many at once leave one that waits.
    join_all((0..8).map(|_| submit(&payee, "Trần Văn An"))).await;
    let waiting = payee
        .get("/v1/payout-identities?state=pending")
        .await
        .expect(200);
    assert_eq!(waiting["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn whose_approval_is_taken_back_is_paid_nothing_more() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    for _ in 0..6 {
        let payee = unknown(app, &admin, 100_000).await;
        let identity = submit(&payee, "Trần Văn An").await;
        approve(&moderator, &identity).await.expect(200);
        let (asked, rejected) = join(withdraw(&payee, 60_000), reject(&moderator, &identity)).await;
        rejected.expect(200);
        if asked.status == 201 {
            let late = approve_withdrawal(&moderator, &asked.body).await;
            late.expect_problem(409, "identity_unchecked");
            assert_eq!(late.body["identity_status"], "rejected");
            let withdrawal = format!("/v1/withdrawals/{}/cancel", text(&asked.body["id"]));
            payee.post(&withdrawal, json!({})).await.expect(200);
        } else {
            asked.expect_problem(409, "identity_unchecked");
        }
        assert_eq!(available(&payee, "VND").await, 100_000);
        withdraw(&payee, 60_000)
            .await
            .expect_problem(409, "identity_unchecked");
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_identity_is_said_where_it_is() {
    let app = shared();
    let payee = app.someone("Payee").await;
    for (field, value) in [
        ("legal_name", json!(" ")),
        ("country", json!("Vietnam")),
        ("birth_date", json!(null)),
        ("birth_date", json!("2999-01-01")),
        ("birth_date", json!("1990-02-30")),
        ("document_kind", json!("library_card")),
        ("document_number", json!("1234")),
        ("document_number", json!("0011900 12345")),
    ] {
        let mut body = new_identity("An");
        body[field] = value.clone();
        let reply = payee.post("/v1/payout-identities", body).await;
        reply.expect_problem(422, "validation_failed");
        assert_eq!(
            reply.body["errors"][0]["pointer"],
            json!(format!("/{field}")),
            "{value}: {}",
            reply.raw
        );
    }
    let company = json!({
        "legal_name": "An Co., Ltd", "country": "VN", "document_kind": "company_registration",
        "document_number": "0101234567",
    });
    let company = payee
        .post("/v1/payout-identities", company)
        .await
        .expect(201);
    assert!(company["birth_date"].is_null());
}

#[tokio::test]
async fn identities_go_with_their_account_but_those_that_the_books_name_and_the_log_stays() {
    let app = shared();
    let (admin, moderator) = (staff(app, "admin").await, staff(app, "moderator").await);
    let (paid, unpaid) = (
        unknown(app, &admin, 100_000).await,
        unknown(app, &admin, 100_000).await,
    );
    let named = submit(&paid, "Trần Văn An").await;
    approve(&moderator, &named).await.expect(200);
    withdraw(&paid, 60_000).await.expect(201);
    submit(&paid, "Trần Văn An").await;
    submit(&unpaid, "Trần Văn An").await;
    let schedule = json!({"every": "monthly", "day": 1});
    paid.put_json("/v1/payout-schedules/VND", schedule)
        .await
        .expect(200);
    for actor in [&paid, &unpaid] {
        let request = actor.request(Method::DELETE, "/v1/me");
        let gone = send(request.json(&json!({"password": PASSWORD}))).await;
        assert_eq!(gone.status, 204, "{gone:?}");
    }
    let sql = app.sql().await;
    until("they are forgotten", Duration::from_secs(40), || async {
        let left =
            "SELECT id::text, state, birth_date::text, document_sealed FROM payment.payout_identity
                    WHERE account_id = ANY ($1)";
        let rows = sql.query(left, &[&vec![paid.id, unpaid.id]]).await.ok()?;
        let [row] = rows.as_slice() else { return None };
        let (id, state): (String, String) = (row.get(0), row.get(1));
        let rest: [Option<String>; 2] = [row.get(2), row.get(3)];
        (id == text(&named["id"]) && state == "ended" && rest == [None, None]).then_some(())
    })
    .await;
    let schedules: i64 = sql
        .query_one(
            "SELECT count(*) FROM payment.payout_schedule WHERE account_id = $1",
            &[&paid.id],
        )
        .await
        .expect("a count")
        .get(0);
    assert_eq!(schedules, 0);
    // Not even the module changes the log.
    let module = app.module_sql("payment").await;
    for statement in [
        "DELETE FROM payment.payout_identity_log",
        "UPDATE payment.payout_identity_log SET action = 'read'",
    ] {
        let error = module.execute(statement, &[]).await.expect_err(statement);
        assert!(format!("{error:?}").contains("append-only"), "{error:?}");
    }
}
