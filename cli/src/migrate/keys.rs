//! The key that signs access tokens. The first one is made here, because nobody can log in to ask
//! for it.

use anyhow::{Context, Result, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

/// Makes an Ed25519 key unless one signs already. Says whether it did.
pub async fn ensure(client: &Client) -> Result<bool> {
    let there = "SELECT to_regclass('account.signing_secret') IS NOT NULL";
    if !client.query_one(there, &[]).await?.get::<_, bool>(0) {
        return Ok(false);
    }
    let signing = "SELECT 1 FROM shared.signing_key WHERE signs AND retired_at IS NULL LIMIT 1";
    if client
        .query_opt(signing, &[])
        .await
        .context("looking for a signing key")?
        .is_some()
    {
        return Ok(false);
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed)
        .map_err(|error| anyhow!("the system gives no random bytes: {error}"))?;
    let (kid, jwk) = public(&seed);
    // One statement, so that neither half is ever there without the other.
    let statement = "WITH public AS (
                         INSERT INTO shared.signing_key (kid, alg, public_jwk) VALUES ($1, 'EdDSA', $2)
                         RETURNING kid
                     )
                     INSERT INTO account.signing_secret (kid, secret) SELECT kid, $3 FROM public";
    client
        .execute(statement, &[&kid, &Json(&jwk), &seed.as_slice()])
        .await
        .context("storing a signing key")?;
    Ok(true)
}

/// The id of the key, which is its thumbprint (RFC 7638), and its public half (RFC 8037).
fn public(seed: &[u8; 32]) -> (String, Value) {
    let x = URL_SAFE_NO_PAD.encode(SigningKey::from_bytes(seed).verifying_key().as_bytes());
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let kid = URL_SAFE_NO_PAD.encode(thumbprint);
    let jwk =
        json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid, "alg": "EdDSA", "use": "sig"});
    (kid, jwk)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key and thumbprint of RFC 8037, appendix A.
    #[test]
    fn the_key_of_the_rfc_has_the_thumbprint_of_the_rfc() {
        let seed = URL_SAFE_NO_PAD
            .decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
            .unwrap();
        let (kid, jwk) = public(&seed.try_into().unwrap());
        assert_eq!(jwk["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    }
}
