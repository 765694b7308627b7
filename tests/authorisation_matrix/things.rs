//! What the owner has, made once, and what stands in the table's paths for it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::cast::{Cast, Who};
use super::table::Row;
use crate::bad_input::operations::word;
use crate::checkouts::{at_provider, becomes, waiting};
use crate::support::actor::PASSWORD;
use crate::support::app::text;
use crate::support::goods::{category, goods};
use crate::support::money::{give, identified, pay};
use crate::support::{Actor, App, mail, until};

/// Which thing a parameter of a path is: the first rule that fits.
const RULES: &[(&str, &str, &str)] = &[
    ("/sandbox/payments/", "id", "sandbox-page"),
    ("/v1/accounts/{id}/suspension", "id", "suspect"),
    ("/v1/accounts/", "id", "account"),
    ("/v1/bank-accounts/", "id", "bank-account"),
    ("/v1/categories/", "id", "category"),
    ("/v1/checkouts/", "id", "checkout"),
    ("/v1/commission-rules/", "category_slug", "commission-rule"),
    ("/v1/escrows/", "order_id", "order"),
    ("/v1/exchange-rates/snapshots/", "id", "snapshot"),
    ("/v1/me/api-keys/", "id", "api-key"),
    ("/v1/me/contacts/", "id", "contact"),
    ("/v1/me/devices/", "id", "account"),
    ("/v1/me/favorites/", "product_id", "product"),
    ("/v1/me/following/", "account_id", "account"),
    ("/v1/me/identities/", "id", "identity"),
    ("/v1/messages/", "id", "letter"),
    ("/v1/notifications/", "id", "notification"),
    ("/v1/orders/", "id", "order"),
    ("/v1/payment-methods/", "id", "method"),
    ("/v1/payment-providers/", "leg", "sandbox-page"),
    ("/v1/payment-sessions/", "id", "checkout"),
    ("/v1/payout-identities/", "id", "payout-identity"),
    ("/v1/products/", "id", "product"),
    ("/v1/promotions/", "id", "promotion"),
    ("/v1/refunds/", "id", "refund"),
    ("/v1/sales/", "id", "sale"),
    ("/v1/segments/", "account_id", "account"),
    ("/v1/sessions/", "id", "session"),
    ("/v1/unmatched-payments/", "id", "unmatched-payment"),
    ("/v1/warehouses/", "id", "warehouse"),
    ("/v1/withdrawals/", "id", "withdrawal"),
    ("/v1/workflows/order/", "id", "checkout"),
    ("/v1/workflows/payment/", "id", "payment-workflow"),
    ("/v1/", "variant_id", "variant"),
];

pub struct Things {
    ids: BTreeMap<&'static str, String>,
    /// Whose the account is that things are done to.
    pub bystander: Actor,
}

impl Things {
    /// The id of a thing.
    pub fn id(&self, thing: &str) -> &str {
        self.ids
            .get(thing)
            .unwrap_or_else(|| panic!("no {thing} was made"))
    }

    /// A row's path, with what is there.
    pub fn fill(&self, row: &Row) -> String {
        let mut path = row.path().to_owned();
        while let (Some(start), Some(end)) = (path.find('{'), path.find('}')) {
            let parameter = &path[start + 1..end];
            let value = match parameter.split_once('=') {
                Some((_, thing)) => self.id(thing),
                None => self.of(row.path(), parameter),
            };
            let value = value.to_owned();
            path.replace_range(start..=end, &value);
        }
        path
    }

    /// A query whose values may be things in braces.
    pub fn fill_query(&self, query: &str) -> String {
        self.ids
            .iter()
            .fold(query.to_owned(), |query, (thing, id)| {
                query.replace(&format!("{{{thing}}}"), id)
            })
    }

    /// What stands for a parameter of a path.
    pub fn of(&self, path: &str, parameter: &str) -> &str {
        let rule = RULES
            .iter()
            .find(|(prefix, name, _)| path.starts_with(prefix) && parameter == *name);
        match rule {
            Some((_, _, thing)) => self.id(thing),
            None => word(parameter)
                .unwrap_or_else(|| panic!("{path}: no rule says which thing {parameter} is")),
        }
    }

    /// Makes everything, by the doors through which people do.
    pub async fn make(app: &App, cast: &Cast) -> Things {
        let (owner, admin) = (cast.actor(Who::Owner), cast.actor(Who::Admin));
        let moderator = cast.actor(Who::Moderator);
        let partner = app.someone("Pia").await;
        let bystander = app.someone("Ben").await;
        let mut ids = BTreeMap::new();
        ids.insert("account", bystander.id.to_string());
        ids.insert("suspect", app.someone("Sid").await.id.to_string());
        ids.insert("owner", owner.id.to_string());
        ids.insert("current", "current".to_owned());
        ids.insert(
            "session",
            session_of(owner.token.as_deref().expect("a token")),
        );

        let (own, foreign) = (
            goods(app, owner, "Lamp", 120_000, 20).await,
            goods(app, &partner, "Vase", 120_000, 20).await,
        );
        ids.insert("category", category(app).await);
        let draft = json!({
            "name": "Draft", "category_id": ids["category"], "currency": "VND",
            "variants": [{"sku": "ONE", "price": 1_000}],
        });
        let draft = owner.prepare("/v1/products", &draft).await.expect(201);
        ids.insert("draft", id(&draft));
        ids.insert("product", own.product.clone());
        ids.insert("variant", own.variant.clone());
        ids.insert("foreign-variant", foreign.variant.clone());
        let warehouses = owner.get("/v1/warehouses").await.expect(200);
        ids.insert("warehouse", id(&warehouses["items"][0]));
        let contact = json!({
            "receiver": "Olga", "phone": "+84901234567", "address_lines": ["12 Hang Bac"],
            "city": "Hanoi", "country": "VN",
        });
        let contact = owner.prepare("/v1/me/contacts", &contact).await.expect(201);
        ids.insert("contact", id(&contact));
        let key = json!({"name": "For the matrix", "scopes": ["read"], "password": PASSWORD});
        let key = owner.prepare("/v1/me/api-keys", &key).await.expect(201);
        ids.insert("api-key", id(&key));
        // What an issuer would have said.
        let identity = app
            .sql()
            .await
            .query_one(
                "INSERT INTO account.identity (id, account_id, issuer, subject, provider, created_at, used_at)
                 VALUES (shared.uuid_v7(), $1, 'https://issuer.example', shared.uuid_v7()::text, 'example',
                         shared.real_now(), shared.real_now())
                 RETURNING id::text",
                &[&owner.id],
            )
            .await
            .expect("an identity");
        ids.insert("identity", identity.get(0));
        let promotion = json!({
            "kind": "product_discount", "title": "For the matrix", "currency": "VND",
            "code": format!("M{}", uuid::Uuid::new_v4().simple()), "rule": {"off": {"amount": 1_000}},
            "starts_at": "2026-01-01T00:00:00Z",
        });
        let promotion = owner
            .prepare("/v1/promotions", &promotion)
            .await
            .expect(201);
        ids.insert("promotion", id(&promotion));
        // It does nothing: nobody is in its segment.
        let everybodys = json!({
            "owner": "platform", "kind": "product_discount", "title": "For the matrix", "currency": "VND",
            "code": format!("P{}", uuid::Uuid::new_v4().simple()), "rule": {"off": {"amount": 1_000}},
            "conditions": {"segments": ["nobody"]}, "starts_at": "2026-01-01T00:00:00Z",
        });
        let everybodys = moderator
            .prepare("/v1/promotions", &everybodys)
            .await
            .expect(201);
        ids.insert("platform-promotion", id(&everybodys));
        let member = format!("/v1/segments/walkers/members/{}", bystander.id);
        assert_eq!(moderator.put(&member).await.status, 204);

        // Bought, sold, paid, wrongly paid, and waiting to be paid.
        let sandbox = at_provider(&[(&foreign.variant, 1)], json!({}));
        let order = bought(owner, &foreign.variant).await;
        ids.insert("sale", bought(&partner, &own.variant).await);
        let paid = waiting(owner, &sandbox).await;
        pay(owner, &paid, "pay").await;
        let paid = becomes(owner, &paid, "placed").await;
        ids.insert("order", order);
        let escrow = format!("/v1/escrows/{}", text(&paid["orders"][0]["id"]));
        let refund = json!({"amount": 1_000, "reason": "For the matrix", "destination": "wallet"});
        let refunds = until("the refund is made", Duration::from_secs(20), || async {
            let reply = moderator
                .prepare(&format!("{escrow}/refunds"), &refund)
                .await;
            (reply.status == 201).then_some(reply.body)
        })
        .await;
        ids.insert("refund", id(&refunds["items"][0]));
        let odd = waiting(owner, &sandbox).await;
        pay(owner, &odd, "wrong_amount").await;
        ids.insert(
            "unmatched-payment",
            listed(moderator, "/v1/unmatched-payments", |it| {
                it["session_id"] == odd["id"]
            })
            .await,
        );
        let open = waiting(owner, &sandbox).await;
        ids.insert("checkout", id(&open));
        let page = text(&open["payment"]["pay_url"]).to_owned();
        ids.insert(
            "sandbox-page",
            page.rsplit('/').next().expect("a segment").to_owned(),
        );
        until("the escrow is there", Duration::from_secs(20), || async {
            let path = format!("/v1/escrows/{}", ids["order"]);
            (owner.get(&path).await.status == 200).then_some(())
        })
        .await;

        give(admin, owner, 2_000_000, "VND").await;
        let account = json!({
            "bank_code": "VCB", "number": "0123456789", "holder": "OLGA", "currency": "VND",
        });
        let account = owner
            .prepare("/v1/bank-accounts", &account)
            .await
            .expect(201);
        ids.insert("bank-account", id(&account));
        identified(app, owner, "Olga").await;
        let identity = json!({
            "legal_name": "Olga", "country": "VN", "birth_date": "1990-05-17",
            "document_kind": "passport", "document_number": "C1234567",
        });
        let identity = owner
            .prepare("/v1/payout-identities", &identity)
            .await
            .expect(201);
        ids.insert("payout-identity", id(&identity));
        let withdrawal = json!({"amount": 500_000, "currency": "VND"});
        let withdrawal = owner
            .prepare("/v1/withdrawals", &withdrawal)
            .await
            .expect(201);
        ids.insert("withdrawal", id(&withdrawal));
        ids.insert(
            "payment-workflow",
            listed(admin, "/v1/workflows/payment", |_| true).await,
        );
        let method = json!({"provider": "sandbox", "token": "card_1", "label": "Visa"});
        let method = owner
            .prepare("/v1/payment-methods", &method)
            .await
            .expect(201);
        ids.insert("method", id(&method));
        admin
            .put_json("/v1/exchange-rates/USD/VND", json!({"rate": "25400"}))
            .await
            .expect(200);
        let snapshot = json!({"base": "USD", "quotes": ["VND"]});
        let snapshot = owner
            .prepare("/v1/exchange-rates/snapshots", &snapshot)
            .await
            .expect(201);
        ids.insert("snapshot", id(&snapshot));
        let rule = json!({"category_slug": "for-the-matrix", "basis_points": 500});
        admin
            .put_json("/v1/commission-rules", rule)
            .await
            .expect(200);
        ids.insert("commission-rule", "for-the-matrix".to_owned());

        ids.insert(
            "notification",
            listed(owner, "/v1/notifications", |_| true).await,
        );
        mail::newcomer(app, "Nora", &mail::address()).await;
        ids.insert("letter", listed(moderator, "/v1/messages", |_| true).await);
        Things { ids, bystander }
    }
}

fn id(thing: &Value) -> String {
    text(&thing["id"]).to_owned()
}

/// The order of something bought in cash.
async fn bought(buyer: &Actor, variant: &str) -> String {
    let reply = buyer
        .prepare(
            "/v1/checkouts",
            &crate::support::goods::checkout(&[(variant, 1)]),
        )
        .await
        .expect(201);
    id(&reply["orders"][0])
}

/// The id of the first in a list that fits, as soon as there is one.
async fn listed(actor: &Actor, path: &str, fits: impl Fn(&Value) -> bool) -> String {
    let what = format!("{path} has it");
    until(&what, Duration::from_secs(30), || async {
        let list = actor.get(path).await.expect(200);
        let items = list["items"].as_array().expect("a list");
        items.iter().find(|it| fits(it)).map(id)
    })
    .await
}

/// The session of a token.
fn session_of(token: &str) -> String {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).expect("claims");
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64url");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    text(&claims["sid"]).to_owned()
}
