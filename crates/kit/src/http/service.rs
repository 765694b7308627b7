//! Who calls, between modules that are deployed apart.
//!
//! In one process a peer is a function. Over the network its caller shows a token: signed by the caller's own
//! key, for one module, for one request, for half a minute. A module refuses what is not meant for it, what
//! was meant for another request, and callers that it was not told of. It is no access token and never taken
//! for one, or the other way round: type, issuer and audience all differ.
//!
//! A token may be shown twice while it lives. Calls between modules carry a reference and are safe to repeat.

pub mod door;
pub mod remote;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signer, SigningKey};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Error, ids, time};

/// For how many seconds a token is valid.
pub const LIFE_S: u64 = 30;
/// How far clocks may be apart, in seconds.
const LEEWAY_S: u64 = 5;
/// `typ` of the token.
const TYPE: &str = "stoa-service+jwt";
/// More keys than this no caller has: the one in use, the one before or after it, and one to spare.
const MOST_KEYS: usize = 3;

/// The request that a token is for.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// `POST`
    pub method: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

impl Call<'_> {
    fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        for part in [
            self.method.as_bytes(),
            b" ",
            self.path.as_bytes(),
            b"\n",
            self.body,
        ] {
            hasher.update(part);
        }
        BASE64.encode(hasher.finalize())
    }
}

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    iat: u64,
    exp: u64,
    jti: Uuid,
    /// The request's digest.
    req: String,
}

/// A module's name, as tokens have it.
fn name(module: &str) -> String {
    format!("stoa:{module}")
}

/// A module's own key. Printing it shows nothing secret.
#[derive(Clone)]
pub struct ServiceKey {
    module: String,
    key: SigningKey,
}

impl std::fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ServiceKey({})", self.module)
    }
}

impl ServiceKey {
    /// The key of a module: 32 bytes in base64url. `None` for anything else.
    #[must_use]
    pub fn decode(module: &str, seed: &str) -> Option<Self> {
        let seed: [u8; 32] = BASE64.decode(seed.trim()).ok()?.try_into().ok()?;
        Some(Self {
            module: module.to_owned(),
            key: SigningKey::from_bytes(&seed),
        })
    }

    /// What others know it by, in base64url.
    #[must_use]
    pub fn public(&self) -> String {
        BASE64.encode(self.key.verifying_key().to_bytes())
    }

    /// A token for one call of one module.
    #[must_use]
    pub fn token(&self, audience: &str, call: &Call<'_>) -> String {
        self.token_at(time::unix_now(), audience, call)
    }

    fn token_at(&self, now: u64, audience: &str, call: &Call<'_>) -> String {
        let header = json!({"alg": "EdDSA", "typ": TYPE});
        let claims = json!(Claims {
            iss: name(&self.module),
            aud: name(audience),
            iat: now,
            exp: now.saturating_add(LIFE_S),
            jti: ids::new_id(),
            req: call.digest(),
        });
        let signed = format!(
            "{}.{}",
            BASE64.encode(header.to_string()),
            BASE64.encode(claims.to_string())
        );
        let signature = self.key.sign(signed.as_bytes()).to_bytes();
        format!("{signed}.{}", BASE64.encode(signature))
    }
}

/// The modules that may call this one, with their public keys.
#[derive(Debug, Clone)]
pub struct Callers {
    module: String,
    keys: BTreeMap<String, Vec<String>>,
}

/// A module that calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its name, such as `order`.
    pub module: String,
    /// The token's id, for the log.
    pub token_id: Uuid,
}

impl Callers {
    /// Those that may call `module`, as JSON: `{"order": ["<public key>"]}`, two keys while one replaces
    /// the other. `None` when it is not of that form.
    #[must_use]
    pub fn parse(module: &str, text: &str) -> Option<Self> {
        let keys: BTreeMap<String, Vec<String>> = serde_json::from_str(text).ok()?;
        let sound = keys.values().all(|keys| {
            (1..=MOST_KEYS).contains(&keys.len())
                && keys
                    .iter()
                    .all(|key| BASE64.decode(key).is_ok_and(|bytes| bytes.len() == 32))
        });
        sound.then(|| Self {
            module: module.to_owned(),
            keys,
        })
    }

    /// Who makes a call, by its token.
    ///
    /// # Errors
    /// 401, whatever is wrong with it.
    pub fn verify(&self, token: &str, call: &Call<'_>) -> Result<Peer, Error> {
        self.judge(token, call)
            .ok_or_else(|| Error::problem("unknown_peer"))
    }

    fn judge(&self, token: &str, call: &Call<'_>) -> Option<Peer> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        if header.alg != Algorithm::EdDSA || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        // Which keys are tried is the token's word; that one of them signed it is not.
        let issuer = unverified_issuer(token)?;
        let module = issuer.strip_prefix("stoa:")?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.leeway = LEEWAY_S;
        validation.set_audience(&[name(&self.module)]);
        validation.set_issuer(&[&issuer]);
        validation.set_required_spec_claims(&["exp", "aud", "iss"]);
        let claims = self.keys.get(module)?.iter().find_map(|key| {
            let key = DecodingKey::from_ed_components(key).ok()?;
            jsonwebtoken::decode::<Claims>(token, &key, &validation).ok()
        })?;
        let claims = claims.claims;
        // No caller gives itself a longer life, or one that begins later.
        let begun = claims.iat <= time::unix_now().saturating_add(LEEWAY_S);
        let short = claims.exp.saturating_sub(claims.iat) <= LIFE_S;
        (begun && short && claims.req == call.digest()).then(|| Peer {
            module: module.to_owned(),
            token_id: claims.jti,
        })
    }
}

fn unverified_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Issuer {
        iss: String,
    }
    let claims = BASE64.decode(token.split('.').nth(1)?).ok()?;
    serde_json::from_slice::<Issuer>(&claims)
        .ok()
        .map(|c| c.iss)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: Call<'_> = Call {
        method: "POST",
        path: "/stoa:inventory/stock/reserve",
        body: b"{\"reference\":1}",
    };

    fn key(module: &str, byte: u8) -> ServiceKey {
        ServiceKey::decode(module, &BASE64.encode([byte; 32])).expect("a key")
    }

    fn inventory() -> Callers {
        let callers = json!({
            "order": [key("order", 1).public(), key("order", 2).public()],
            "relay": [key("relay", 3).public()],
        });
        Callers::parse("inventory", &callers.to_string()).expect("callers")
    }

    #[test]
    fn a_caller_is_known_by_either_of_its_keys() {
        for byte in [1, 2] {
            let token = key("order", byte).token("inventory", &CALL);
            let peer = inventory().verify(&token, &CALL).expect("a peer");
            assert_eq!(peer.module, "order");
        }
    }

    #[test]
    fn what_is_meant_for_another_module_or_request_is_refused() {
        let refused = |token: &str, call: &Call<'_>| inventory().verify(token, call).is_err();
        assert!(refused(&key("order", 1).token("payment", &CALL), &CALL));
        let token = key("order", 1).token("inventory", &CALL);
        for other in [
            Call {
                method: "GET",
                ..CALL
            },
            Call {
                path: "/stoa:inventory/stock/release",
                ..CALL
            },
            Call {
                body: b"{\"reference\":2}",
                ..CALL
            },
        ] {
            assert!(refused(&token, &other), "{other:?}");
        }
    }

    #[test]
    fn a_caller_that_is_unknown_or_signs_as_another_is_refused() {
        for key in [
            key("chat", 1),
            key("relay", 1),
            key("order", 3),
            key("order", 4),
        ] {
            let token = key.token("inventory", &CALL);
            assert!(inventory().verify(&token, &CALL).is_err(), "{key:?}");
        }
    }

    #[test]
    fn a_token_is_short_lived() {
        let now = time::unix_now();
        for (at, good) in [
            (now, true),
            (now - LIFE_S, true),
            (now - LIFE_S - LEEWAY_S - 2, false),
            (now + LEEWAY_S + 5, false),
        ] {
            let token = key("order", 1).token_at(at, "inventory", &CALL);
            assert_eq!(inventory().verify(&token, &CALL).is_ok(), good, "{at}");
        }
    }

    #[test]
    fn other_tokens_and_other_algorithms_are_refused() {
        let token = key("order", 1).token("inventory", &CALL);
        let (_, rest) = token.split_once('.').expect("three parts");
        for header in [
            json!({"alg": "none", "typ": TYPE}),
            json!({"alg": "HS256", "typ": TYPE}),
            json!({"alg": "EdDSA", "typ": "JWT"}),
        ] {
            let forged = format!("{}.{rest}", BASE64.encode(header.to_string()));
            assert!(inventory().verify(&forged, &CALL).is_err());
        }
        let cut = token.get(..token.len() - 4).expect("long enough");
        for text in ["", "..", cut] {
            assert!(inventory().verify(text, &CALL).is_err());
        }
    }

    #[test]
    fn callers_have_keys_that_are_keys() {
        for text in [
            "",
            "[]",
            "{\"order\":[]}",
            "{\"order\":[\"AAAA\"]}",
            "{\"order\":\"AAAA\"}",
        ] {
            assert!(Callers::parse("inventory", text).is_none(), "{text}");
        }
        assert!(Callers::parse("inventory", "{}").is_some());
    }
}
