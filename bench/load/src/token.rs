//! Checking access tokens: what the kit's own code for it takes in a guest.
//!
//! `bench/token` is that code and a clock around it, built as the components are and run as they are. It is
//! given tokens in lots as large as an instance's life, and forgets everything at the beginning of each: what
//! is made ready once for an instance is paid here as often as there.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::SigningKey;
use hdrhistogram::Histogram;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use rsa::{BigUint, RsaPrivateKey};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::say;
use crate::options::Options;
use crate::stage::Hosted;
use crate::stats::rounded;
use crate::table::aligned;

/// Requests that an instance answers in its life, on Spin and on the built-in host.
const LOT: usize = 128;
/// Half of the checks take less, in microseconds.
const LIMIT_US: f64 = 150.0;
const ISSUER: &str = "http://127.0.0.1:3000";
/// Sessions revoked of late, which every token is held against.
const REVOKED: usize = 100;

/// What checking tokens of one kind took, in microseconds.
#[derive(Debug, Serialize)]
pub struct Checks {
    pub algorithm: &'static str,
    /// Each call another token; otherwise the same one over and over.
    pub distinct: bool,
    pub calls: u64,
    pub p50_us: f64,
    pub p99_us: f64,
    pub mean_us: f64,
}

impl Checks {
    fn kind(&self) -> &'static str {
        if self.distinct {
            "distinct tokens"
        } else {
            "one token"
        }
    }

    /// That it takes too long.
    pub fn failure(&self) -> Option<String> {
        (self.p50_us >= LIMIT_US).then(|| {
            format!(
                "token, {}, {}: {} µs at p50 (under {LIMIT_US} wanted)",
                self.algorithm,
                self.kind(),
                self.p50_us
            )
        })
    }
}

/// Measures every kind.
pub async fn measure(options: &Options) -> Result<Vec<Checks>> {
    say("signing tokens to check");
    let component = Hosted {
        name: "token",
        manifest: "bench/token/spin.toml",
        component: None,
        variables: vec![("public_url".to_owned(), ISSUER.to_owned())],
        answers: "/healthz",
    };
    let calls = options.token_checks as usize;
    let issuers = [Issuer::eddsa()?, Issuer::rs256()?];
    let revoked: Vec<Uuid> = (0..REVOKED).map(|_| Uuid::new_v4()).collect();
    let keys = issuers.each_ref().map(|issuer| &issuer.jwk);
    let authority = json!({"keys": keys, "revoked": revoked}).to_string();
    let (address, _process) = component.start(options).await?;
    let url = format!("http://{address}/");
    let mut measured = Vec::new();
    for issuer in &issuers {
        for distinct in [true, false] {
            let tokens = match distinct {
                true => (0..calls).map(|_| issuer.token()).collect::<Result<_>>()?,
                false => vec![issuer.token()?; calls],
            };
            let mut times = Histogram::<u64>::new_with_bounds(1, 60_000_000_000, 3)?;
            for lot in tokens.chunks(LOT) {
                for nanoseconds in checked(&url, &authority, lot).await? {
                    times.saturating_record(nanoseconds.max(1));
                }
            }
            let at = |quantile| rounded(times.value_at_quantile(quantile) as f64 / 1000.0, 1);
            let checks = Checks {
                algorithm: issuer.name(),
                distinct,
                calls: times.len(),
                p50_us: at(0.5),
                p99_us: at(0.99),
                mean_us: rounded(times.mean() / 1000.0, 1),
            };
            say(&format!(
                "token, {}, {}: p50 {} µs, p99 {} µs",
                checks.algorithm,
                checks.kind(),
                checks.p50_us,
                checks.p99_us
            ));
            measured.push(checks);
        }
    }
    Ok(measured)
}

/// How long each took, in nanoseconds.
async fn checked(url: &str, authority: &str, lot: &[String]) -> Result<Vec<u64>> {
    let body = format!("{authority}\n{}", lot.join("\n"));
    let client = reqwest::Client::builder().no_proxy().build()?;
    let answer = client.post(url).body(body).send().await?;
    let status = answer.status();
    let text = answer.text().await?;
    if !status.is_success() {
        bail!("a token was not accepted: {status}: {text}");
    }
    let times: Vec<u64> = text
        .lines()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .context("times")?;
    if times.len() != lot.len() {
        bail!("{} tokens were checked of {}", times.len(), lot.len());
    }
    Ok(times)
}

/// Makes tokens as `account` does.
struct Issuer {
    jwk: Value,
    algorithm: Algorithm,
    key: EncodingKey,
}

impl Issuer {
    fn eddsa() -> Result<Self> {
        /// An Ed25519 seed as RFC 8410 has it (PKCS#8): this, and the 32 bytes.
        const HEAD: [u8; 16] = [
            0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22,
            0x04, 0x20,
        ];
        let seed: [u8; 32] = rand::random();
        let x = BASE64.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
        Ok(Self {
            jwk: json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid(), "alg": "EdDSA", "use": "sig"}),
            algorithm: Algorithm::EdDSA,
            key: EncodingKey::from_ed_der(&[&HEAD[..], &seed].concat()),
        })
    }

    fn rs256() -> Result<Self> {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2048).context("an RSA key")?;
        let number = |n: &BigUint| BASE64.encode(n.to_bytes_be());
        let der = key.to_pkcs1_der().context("an RSA key")?;
        Ok(Self {
            jwk: json!({
                "kty": "RSA", "n": number(key.n()), "e": number(key.e()), "kid": kid(), "alg": "RS256",
                "use": "sig",
            }),
            algorithm: Algorithm::RS256,
            key: EncodingKey::from_rsa_der(der.as_bytes()),
        })
    }

    fn name(&self) -> &'static str {
        match self.algorithm {
            Algorithm::RS256 => "RS256",
            _ => "EdDSA",
        }
    }

    fn token(&self) -> Result<String> {
        let header = Header {
            kid: self.jwk["kid"].as_str().map(str::to_owned),
            ..Header::new(self.algorithm)
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let claims = json!({
            "iss": ISSUER, "aud": "stoa", "sub": Uuid::now_v7(), "sid": Uuid::now_v7(),
            "roles": ["member"], "ver": true, "iat": now, "exp": now + 900, "jti": Uuid::now_v7(),
        });
        jsonwebtoken::encode(&header, &claims, &self.key).context("signing a token")
    }
}

/// As long as a thumbprint.
fn kid() -> String {
    BASE64.encode(rand::random::<[u8; 32]>())
}

/// For people.
pub fn table(checks: &[Checks]) -> String {
    if checks.is_empty() {
        return String::new();
    }
    let head = [
        "token check in the guest",
        "calls",
        "p50 µs",
        "p99 µs",
        "mean µs",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(checks.iter().map(|it| {
        vec![
            format!("{}, {}", it.algorithm, it.kind()),
            it.calls.to_string(),
            format!("{:.1}", it.p50_us),
            format!("{:.1}", it.p99_us),
            format!("{:.1}", it.mean_us),
        ]
    }));
    aligned(&rows)
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    #[test]
    fn tokens_are_signed_by_the_key_that_is_published() {
        for issuer in [Issuer::eddsa().unwrap(), Issuer::rs256().unwrap()] {
            let jwk = serde_json::from_value(issuer.jwk.clone()).unwrap();
            let key = DecodingKey::from_jwk(&jwk).unwrap();
            let mut validation = Validation::new(issuer.algorithm);
            validation.set_audience(&["stoa"]);
            let token = issuer.token().unwrap();
            jsonwebtoken::decode::<Value>(&token, &key, &validation).unwrap();
        }
    }

    #[test]
    fn too_slow_is_said() {
        let checks = |p50_us| Checks {
            algorithm: "EdDSA",
            distinct: true,
            calls: 1,
            p50_us,
            p99_us: 1.0,
            mean_us: 1.0,
        };
        assert!(checks(149.9).failure().is_none());
        assert!(checks(150.0).failure().unwrap().contains("EdDSA"));
        assert!(table(&[checks(1.0)]).contains("EdDSA, distinct tokens"));
    }
}
