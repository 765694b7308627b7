//! Every secret that went through the tests' hands, in requests and in answers.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::{LazyLock, Mutex, PoisonError};

use reqwest::RequestBuilder;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use serde_json::Value;

use super::needles::Secret;
use crate::second_factor::authenticator::Authenticator;

/// What is shorter may be a word of everyday use, or a number.
const UNMISTAKABLE: usize = 16;
/// Recovery codes are shorter, and random.
const RECOVERY_CODE: usize = 10;
/// What a client calls its device by is the client's word: schemathesis reads the mailbox, and takes a token that
/// it finds there for one of a device.
const ALSO_A_DEVICE: &[&str] = &["account.device"];
/// What `bad_input` writes into fields of every kind. It is nobody's password.
const RUBBISH: &str = "'; DROP TABLE account.account; --";

type Passed = HashMap<String, Secret>;
static PASSED: LazyLock<Mutex<Passed>> = LazyLock::new(Mutex::default);

/// A request, as far as it is secret.
#[derive(Debug, Default)]
pub struct Sent {
    path: String,
    secrets: Vec<Secret>,
}

/// Everything that has passed so far.
pub fn all() -> Vec<Secret> {
    let passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    passed.values().cloned().collect()
}

/// What an app was given when it was set up: its `secrets.json` and the passwords of its modules' roles.
pub fn installed(data_dir: &Path, modules: &BTreeMap<String, String>) {
    let mut given = Vec::new();
    if let Ok(kept) = std::fs::read(data_dir.join("secrets.json")) {
        let kept: Value = serde_json::from_slice(&kept).expect("JSON");
        each_text("", &kept, &mut |name, text| {
            given.push(secret(&format!("secrets.json: {name}"), text, &[]));
        });
    }
    for (module, connection) in modules {
        let password = connection
            .split_whitespace()
            .find_map(|word| word.strip_prefix("password="));
        if let Some(password) = password {
            given.push(secret(
                &format!("password of the role of {module}"),
                password,
                &[],
            ));
        }
    }
    record(given);
}

/// What is secret of a request.
pub fn sent(request: &RequestBuilder) -> Sent {
    let Some(request) = request.try_clone().and_then(|it| it.build().ok()) else {
        return Sent::default();
    };
    let path = request.url().path().to_owned();
    let header = |name| request.headers().get(name).and_then(|it| it.to_str().ok());
    let mut secrets = Vec::new();
    if let Some(bearer) = header(AUTHORIZATION.as_str()).and_then(|it| it.strip_prefix("Bearer ")) {
        secrets.push(secret("bearer token", bearer, &[]));
    }
    if let Some(token) = header("cart-token") {
        secrets.push(secret("cart's token", token, &[]));
    }
    let body = request.body().and_then(reqwest::Body::as_bytes);
    let body = body.and_then(|body| serde_json::from_slice(body).ok());
    each_text("", &body.unwrap_or(Value::Null), &mut |name, text| {
        secrets.extend(of_a_request(&path, name, text));
    });
    secrets.retain(|it| it.text.len() >= UNMISTAKABLE && it.text != RUBBISH);
    Sent { path, secrets }
}

impl Sent {
    /// What a refusal repeats of the request that it refuses.
    pub fn repeated_in(&self, headers: &HeaderMap, body: &str) -> Vec<&str> {
        let said = |text: &str| {
            let bytes = text.as_bytes();
            let within = |it: &[u8]| it.windows(bytes.len()).any(|part| part == bytes);
            body.contains(text) || headers.values().any(|value| within(value.as_bytes()))
        };
        let repeated = self.secrets.iter().filter(|it| said(&it.text));
        repeated.map(|it| it.what.as_str()).collect()
    }

    /// Keeps what has turned out to be secret by an answer, and what is secret of that. Of a refused
    /// request that is what was tried as a password; any other rubbish is none.
    pub fn answered(self, status: u16, body: &Value) {
        let Sent { path, mut secrets } = self;
        if (200..300).contains(&status) {
            // Nor are these: where nobody has to be known they may be anything, and what was issued was
            // recorded then.
            secrets.retain(|it| !["bearer token", "cart's token"].contains(&it.what.as_str()));
            each_text("", body, &mut |name, text| {
                secrets.extend(of_an_answer(&path, name, text));
            });
        } else if matches!(status, 401 | 403 | 409 | 423 | 429) {
            secrets.retain(|it| it.what == "password");
        } else {
            return;
        }
        record(secrets);
    }
}

fn secret(what: &str, text: &str, allowed: &'static [&'static str]) -> Secret {
    Secret {
        what: what.to_owned(),
        text: text.to_owned(),
        allowed,
    }
}

fn of_a_request(path: &str, name: &str, text: &str) -> Option<Secret> {
    match name {
        "password" | "current_password" | "new_password" => Some(secret("password", text, &[])),
        // What providers say is kept as they say it.
        _ if path.contains("/webhooks") => None,
        // Pushes go there.
        "token" if path.starts_with("/v1/me/devices") => {
            Some(secret("token of a device", text, &["account.device"]))
        }
        // It is charged again.
        "token" if path.starts_with("/v1/payment-methods") => Some(secret(
            "card at the provider",
            text,
            &["payment.saved_method"],
        )),
        "token" => Some(secret("token of a letter", text, ALSO_A_DEVICE)),
        "refresh_token" => Some(secret("refresh token", text, &[])),
        "cart_token" => Some(secret("cart's token", text, &[])),
        _ => None,
    }
}

fn of_an_answer(path: &str, name: &str, text: &str) -> Vec<Secret> {
    let long = text.len() >= UNMISTAKABLE;
    let one = |what| vec![secret(what, text, &[])];
    match name {
        "access_token" if long => one("access token"),
        "refresh_token" if long => one("refresh token"),
        "token" if long && path.starts_with("/v1/cart") => one("cart's token"),
        "token" if long && path.starts_with("/mailbox") => {
            vec![secret("token of a letter", text, ALSO_A_DEVICE)]
        }
        "key" if long && text.starts_with("stoa_") => one("API key"),
        "secret" if long && path.starts_with("/v1/me/totp") => {
            let bytes = Authenticator::scan(text).secret;
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            vec![
                secret("second factor", text, &[]),
                secret("second factor, its bytes", &hex, &[]),
            ]
        }
        "recovery_codes" if text.len() >= RECOVERY_CODE => vec![
            secret("recovery code", text, &[]),
            secret("recovery code", &text.replace('-', ""), &[]),
        ],
        _ => Vec::new(),
    }
}

fn record(secrets: Vec<Secret>) {
    let mut passed = PASSED.lock().unwrap_or_else(PoisonError::into_inner);
    for secret in secrets {
        let least = if secret.what == "recovery code" {
            RECOVERY_CODE
        } else {
            UNMISTAKABLE
        };
        if secret.text.len() >= least {
            passed.entry(secret.text.clone()).or_insert(secret);
        }
    }
}

/// The texts in a value, each with the name of its field.
pub fn each_text(name: &str, value: &Value, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::String(text) => found(name, text),
        Value::Array(all) => all.iter().for_each(|it| each_text(name, it, found)),
        Value::Object(all) => all.iter().for_each(|(name, it)| each_text(name, it, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use uuid::Uuid;

    fn word(what: &str) -> String {
        format!("{what}-{}", Uuid::new_v4().simple())
    }

    fn request(path: &str, body: &Value) -> RequestBuilder {
        reqwest::Client::new()
            .post(format!("http://127.0.0.1{path}"))
            .json(body)
    }

    /// As what something was recorded.
    fn known(text: &str) -> Option<Secret> {
        all().into_iter().find(|it| it.text == text)
    }

    #[test]
    fn what_is_secret_of_an_answer_is_recorded_once() {
        let (token, password, key) = (word("token"), word("password"), word("stoa_"));
        let plain = Uuid::new_v4().simple().to_string()[..10].to_owned();
        let code = format!("{}-{}", &plain[..5], &plain[5..]);
        let made = request(
            "/v1/sessions",
            &json!({"identifier": word("ana"), "password": password}),
        );
        for _ in 0..2 {
            sent(&made).answered(
                201,
                &json!({"access_token": token, "key": key, "recovery_codes": [code], "items": [{"id": word("id")}]}),
            );
        }
        for (text, what) in [
            (&*token, "access token"),
            (&*password, "password"),
            (&*key, "API key"),
            (&*code, "recovery code"),
            (&*plain, "recovery code"),
        ] {
            assert_eq!(known(text).expect("recorded").what, what);
            assert_eq!(all().iter().filter(|it| it.text == text).count(), 1);
        }
    }

    #[test]
    fn of_what_is_refused_only_what_was_tried_as_a_password_is_secret() {
        let (password, bearer, rubbish) = (word("wrong"), word("bearer"), word("rubbish"));
        let body = json!({"current_password": password, "token": rubbish});
        let refused = || sent(&request("/v1/x", &body).bearer_auth(&bearer));
        refused().answered(422, &Value::Null);
        assert_eq!(known(&password), None);
        refused().answered(403, &Value::Null);
        assert!(known(&password).is_some());
        assert!(known(&rubbish).is_none() && known(&bearer).is_none());
    }

    #[test]
    fn what_is_accepted_may_be_rubbish_all_the_same() {
        let (bearer, never) = (word("bearer"), word("never"));
        let body = json!({"password": RUBBISH, "cart_token": never});
        let accepted = request("/v1/cart/merge", &body).bearer_auth(&bearer);
        sent(&accepted).answered(200, &Value::Null);
        for text in [RUBBISH, &*bearer, &*never] {
            assert_eq!(known(text), None);
        }
    }

    #[test]
    fn what_is_used_from_a_table_may_lie_there() {
        let card = word("pm");
        let save = request("/v1/payment-methods", &json!({"token": card}));
        sent(&save).answered(201, &json!({"id": 1}));
        let known = known(&card).expect("recorded");
        assert_eq!(known.allowed, ["payment.saved_method"]);
    }

    #[test]
    fn a_refusal_that_repeats_a_secret_is_noticed() {
        let (password, bearer) = (word("password"), word("bearer"));
        let body = json!({"password": password, "name": "some name that is long"});
        let sent = sent(&request("/v1/x", &body).bearer_auth(&bearer));
        let none = HeaderMap::new();
        assert!(sent.repeated_in(&none, "some name that is long").is_empty());
        let problem = json!({"detail": format!("{password} is no password")});
        assert_eq!(sent.repeated_in(&none, &problem.to_string()), ["password"]);
        let mut headers = HeaderMap::new();
        headers.insert("location", format!("/{bearer}").parse().expect("a value"));
        assert_eq!(sent.repeated_in(&headers, ""), ["bearer token"]);
    }
}
