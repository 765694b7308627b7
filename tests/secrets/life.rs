//! What is lived through before the search, and the secrets on the way.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Canaries;
use crate::checkouts::becomes;
use crate::emulators as emulated;
use crate::providers::{Deal, sepay, stripe, vnpay, world};
use crate::roles::staff;
use crate::second_factor::authenticator::{Authenticator, forget_steps};
use crate::support::actor::send;
use crate::support::app::{App, text};
use crate::support::money::{give, pay};
use crate::support::recorder::each_text;
use crate::support::{Actor, Reply, mail, until};

fn word(what: &str) -> String {
    format!("{what} {}", Uuid::new_v4().simple())
}

impl Canaries {
    /// A call that is refused: what it says is looked at later.
    async fn refused(&mut self, actor: &Actor, path: &str, body: Value, status: u16) {
        let reply = actor.post(path, body).await;
        assert_eq!(reply.status, status, "{path}: {}", reply.raw);
        self.problems.push(reply.raw);
    }

    /// The tokens of a session.
    fn tokens(&mut self, actor: &Actor) {
        self.add("access token", actor.token.as_deref().expect("a token"));
        self.add(
            "refresh token",
            actor.refresh_token.as_deref().expect("a token"),
        );
    }
}

/// What the operator has given it.
pub async fn installation(app: &App, canaries: &mut Canaries) {
    canaries.add("stripe_secret_key", emulated::stripe::KEY);
    canaries.add("stripe_webhook_secret", emulated::stripe::WEBHOOK_SECRET);
    canaries.add("vnpay_hash_secret", emulated::vnpay::HASH_SECRET);
    canaries.add("sepay_secret_key", emulated::sepay::SECRET_KEY);
    canaries.add("sepay_ipn_secret", emulated::sepay::IPN_SECRET);
    let kept = std::fs::read(app.data_dir.join("secrets.json")).expect("secrets");
    let kept: Value = serde_json::from_slice(&kept).expect("JSON");
    let mut secrets = Vec::new();
    each_text("", &kept, &mut |name, text| {
        if !text.is_empty() {
            secrets.push((name.to_owned(), text.to_owned()));
        }
    });
    assert!(secrets.len() >= 4, "{} secrets", secrets.len());
    for (name, secret) in secrets {
        canaries.add(&format!("secrets.json: {name}"), &secret);
    }
    for (module, connection) in &app.modules {
        let words = connection.split_whitespace();
        let password = words
            .filter_map(|word| word.strip_prefix("password="))
            .next();
        if let Some(password) = password {
            canaries.add(&format!("password of the role of {module}"), password);
        }
    }
    let keys = app
        .sql()
        .await
        .query(
            "SELECT encode(secret, 'hex') FROM account.signing_secret",
            &[],
        )
        .await
        .expect("keys");
    assert!(!keys.is_empty(), "nothing signs");
    for key in keys {
        canaries.add_allowed("signing key", key.get(0), &["account.signing_secret"]);
    }
}

async fn login(actor: &mut Actor, password: &str, code: Option<&str>) {
    let mut body = json!({"identifier": actor.username, "password": password});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    let mut anonymous = actor.clone();
    anonymous.token = None;
    let opened = anonymous.post("/v1/sessions", body).await.expect(201);
    actor.token = Some(text(&opened["access_token"]).to_owned());
    actor.refresh_token = Some(text(&opened["refresh_token"]).to_owned());
}

/// Registered, verified, signed in and not, with a second factor, forgotten, reset, changed.
pub async fn account(app: &App, canaries: &mut Canaries) -> Actor {
    let stranger = app.stranger();
    let (first, second, third) = (word("first"), word("second"), word("third"));
    let (wrong, misplaced) = (word("wrong"), word("misplaced"));
    for (what, password) in [
        ("first password", &first),
        ("second password", &second),
        ("third password", &third),
        ("wrong password", &wrong),
        ("password in place of a name", &misplaced),
    ] {
        canaries.add(what, password);
    }
    let mut actor = stranger.clone();
    let email = mail::address();
    actor.username = format!("c-{}", &Uuid::new_v4().simple().to_string()[..12]);
    let body = json!({
        "username": actor.username, "email": email, "password": first, "name": "Cora",
        "country": "VN", "locale": "en",
    });
    let mut odd = body.clone();
    odd["passwort"] = first.clone().into();
    canaries.refused(&stranger, "/v1/accounts", odd, 422).await;
    let made = stranger
        .post_keyed("/v1/accounts", &word("key"), &body)
        .await
        .expect(201);
    actor.id = text(&made["id"]).parse().expect("an id");

    let with =
        |identifier: &str, password: &str| json!({"identifier": identifier, "password": password});
    let sessions = "/v1/sessions";
    canaries
        .refused(&stranger, sessions, with(&actor.username, &wrong), 401)
        .await;
    canaries
        .refused(&stranger, sessions, with(&misplaced, &first), 401)
        .await;
    canaries
        .refused(&stranger, sessions, json!({"password": first}), 422)
        .await;
    login(&mut actor, &first, None).await;
    canaries.tokens(&actor);
    let token = mail::token(app, &email).await;
    canaries.add("verification token", &token);
    let verified = stranger
        .post("/v1/verifications", json!({"token": token}))
        .await;
    assert_eq!(verified.status, 204, "{}", verified.raw);
    canaries
        .refused(&stranger, "/v1/verifications", json!({"token": token}), 410)
        .await;

    let spent = json!({"refresh_token": actor.refresh_token});
    let refreshed = stranger
        .post("/v1/sessions/refresh", spent.clone())
        .await
        .expect(200);
    actor.token = Some(text(&refreshed["access_token"]).to_owned());
    actor.refresh_token = Some(text(&refreshed["refresh_token"]).to_owned());
    canaries.tokens(&actor);

    let authenticator = second_factor(app, &actor, &first, canaries).await;
    let mut coded = with(&actor.username, &first);
    coded["code"] = authenticator.wrong().into();
    canaries.refused(&stranger, sessions, coded, 401).await;
    forget_steps(app, &actor).await;
    login(&mut actor, &first, Some(&authenticator.code(0))).await;
    canaries.tokens(&actor);

    let asked = json!({"identifier": email});
    assert_eq!(
        stranger.post("/v1/password-resets", asked).await.status,
        202
    );
    let token = until("the link comes", Duration::from_secs(20), || async {
        let all = mail::all(app, &email).await;
        let reset = all.iter().find(|it| it["template"] == "reset")?;
        Some(text(&reset["token"]).to_owned())
    })
    .await;
    canaries.add("reset token", &token);
    let confirm = "/v1/password-resets/confirm";
    let short = json!({"token": token, "new_password": "short"});
    canaries.refused(&stranger, confirm, short, 422).await;
    let set = stranger
        .post(confirm, json!({"token": token, "new_password": second}))
        .await;
    assert_eq!(set.status, 204, "{}", set.raw);
    canaries
        .refused(&stranger, "/v1/sessions/refresh", spent, 401)
        .await;
    forget_steps(app, &actor).await;
    login(&mut actor, &second, Some(&authenticator.code(0))).await;
    canaries.tokens(&actor);
    let change = |current: &str| json!({"current_password": current, "new_password": third});
    canaries
        .refused(&actor, "/v1/me/password", change(&wrong), 403)
        .await;
    let changed = actor.post("/v1/me/password", change(&second)).await;
    assert_eq!(changed.status, 204, "{}", changed.raw);
    forget_steps(app, &actor).await;
    api_key(&actor, &third, &authenticator.code(0), canaries).await;
    let forged = actor.with_token(&format!("{}x", actor.token.as_deref().expect("a token")));
    canaries
        .refused(
            &forged,
            "/v1/me/verifications",
            json!({"channel": "email"}),
            401,
        )
        .await;
    actor
}

async fn api_key(actor: &Actor, password: &str, code: &str, canaries: &mut Canaries) {
    let keys = "/v1/me/api-keys";
    let body = |password: &str| json!({"name": "A program", "scopes": ["read"], "password": password, "code": code});
    let made = actor.post(keys, body(password)).await.expect(201);
    let key = text(&made["key"]);
    canaries.add("API key", key);
    canaries.add("API key, what is secret of it", &key["stoa_".len()..]);
    let exchange = "/v1/api-keys/token";
    let program = actor.with_token(key);
    let opened = program.post(exchange, json!({})).await.expect(200);
    canaries.add("token of an API key", text(&opened["access_token"]));
    let forged = actor.with_token(&format!("{key}x"));
    canaries.refused(&forged, exchange, json!({}), 401).await;
    canaries
        .refused(&program, keys, body("of no use"), 401)
        .await;
}

async fn second_factor(
    app: &App,
    actor: &Actor,
    password: &str,
    canaries: &mut Canaries,
) -> Authenticator {
    let shown = actor
        .post("/v1/me/totp", json!({"password": password}))
        .await
        .expect(201);
    let secret = text(&shown["secret"]);
    canaries.add("second factor", secret);
    let authenticator = Authenticator::scan(secret);
    let raw: String = authenticator
        .secret
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    canaries.add("second factor, its bytes", &raw);
    let code = json!({"code": authenticator.code(0)});
    let confirmed = actor.post("/v1/me/totp/confirm", code).await.expect(200);
    let codes: Vec<&str> = confirmed["recovery_codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(text)
        .collect();
    for code in &codes {
        canaries.add("recovery code", code);
        canaries.add("recovery code", &code.replace('-', ""));
    }
    let mut used = actor.clone();
    forget_steps(app, actor).await;
    login(&mut used, password, Some(codes[0])).await;
    canaries.tokens(&used);
    authenticator
}

/// Bought at every provider, told by signed messages and by forged ones, and paid out to a bank.
pub async fn shop(app: &App, somebody: &Actor, canaries: &mut Canaries) {
    let guest = app.stranger();
    let cart = guest.post("/v1/cart", json!({})).await;
    canaries.add("cart token", text(&cart.expect(201)["token"]));

    let _turn = world().turn.lock().await;
    for provider in ["sandbox", "stripe", "vnpay", "sepay"] {
        let deal = Deal::waiting(provider).await;
        canaries.tokens(&deal.buyer);
        match provider {
            "sandbox" => pay(&deal.buyer, &deal.checkout, "pay").await,
            "stripe" => {
                let intent = stripe::intent(&deal);
                let paid = world().stripe.pay(text(&intent["id"]));
                assert_eq!(stripe::outcome(&paid).await, "settled");
            }
            "vnpay" => {
                let reference = vnpay::visit(&deal);
                let query = world().vnpay.decide(&reference, true);
                assert_eq!(vnpay::send(&query).await, "00");
            }
            _ => {
                let invoice = sepay::visit(&deal).await;
                let paid = world().sepay.pay(&invoice, crate::providers::PRICE);
                assert_eq!(sepay::outcome(&paid).await, "settled");
            }
        }
        becomes(&deal.buyer, &deal.checkout, "placed").await;
        if provider != "vnpay" {
            let path = format!("/v1/payment-providers/{provider}/webhooks");
            canaries
                .refused(&guest, &path, json!({"id": "forged"}), 401)
                .await;
        }
    }

    let card = world().stripe.card(true);
    canaries.add_allowed("card at the provider", &card, &["payment.saved_method"]);
    let method = json!({"provider": "stripe", "token": card, "label": "Visa ending in 4242"});
    save(somebody, "/v1/payment-methods", &method).await;
    canaries
        .refused(somebody, "/v1/payment-methods", method, 409)
        .await;

    let admin = staff(app, "Ada", "admin").await;
    give(&admin, somebody, 1_000_000, "VND").await;
    let number = format!("97{}", rand::random::<u64>());
    // Whoever approves a withdrawal reads all of it, and may ask for that answer again for a day.
    let places = &["payment.bank_account", "payment.idempotency"];
    canaries.add_allowed("bank account", &number, places);
    let account = json!({
        "bank_code": "VCB", "number": number, "holder": "CORA", "currency": "VND",
    });
    save(somebody, "/v1/bank-accounts", &account).await;
    canaries
        .refused(somebody, "/v1/bank-accounts", account, 409)
        .await;
    // Until staff have looked it lies sealed, and is not kept afterwards.
    let document = format!("ID{}", rand::random::<u64>());
    canaries.add("document of an identity", &document);
    let identity = json!({
        "legal_name": "Cora", "country": "VN", "birth_date": "1990-05-17",
        "document_kind": "national_id", "document_number": document,
    });
    save(somebody, "/v1/payout-identities", &identity).await;
    let identity = save(somebody, "/v1/payout-identities", &identity).await;
    let path = format!("/v1/payout-identities/{}", text(&identity.body["id"]));
    let seen = admin.get(&path).await.expect(200);
    assert_eq!(seen["document_number"], json!(document));
    admin
        .post(&format!("{path}/approve"), json!({}))
        .await
        .expect(200);
    let unlike = json!({
        "legal_name": "Cora", "country": "VN", "document_kind": "national_id", "document_number": document,
    });
    canaries
        .refused(somebody, "/v1/payout-identities", unlike, 422)
        .await;
    let withdrawal = json!({"amount": 500_000, "currency": "VND"});
    let withdrawal = save(somebody, "/v1/withdrawals", &withdrawal).await;
    let path = format!("/v1/withdrawals/{}", text(&withdrawal.body["id"]));
    let approved = admin
        .post(
            &format!("{path}/approve"),
            json!({"bank_reference": "FT26001234"}),
        )
        .await;
    approved.expect(200);
    until("it is paid out", Duration::from_secs(30), || async {
        let seen = somebody.try_get(&path).await?;
        (seen.body["state"] == "paid").then_some(())
    })
    .await;
    let left = send(somebody.request(Method::DELETE, "/v1/sessions/current")).await;
    assert_eq!(left.status, 204, "{}", left.raw);
}

async fn save(actor: &Actor, path: &str, body: &Value) -> Reply {
    let reply = actor
        .post_keyed(path, &Uuid::new_v4().to_string(), body)
        .await;
    assert_eq!(reply.status, 201, "{path}: {}", reply.raw);
    reply
}
