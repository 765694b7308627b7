//! An issuer of OpenID Connect: its document, its keys, and a token for each code. People sign in there by a
//! call of the test. It can be told to misbehave.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD as BASE64};
use ed25519_dalek::{Signer, SigningKey};
use rsa::traits::PublicKeyParts;
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::{Faults, hmac_bytes, serve};

pub const CLIENT: &str = "stoa & co";
pub const SECRET: &str = "s3cret/+ of the client";

/// What is wrong with the tokens that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Wrong {
    #[default]
    Nothing,
    Nonce,
    NoNonce,
    Audience,
    /// Ours, and somebody else's who is said to be meant.
    AuthorizedParty,
    Issuer,
    Expired,
    FromTheFuture,
    /// `alg` is `none`, and there is no signature.
    Unsigned,
    /// Signed with the public key, as if it were a secret.
    Confused,
    UnknownKey,
    /// Signed with another key than it says.
    OtherKey,
    /// No token at all.
    NoToken,
    /// A code is answered by a refusal.
    Refuses,
}

/// Somebody with an account at the issuer.
#[derive(Debug, Clone)]
pub struct Person {
    pub subject: String,
    pub email: Option<String>,
    pub email_verified: bool,
    pub name: String,
}

impl Person {
    /// Somebody new, with a verified address of their own.
    pub fn new(name: &str) -> Self {
        let unique = Uuid::new_v4().simple().to_string();
        Self {
            email: Some(format!("{}-{unique}@mail.example", name.to_lowercase())),
            subject: unique,
            email_verified: true,
            name: name.to_owned(),
        }
    }
}

enum Key {
    Ed25519(Box<SigningKey>),
    Rsa(Box<RsaPrivateKey>),
}

struct Granted {
    person: Person,
    nonce: String,
    challenge: String,
    redirect_uri: String,
}

#[derive(Default)]
struct Books {
    url: String,
    keys: Vec<(String, Key)>,
    codes: HashMap<String, Granted>,
    wrong: Wrong,
    asked: HashMap<&'static str, usize>,
}

type Shared = Arc<Mutex<Books>>;

/// The issuer.
#[derive(Clone)]
pub struct Issuer {
    pub url: String,
    pub faults: Faults,
    books: Shared,
}

impl Issuer {
    /// One that signs with Ed25519.
    pub fn start() -> Self {
        Self::with_key(Key::Ed25519(Box::new(new_ed25519())))
    }

    /// One that signs with RSA.
    pub fn start_with_rsa() -> Self {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).expect("a key");
        Self::with_key(Key::Rsa(Box::new(key)))
    }

    fn with_key(key: Key) -> Self {
        let books = Shared::default();
        let faults = Faults::default();
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(document))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .with_state(books.clone());
        let url = serve(router, faults.clone());
        let mut locked = books.lock().expect("no panic");
        locked.url = url.clone();
        locked.keys.push(("first".into(), key));
        drop(locked);
        Self { url, faults, books }
    }

    /// As the shop is told of it.
    pub fn configuration(&self, name: &str) -> Value {
        json!({"name": name, "issuer": self.url, "client_id": CLIENT, "client_secret": SECRET})
    }

    /// What is wrong from now on.
    pub fn is_wrong(&self, wrong: Wrong) {
        self.books.lock().expect("no panic").wrong = wrong;
    }

    /// Another key signs from now on, and the old one is forgotten.
    pub fn rotate(&self, name: &str) {
        let key = Key::Ed25519(Box::new(new_ed25519()));
        self.books.lock().expect("no panic").keys = vec![(name.to_owned(), key)];
    }

    /// How often it was asked for something: `document`, `keys`, `token`.
    pub fn was_asked(&self, what: &str) -> usize {
        let books = self.books.lock().expect("no panic");
        books.asked.get(what).copied().unwrap_or_default()
    }

    /// Somebody opens the page to which the shop sends them, and signs in: `code` and `state`.
    pub fn sign_in(&self, authorization_url: &str, person: &Person) -> (String, String) {
        let url = Url::parse(authorization_url).expect("a URL");
        assert_eq!(
            url.as_str().split('?').next(),
            Some(format!("{}/authorize", self.url).as_str())
        );
        let asked: HashMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        assert!(asked["nonce"].len() >= 20 && asked["state"].len() >= 20);
        assert_ne!(asked["nonce"], asked["state"]);
        let code = Uuid::new_v4().to_string();
        let granted = Granted {
            person: person.clone(),
            nonce: asked["nonce"].clone(),
            challenge: asked["code_challenge"].clone(),
            redirect_uri: asked["redirect_uri"].clone(),
        };
        let mut books = self.books.lock().expect("no panic");
        books.codes.insert(code.clone(), granted);
        (code, asked["state"].clone())
    }
}

fn new_ed25519() -> SigningKey {
    SigningKey::from_bytes(&rand::random())
}

fn count(books: &Shared, what: &'static str) {
    let mut books = books.lock().expect("no panic");
    *books.asked.entry(what).or_default() += 1;
}

async fn document(State(books): State<Shared>) -> Json<Value> {
    count(&books, "document");
    let url = books.lock().expect("no panic").url.clone();
    Json(json!({
        "issuer": url, "authorization_endpoint": format!("{url}/authorize"),
        "token_endpoint": format!("{url}/token"), "jwks_uri": format!("{url}/keys"),
        "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    }))
}

fn public(kid: &str, key: &Key) -> Value {
    match key {
        Key::Ed25519(key) => {
            let x = BASE64.encode(key.verifying_key().as_bytes());
            json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "use": "sig"})
        }
        Key::Rsa(key) => {
            let number = |n: &rsa::BigUint| BASE64.encode(n.to_bytes_be());
            json!({"kty": "RSA", "n": number(key.n()), "e": number(key.e()), "kid": kid,
                   "alg": "RS256", "use": "sig"})
        }
    }
}

async fn keys(State(books): State<Shared>) -> Json<Value> {
    count(&books, "keys");
    let books = books.lock().expect("no panic");
    let mut keys: Vec<Value> = books
        .keys
        .iter()
        .map(|(kid, key)| public(kid, key))
        .collect();
    // What nobody can use is passed over.
    keys.push(json!({"kty": "oct", "kid": "odd", "k": "AAAA"}));
    Json(json!({"keys": keys}))
}

fn refusal(error: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": error}))).into_response()
}

/// Form encoding, as HTTP Basic of OAuth has it.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn token(State(books): State<Shared>, headers: HeaderMap, body: String) -> Response {
    count(&books, "token");
    let form: HashMap<String, String> = url::form_urlencoded::parse(body.as_bytes())
        .into_owned()
        .collect();
    let mut books = books.lock().expect("no panic");
    let pair = STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)));
    let sent = headers.get("authorization").and_then(|v| v.to_str().ok());
    if sent != Some(format!("Basic {pair}").as_str()) || form.contains_key("client_secret") {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({"error": "invalid_client"})),
        )
            .into_response();
    }
    let word = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
    if word("grant_type") != "authorization_code" {
        return refusal("unsupported_grant_type");
    }
    // Good once, whatever comes of it.
    let Some(granted) = books.codes.remove(word("code")) else {
        return refusal("invalid_grant");
    };
    let challenge = BASE64.encode(Sha256::digest(word("code_verifier")));
    if word("code_verifier").len() < 43
        || challenge != granted.challenge
        || word("redirect_uri") != granted.redirect_uri
        || books.wrong == Wrong::Refuses
    {
        return refusal("invalid_grant");
    }
    if books.wrong == Wrong::NoToken {
        return Json(json!({"access_token": "x", "token_type": "Bearer"})).into_response();
    }
    let id_token = id_token(&books, &granted);
    Json(json!({"access_token": "x", "token_type": "Bearer", "id_token": id_token})).into_response()
}

fn id_token(books: &Books, granted: &Granted) -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .expect("now")
        .as_secs();
    let person = &granted.person;
    let mut claims = json!({
        "iss": books.url, "aud": CLIENT, "sub": person.subject, "nonce": granted.nonce,
        "iat": now, "exp": now + 300, "name": person.name, "locale": "vi_VN",
        "email": person.email, "email_verified": person.email_verified,
    });
    match books.wrong {
        Wrong::Nonce => claims["nonce"] = json!("another"),
        Wrong::NoNonce => claims["nonce"] = json!(null),
        Wrong::Audience => claims["aud"] = json!("another"),
        Wrong::AuthorizedParty => {
            claims["aud"] = json!([CLIENT, "another"]);
            claims["azp"] = json!("another");
        }
        Wrong::Issuer => claims["iss"] = json!("https://another.example"),
        Wrong::Expired => {
            claims["iat"] = json!(now - 400);
            claims["exp"] = json!(now - 100);
        }
        Wrong::FromTheFuture => claims["iat"] = json!(now + 3_600),
        _ => {}
    }
    let (kid, key) = books.keys.first().expect("a key");
    let kid = match books.wrong {
        Wrong::UnknownKey => "unknown",
        _ => kid,
    };
    let (alg, signed_by) = match (books.wrong, key) {
        (Wrong::Unsigned, _) => ("none", None),
        (Wrong::Confused, _) => ("HS256", None),
        (_, Key::Ed25519(_)) => ("EdDSA", Some(key)),
        (_, Key::Rsa(_)) => ("RS256", Some(key)),
    };
    let header = json!({"alg": alg, "kid": kid, "typ": "JWT"});
    let text = format!(
        "{}.{}",
        BASE64.encode(header.to_string()),
        BASE64.encode(claims.to_string())
    );
    let other = Key::Ed25519(Box::new(new_ed25519()));
    let signature = match (books.wrong, signed_by) {
        (Wrong::OtherKey, Some(Key::Ed25519(_))) => sign(&other, &text),
        (_, Some(key)) => sign(key, &text),
        (Wrong::Confused, None) => {
            let public = public("first", key).to_string();
            hmac_bytes::<super::Sha256>(&public, &text)
        }
        (_, None) => Vec::new(),
    };
    format!("{text}.{}", BASE64.encode(signature))
}

fn sign(key: &Key, text: &str) -> Vec<u8> {
    match key {
        Key::Ed25519(key) => key.sign(text.as_bytes()).to_bytes().to_vec(),
        Key::Rsa(key) => {
            // What says that it is a SHA-256: RFC 8017, §9.2.
            let prefix = [
                0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                0x01, 0x05, 0x00, 0x04, 0x20,
            ];
            let padding = Pkcs1v15Sign {
                hash_len: Some(32),
                prefix: Box::new(prefix),
            };
            key.sign(padding, &Sha256::digest(text)).expect("signed")
        }
    }
}
