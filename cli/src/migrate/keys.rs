//! The key that signs access tokens. The first one is made here, because nobody can log in to ask
//! for it; later ones come by `stoa keys rotate`.

use anyhow::{Context, Result};
use tokio_postgres::Client;
use tokio_postgres::types::Json;

use crate::signing_key::{Algorithm, SigningKey};

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
    let key = SigningKey::new(Algorithm::EdDsa)?;
    // One statement, so that neither half is ever there without the other.
    let statement = "WITH public AS (
                         INSERT INTO shared.signing_key (kid, alg, public_jwk) VALUES ($1, $2, $3)
                         RETURNING kid
                     )
                     INSERT INTO account.signing_secret (kid, secret) SELECT kid, $4 FROM public";
    client
        .execute(
            statement,
            &[
                &key.kid,
                &key.algorithm.name(),
                &Json(&key.jwk),
                &key.secret,
            ],
        )
        .await
        .context("storing a signing key")?;
    Ok(true)
}
