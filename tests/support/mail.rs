//! What the shop has written to people, as its mailbox shows it.

use std::time::Duration;

use serde_json::{Value, json};

use super::actor::PASSWORD;
use super::app::text;
use super::{Actor, App, until};

/// Everything that came to an address, the newest first.
pub async fn everything(app: &App, to: &str) -> Vec<Value> {
    let to = to.replace('+', "%2B");
    let list = app
        .stranger()
        .get(&format!("/mailbox/messages?to={to}"))
        .await
        .expect(200);
    list["items"].as_array().expect("messages").clone()
}

/// What came to an address to be proven by, a link or a code, the newest first.
pub async fn all(app: &App, to: &str) -> Vec<Value> {
    let mut all = everything(app, to).await;
    all.retain(|mail| mail["token"].is_string() || mail["code"].is_string());
    all
}

/// Waits for the only letter of a template that came to an address.
pub async fn told(app: &App, to: &str, template: &str) -> Value {
    until("a letter comes", Duration::from_secs(20), || async {
        let mut all = everything(app, to).await;
        all.retain(|mail| mail["template"] == template);
        assert!(all.len() <= 1, "more than one {template}: {all:?}");
        all.pop()
    })
    .await
}

/// Waits for the message that makes it `count`, and gives it.
pub async fn newest(app: &App, to: &str, count: usize) -> Value {
    until("a message comes", Duration::from_secs(20), || async {
        let mut all = all(app, to).await;
        assert!(all.len() <= count, "more than {count} messages: {all:?}");
        (all.len() == count).then(|| all.swap_remove(0))
    })
    .await
}

/// The token of the only message that came to an address.
pub async fn token(app: &App, to: &str) -> String {
    text(&newest(app, to, 1).await["token"]).to_owned()
}

/// Somebody with a new account that has an unverified e-mail address, signed in.
pub async fn newcomer(app: &App, name: &str, email: &str) -> Actor {
    newcomer_in(app, name, email, "en").await
}

/// The same, who reads another language.
pub async fn newcomer_in(app: &App, name: &str, email: &str, locale: &str) -> Actor {
    let mut actor = Actor::stranger(app);
    let unique = uuid::Uuid::new_v4().simple().to_string();
    actor.username = format!("{}-{}", name.to_lowercase(), &unique[..12]);
    let reply = actor
        .post(
            "/v1/accounts",
            json!({
                "username": actor.username, "email": email, "password": PASSWORD, "name": name,
                "country": "VN", "locale": locale,
            }),
        )
        .await;
    actor.id = text(&reply.expect(201)["id"]).parse().expect("an id");
    actor.sign_in().await;
    actor
}

/// An address that nobody has had before.
pub fn address() -> String {
    format!("{}@example.net", uuid::Uuid::new_v4().simple())
}

/// A phone number that nobody has had before, almost certainly.
pub fn number() -> String {
    format!("+849{:010}", rand::random::<u64>() % 10_000_000_000)
}

/// Lets time pass for the limits on messages: what was sent to an account and an address, moved back.
pub async fn age(app: &App, actor: &Actor, address: &str, by: &str) {
    app.sql()
        .await
        .execute(
            "UPDATE account.sending SET sent_at = sent_at - $3::text::interval
             WHERE scope LIKE $1 || ' %' OR scope LIKE '% ' || $2",
            &[&actor.id.to_string(), &address, &by],
        )
        .await
        .expect("aged");
}
