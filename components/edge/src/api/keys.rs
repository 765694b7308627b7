//! The public keys, for whoever verifies access tokens.

use stoa_kit::Result;
use stoa_kit::http::Answer;

use crate::store;

/// A public key: Ed25519 (RFC 8037), or RSA (RFC 7518).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PublicKey {
    #[schema(example = "OKP")]
    kty: String,
    /// Of `OKP`.
    #[schema(example = "Ed25519", nullable = false)]
    crv: Option<String>,
    /// The key of `OKP`, base64url.
    #[schema(nullable = false)]
    x: Option<String>,
    /// Of `RSA`: the modulus, base64url.
    #[schema(nullable = false)]
    n: Option<String>,
    /// Of `RSA`: the exponent, base64url.
    #[schema(nullable = false)]
    e: Option<String>,
    /// What `kid` of a token's header names.
    kid: String,
    #[schema(example = "EdDSA")]
    alg: String,
    #[schema(example = "sig")]
    r#use: String,
}

/// A JWK set (RFC 7517).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

/// Reads the keys that access tokens are signed with.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    tag = "edge",
    responses((status = 200, description = "The keys, the newest first.", body = KeySet))
)]
pub async fn jwks() -> Result<Answer> {
    let keys = store::keys::jwks().await?;
    // A new key signs 10 seconds after it was published.
    Ok(Answer::json_text(keys).header("cache-control", "public, max-age=5"))
}
