//! A signed-in HTTP client that takes every refusal for an error.

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use uuid::Uuid;

/// Somebody at the door.
pub struct Client {
    pub id: String,
    pub username: String,
    url: String,
    token: String,
    http: reqwest::Client,
}

const PASSWORD: &str = "correct horse battery";

impl Client {
    /// Registers a new account and signs it in.
    pub async fn register(url: &str, name: &str) -> Result<Client> {
        let mut client = Client {
            id: String::new(),
            username: format!(
                "{}-{}",
                name.to_lowercase(),
                &Uuid::new_v4().simple().to_string()[..10]
            ),
            url: url.trim_end_matches('/').to_owned(),
            token: String::new(),
            http: reqwest::Client::builder()
                .timeout(std::time::Duration::from_secs(20))
                .build()?,
        };
        let account = client
            .post("/v1/accounts", json!({
                "username": client.username, "password": PASSWORD, "name": name, "country": "VN", "locale": "en",
            }))
            .await?;
        client.id = text(&account["id"])?;
        let session = client
            .post(
                "/v1/sessions",
                json!({"identifier": client.username, "password": PASSWORD}),
            )
            .await?;
        client.token = text(&session["access_token"])?;
        Ok(client)
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        self.send(self.request(Method::GET, path), path).await
    }

    pub async fn put(&self, path: &str) -> Result<Value> {
        self.send(self.request(Method::PUT, path), path).await
    }

    /// A POST with a new Idempotency-Key.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", Uuid::new_v4().to_string())
            .json(&body);
        self.send(request, path).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.url));
        if self.token.is_empty() {
            request
        } else {
            request.bearer_auth(&self.token)
        }
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> Result<Value> {
        let response = request.send().await.with_context(|| {
            format!(
                "nothing answers at {}; is `cargo stoa up` running?",
                self.url
            )
        })?;
        let status = response.status();
        let body = response.text().await?;
        if !status.is_success() {
            bail!("{path} answered {status}: {body}");
        }
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&body).with_context(|| format!("{path} answered no JSON: {body}"))
    }
}

/// The text of a JSON value.
pub fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("a text is missing in the answer"))
}
