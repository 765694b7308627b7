//! Somebody at the door: an HTTP client with or without an account.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

use super::app::text;
use super::{App, recorder, rush, until};

/// A client of the app.
#[derive(Debug, Clone)]
pub struct Actor {
    pub id: Uuid,
    pub username: String,
    pub token: Option<String>,
    pub refresh_token: Option<String>,
    client: Client,
    url: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    /// The body as JSON; `Null` when it is none.
    pub body: Value,
    pub raw: String,
}

pub const PASSWORD: &str = "correct horse battery";

impl Actor {
    pub fn stranger(app: &App) -> Actor {
        Actor {
            id: Uuid::nil(),
            username: String::new(),
            token: None,
            refresh_token: None,
            // An address of their own, so that one test's failed logins lock nobody else out.
            client: Client::builder()
                .timeout(Duration::from_secs(20))
                .local_address(Some(own_address()))
                .build()
                .expect("a client"),
            url: app.url.clone(),
        }
    }

    /// The same client with another token.
    pub fn with_token(&self, token: &str) -> Actor {
        Actor {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// Somebody with a new account and a verified e-mail address, signed in.
    pub async fn register(app: &App, name: &str) -> Actor {
        let mut actor = Actor::newcomer(app, name).await;
        app.verify(&actor).await;
        actor.sign_in().await;
        actor
    }

    /// Somebody with a new account that has no address, not signed in yet.
    pub async fn newcomer(app: &App, name: &str) -> Actor {
        let mut actor = Actor::stranger(app);
        let unique = Uuid::new_v4().simple().to_string();
        actor.username = format!(
            "{}-{}",
            name.to_lowercase(),
            unique.get(..12).expect("long enough")
        );
        let reply = actor
            .prepare(
                "/v1/accounts",
                &json!({
                    "username": actor.username, "password": PASSWORD, "name": name,
                    "country": "VN", "locale": "en",
                }),
            )
            .await;
        assert_eq!(reply.status, 201, "{reply:?}");
        actor.id = text(&reply.body["id"]).parse().expect("an id");
        actor
    }

    /// The address that [`App::verify`] gives them.
    pub fn email(&self) -> String {
        format!("{}@example.com", self.username)
    }

    /// Signs in (again) and keeps the tokens.
    pub async fn sign_in(&mut self) {
        let reply = Actor {
            token: None,
            ..self.clone()
        }
        .prepare(
            "/v1/sessions",
            &json!({"identifier": self.username, "password": PASSWORD}),
        )
        .await;
        assert_eq!(reply.status, 201, "{reply:?}");
        self.token = Some(text(&reply.body["access_token"]).to_owned());
        self.refresh_token = Some(text(&reply.body["refresh_token"]).to_owned());
    }

    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.client.request(method, format!("{}{path}", self.url));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    /// `None` when the app cannot be reached.
    pub async fn try_get(&self, path: &str) -> Option<Reply> {
        try_send(self.request(Method::GET, path)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        send(self.request(Method::POST, path).json(&body)).await
    }

    /// POST as a part of a test's preparations: while the app is busy it is repeated with the same key, as
    /// its 503 says. What a test is about does not come this way.
    pub async fn prepare(&self, path: &str, body: &Value) -> Reply {
        let key = Uuid::new_v4().to_string();
        until("the app is not busy", Duration::from_secs(30), || async {
            let reply = self.post_keyed(path, &key, body).await;
            (reply.status != 503).then_some(reply)
        })
        .await
    }

    /// POST with an Idempotency-Key; `None` when the app cannot be reached.
    pub async fn try_post_keyed(&self, path: &str, key: &str, body: &Value) -> Option<Reply> {
        try_send(
            self.request(Method::POST, path)
                .header("idempotency-key", key)
                .json(body),
        )
        .await
    }

    pub async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Reply {
        self.try_post_keyed(path, key, body)
            .await
            .expect("the app answers")
    }

    /// PUT with a body.
    pub async fn put_json(&self, path: &str, body: Value) -> Reply {
        send(self.request(Method::PUT, path).json(&body)).await
    }

    pub async fn put(&self, path: &str) -> Reply {
        send(self.request(Method::PUT, path)).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    pub async fn patch(&self, path: &str, version: i64, body: Value) -> Reply {
        send(
            self.request(Method::PATCH, path)
                .header("if-match", format!("\"{version}\""))
                .json(&body),
        )
        .await
    }

    /// POST with If-Match, without a body.
    pub async fn act(&self, path: &str, version: i64) -> Reply {
        send(
            self.request(Method::POST, path)
                .header("if-match", format!("\"{version}\"")),
        )
        .await
    }
}

impl Reply {
    /// The problem's code.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
    }

    /// The body, after making sure of the status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.raw);
        self.body
    }

    /// Makes sure of a refusal.
    #[track_caller]
    pub fn expect_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.code()), (status, code), "{}", self.raw);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert!(
            self.body["request_id"].is_string() && self.body["title"].is_string(),
            "{}",
            self.raw
        );
    }
}

/// Some address of the loopback network.
fn own_address() -> std::net::IpAddr {
    let [a, b, c] = rand::random::<[u8; 3]>();
    std::net::Ipv4Addr::new(127, a, b, c.clamp(2, 250)).into()
}

/// Sends it; again, while the shop is busy with the rush of another test and says so. A rush itself uses
/// [`try_send`].
pub async fn send(request: RequestBuilder) -> Reply {
    loop {
        let again = request.try_clone().expect("a body that is a buffer");
        let reply = try_send(again).await.expect("the app answers");
        if reply.status != 503 || !rush::is_on() {
            return reply;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// The door by which nearly everything goes: secrets are remembered here, for the look at what the app wrote.
pub async fn try_send(request: RequestBuilder) -> Option<Reply> {
    let sent = recorder::sent(&request);
    let response = request.send().await.ok()?;
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let raw = response.text().await.ok()?;
    let body = serde_json::from_str(&raw).unwrap_or(Value::Null);
    if status >= 400 {
        let repeated = sent.repeated_in(&headers, &raw);
        assert!(repeated.is_empty(), "{status} repeats {repeated:?}: {raw}");
    }
    sent.answered(status, &body);
    Some(Reply {
        status,
        headers,
        body,
        raw,
    })
}
