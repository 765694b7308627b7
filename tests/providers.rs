//! Payments at other people's providers, which emulators stand in for: paying, declining, giving back,
//! and what must move nothing.

mod disputes;
mod given_up;
mod methods;
mod refunds;
pub mod sepay;
pub mod stripe;
pub mod vnpay;

use std::sync::OnceLock;
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use serde_json::{Value, json};
use tokio::sync::{Mutex, RwLock};
use uuid::Uuid;

use crate::checkouts::{at_provider, becomes, begin};
use crate::emulators as emulated;
use crate::emulators::{sepay::Sepay, stripe::Stripe, vnpay::Vnpay};
use crate::support::app::{App, text};
use crate::support::goods::goods;
use crate::support::{Actor, Reply, until};

pub const PRICE: i64 = 120_000;

/// An app that is set up with the emulators.
pub struct World {
    pub app: App,
    pub stripe: Stripe,
    pub vnpay: Vnpay,
    pub sepay: Sepay,
    /// One test at a time is at Stripe: some let it misbehave.
    pub turn: Mutex<()>,
    /// And one gets anything back from VNPAY.
    turn_at_vnpay: Mutex<()>,
    /// Held for writing while something waits for a person, which the check of the books would find.
    in_order: RwLock<()>,
}

pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (stripe, vnpay, sepay) = (Stripe::start(), Vnpay::start(), Sepay::start());
        let form = format!("{}/v1/checkout/init", sepay.url);
        let app = App::with_variables(
            "providers",
            &[
                ("payment_providers", "sandbox,stripe,vnpay,sepay,cod"),
                ("stripe_url", &stripe.url),
                ("stripe_secret_key", emulated::stripe::KEY),
                ("stripe_webhook_secret", emulated::stripe::WEBHOOK_SECRET),
                ("vnpay_url", &vnpay.url),
                ("vnpay_tmn_code", emulated::vnpay::TMN_CODE),
                ("vnpay_hash_secret", emulated::vnpay::HASH_SECRET),
                ("sepay_url", &sepay.url),
                ("sepay_pay_url", &form),
                ("sepay_merchant", emulated::sepay::MERCHANT),
                ("sepay_secret_key", emulated::sepay::SECRET_KEY),
                ("sepay_ipn_secret", emulated::sepay::IPN_SECRET),
            ],
            &[],
        );
        World {
            app,
            stripe,
            vnpay,
            sepay,
            turn: Mutex::const_new(()),
            turn_at_vnpay: Mutex::const_new(()),
            in_order: RwLock::const_new(()),
        }
    })
}

/// Somebody who buys one thing of somebody.
pub struct Deal {
    seller: Actor,
    pub buyer: Actor,
    pub checkout: Value,
}

impl Deal {
    /// A checkout that waits for its payment at a provider.
    pub async fn waiting(provider: &str) -> Deal {
        let mut deal = Deal::new().await;
        deal.checkout = deal
            .begin(json!({"provider": provider, "return_url": "/thanks"}))
            .await
            .expect(202);
        deal
    }

    /// Buyer and seller, who have agreed on nothing yet.
    async fn new() -> Deal {
        let app = &world().app;
        Deal {
            seller: app.someone("Seller").await,
            buyer: app.someone("Buyer").await,
            checkout: Value::Null,
        }
    }

    /// Tries to buy.
    pub async fn begin(&self, extra: Value) -> Reply {
        let item = goods(&world().app, &self.seller, "Lamp", PRICE, 5).await;
        let body = at_provider(&[(&item.variant, 1)], extra);
        begin(&self.buyer, &Uuid::new_v4().to_string(), &body).await
    }

    pub fn id(&self) -> &str {
        text(&self.checkout["id"])
    }

    /// The payment session.
    async fn session(&self) -> Value {
        let path = format!("/v1/payment-sessions/{}", self.id());
        self.buyer.get(&path).await.expect(200)
    }

    /// The newest attempt's leg.
    async fn leg(&self) -> Value {
        let session = self.session().await;
        session["legs"]
            .as_array()
            .and_then(|legs| legs.last())
            .expect("a leg")
            .clone()
    }

    /// Nothing has moved: it still waits.
    pub async fn still_waits(&self) {
        let session = self.session().await;
        assert_eq!(session["state"], "open", "{session}");
        assert_eq!(session["outstanding"]["amount"], PRICE);
    }

    pub async fn is_placed(&mut self) {
        self.checkout = becomes(&self.buyer, &self.checkout, "placed").await;
    }

    /// The seller declines, and what was paid goes back.
    async fn is_declined(&self) {
        let path = format!(
            "/v1/sales/{}/decline",
            text(&self.checkout["orders"][0]["id"])
        );
        let reply = self.seller.post(&path, json!({"reason": "sold out"})).await;
        assert_eq!(reply.status, 200, "{}", reply.raw);
        until("the refund is done", Duration::from_secs(40), || async {
            let refunds = self.buyer.try_get("/v1/refunds").await?.body;
            let refund = refunds["items"].as_array()?.first()?.clone();
            (refund["state"] == "done").then_some(())
        })
        .await;
    }
}

/// The operator's check of the books finds nothing.
pub async fn ledger_is_clean(app: &App) {
    let _in_order = world().in_order.read().await;
    crate::support::money::ledger_is_clean(app).await;
}

/// Asks the app for a URL of its own, as a browser that does not go on by itself.
async fn browse(url: &str) -> reqwest::Response {
    let client = Client::builder()
        .redirect(Policy::none())
        .build()
        .expect("a client");
    assert!(
        url.starts_with(&world().app.url),
        "not a page of the shop: {url}"
    );
    client.get(url).send().await.expect("the app answers")
}

/// Sends what a provider sends.
async fn tell(provider: &str, headers: &[(&str, &str)], body: &str) -> Reply {
    let stranger = world().app.stranger();
    let path = format!("/v1/payment-providers/{provider}/webhooks");
    let mut request = stranger.request(Method::POST, &path).body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    crate::support::actor::send(request).await
}

#[tokio::test]
async fn those_that_are_set_up_are_listed() {
    let listed = world()
        .app
        .stranger()
        .get("/v1/payment-providers")
        .await
        .expect(200);
    assert_eq!(
        listed["items"],
        json!([
            {"name": "sandbox", "kind": "page", "currencies": null},
            {"name": "stripe", "kind": "client", "currencies": null},
            {"name": "vnpay", "kind": "page", "currencies": ["VND"]},
            {"name": "sepay", "kind": "page", "currencies": ["VND"]},
            {"name": "cod", "kind": "cash", "currencies": null},
        ])
    );
}

#[tokio::test]
async fn those_that_are_not_set_up_are_neither_listed_nor_heard_nor_paid() {
    let app = crate::support::app::shared();
    let stranger = app.stranger();
    let listed = stranger.get("/v1/payment-providers").await.expect(200);
    let names: Vec<&str> = listed["items"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|offer| text(&offer["name"]))
        .collect();
    assert_eq!(names, ["sandbox", "cod"]);
    for provider in ["stripe", "vnpay", "sepay", "paypal", "cod"] {
        let path = format!("/v1/payment-providers/{provider}/webhooks");
        stranger
            .post(&path, json!({}))
            .await
            .expect_problem(404, "not_found");
    }
    let (seller, buyer) = (app.someone("Seller").await, app.someone("Buyer").await);
    let item = goods(app, &seller, "Lamp", PRICE, 5).await;
    let body = at_provider(&[(&item.variant, 1)], json!({"provider": "stripe"}));
    let reply = begin(&buyer, &Uuid::new_v4().to_string(), &body).await;
    reply.expect_problem(422, "provider_unusable");
}

#[tokio::test]
async fn bodies_beyond_all_measure_are_refused() {
    let reply = tell("sepay", &[], &"x".repeat(300 << 10)).await;
    reply.expect_problem(413, "body_too_large");
}
