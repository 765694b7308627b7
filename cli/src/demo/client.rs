//! An HTTP client that takes every answer but the expected one for an error.

use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use super::checks;

/// Somebody at the door, with an account or without.
#[derive(Debug)]
pub struct Client {
    pub id: String,
    pub username: String,
    /// Of a guest's cart: sent along while there is one.
    pub cart_token: Option<String>,
    url: String,
    token: Option<String>,
    http: reqwest::Client,
}

const PASSWORD: &str = "correct horse battery";

impl Client {
    /// Somebody without an account.
    pub fn guest(url: &str) -> Result<Client> {
        Ok(Client {
            id: String::new(),
            username: "the guest".to_owned(),
            cart_token: None,
            url: url.trim_end_matches('/').to_owned(),
            token: None,
            http: reqwest::Client::builder()
                .timeout(Duration::from_secs(20))
                .build()?,
        })
    }

    /// Somebody with a new account.
    pub async fn register(url: &str, name: &str) -> Result<Client> {
        let mut client = Client::guest(url)?;
        client.sign_up(name).await?;
        Ok(client)
    }

    /// Somebody without an account who has got hold of the token of a cart.
    pub fn stranger(&self, cart_token: &str) -> Result<Client> {
        let mut stranger = Client::guest(&self.url)?;
        stranger.cart_token = Some(cart_token.to_owned());
        Ok(stranger)
    }

    /// Registers a new account, follows the link that comes by e-mail, and signs in.
    pub async fn sign_up(&mut self, name: &str) -> Result<()> {
        let unique = Uuid::new_v4().simple().to_string();
        let username = format!("{}-{}", name.to_lowercase(), &unique[..10]);
        let email = format!("{username}@example.com");
        let account = self
            .post(
                "/v1/accounts",
                json!({
                    "username": username, "email": email, "password": PASSWORD, "name": name,
                    "country": "VN", "locale": "en",
                }),
            )
            .await?;
        self.id = text(&account["id"])?;
        self.username = username;
        let token = self.mailed_token(&email).await?;
        self.post("/v1/verifications", json!({"token": token}))
            .await?;
        self.sign_in().await
    }

    /// What came to an address, as the shop's mailbox shows it.
    async fn mailed_token(&self, email: &str) -> Result<String> {
        let path = format!("/mailbox/messages?to={email}");
        let (messages, _) = checks::until(self, &path, |messages| {
            let token = &checks::items(messages).first().context("no e-mail came")?["token"];
            text(token).map(|_| ())
        })
        .await
        .context(
            "the demo reads e-mail in the shop's own mailbox: the variable `mailbox` has to be on",
        )?;
        text(&messages["items"][0]["token"])
    }

    /// Signs in, with the roles that the account has now.
    pub async fn sign_in(&mut self) -> Result<()> {
        let session = self
            .post(
                "/v1/sessions",
                json!({"identifier": self.username, "password": PASSWORD}),
            )
            .await?;
        self.token = Some(text(&session["access_token"])?);
        Ok(())
    }

    /// A page for people, as a browser gets it.
    pub async fn page(&self, url: &str) -> Result<String> {
        let response = self
            .http
            .get(url)
            .header("accept", "text/html")
            .send()
            .await?;
        let status = response.status();
        let html = response.text().await?;
        if !status.is_success() {
            bail!("{url} answered {status}: {html}");
        }
        Ok(html)
    }

    /// Presses a button of a page's form.
    pub async fn choose(&self, url: &str, choice: &str) -> Result<()> {
        let body = format!("choice={choice}");
        let request = self
            .http
            .post(url)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body);
        let status = request.send().await?.status();
        if status.is_client_error() || status.is_server_error() {
            bail!("{url} answered {status} to {choice}");
        }
        Ok(())
    }

    pub async fn get(&self, path: &str) -> Result<Value> {
        let request = self.request(Method::GET, path);
        self.send(request, path).await?.good()
    }

    pub async fn put(&self, path: &str, body: Value) -> Result<Value> {
        let mut request = self.request(Method::PUT, path);
        if !body.is_null() {
            request = request.json(&body);
        }
        self.send(request, path).await?.good()
    }

    /// A POST with a new Idempotency-Key.
    pub async fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.post_keyed(path, &key(), &body).await
    }

    /// A POST with this Idempotency-Key.
    pub async fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Result<Value> {
        self.try_post(path, key, body).await?.good()
    }

    /// A POST that has to be refused: the problem.
    pub async fn post_refused(&self, path: &str, body: Value, code: &str) -> Result<Value> {
        self.try_post(path, &key(), &body).await?.refused(code)
    }

    /// A GET that has to be refused: the problem.
    pub async fn get_refused(&self, path: &str, code: &str) -> Result<Value> {
        let request = self.request(Method::GET, path);
        self.send(request, path).await?.refused(code)
    }

    /// A PATCH of the newest version of what `of` shows. Events may make another one at any moment, and
    /// a page may be a moment old.
    pub async fn patch(&self, path: &str, of: &str, body: Value) -> Result<Value> {
        for _ in 0..5 {
            let version = self.get(of).await?["version"].clone();
            let request = self
                .request(Method::PATCH, path)
                .header("if-match", format!("\"{version}\""))
                .json(&body);
            let answer = self.send(request, path).await?;
            if answer.status != StatusCode::PRECONDITION_FAILED {
                return answer.good();
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        bail!("{path} has another version each time it is looked at");
    }

    async fn try_post(&self, path: &str, key: &str, body: &Value) -> Result<Answer> {
        let request = self
            .request(Method::POST, path)
            .header("idempotency-key", key)
            .json(body);
        self.send(request, path).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(token) = &self.cart_token {
            request = request.header("cart-token", token);
        }
        request
    }

    async fn send(&self, request: RequestBuilder, path: &str) -> Result<Answer> {
        let response = request.send().await.with_context(|| {
            format!(
                "nothing answers at {}; is `cargo stoa up` running?",
                self.url
            )
        })?;
        Ok(Answer {
            path: path.to_owned(),
            status: response.status(),
            body: response.text().await?,
        })
    }
}

/// A new Idempotency-Key.
pub fn key() -> String {
    Uuid::new_v4().to_string()
}

struct Answer {
    path: String,
    status: StatusCode,
    body: String,
}

impl Answer {
    fn good(self) -> Result<Value> {
        if !self.status.is_success() {
            return Err(self.unexpected());
        }
        if self.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&self.body)
            .with_context(|| format!("{} answered no JSON: {}", self.path, self.body))
    }

    /// Each code comes with one status, so that the code alone says enough.
    fn refused(self, code: &str) -> Result<Value> {
        let problem: Value = serde_json::from_str(&self.body).unwrap_or_default();
        if !self.status.is_client_error() || problem["code"] != code {
            return Err(self
                .unexpected()
                .context(format!("expected the refusal {code}")));
        }
        Ok(problem)
    }

    fn unexpected(self) -> anyhow::Error {
        anyhow!("{} answered {}: {}", self.path, self.status, self.body)
    }
}

/// The text of a JSON value.
pub fn text(value: &Value) -> Result<String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| anyhow!("a text is missing in the answer, in its place is {value}"))
}
