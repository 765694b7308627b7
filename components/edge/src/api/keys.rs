//! The public keys, for whoever verifies access tokens.

use stoa_kit::Result;
use stoa_kit::http::Answer;

use crate::store;

/// A public key (RFC 8037).
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PublicKey {
    #[schema(example = "OKP")]
    kty: String,
    #[schema(example = "Ed25519")]
    crv: String,
    /// The key, base64url.
    x: String,
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
    Ok(Answer::json_text(keys).header("cache-control", "public, max-age=300"))
}
