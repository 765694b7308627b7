//! The answer of login and refresh.

use serde::Serialize;
use serde_json::Value;
use stoa_kit::http::Answer;
use stoa_kit::{Error, Result, ids, time, variables};
use uuid::Uuid;

use super::me::Account;
use crate::domain::access_token::{self, Subject};
use crate::domain::refresh_token;
use crate::store::logins::Grant;
use stoa_kit::secret::Secret;

/// The tokens of a session, and whose it is.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// A JWT to send as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until the access token expires.
    #[schema(example = 900)]
    expires_in: u32,
    /// To be spent once at `POST /v1/sessions/refresh`.
    refresh_token: String,
    /// Seconds until the refresh token, and the session with it, expires.
    #[schema(example = 2_592_000)]
    refresh_expires_in: u32,
    /// The account, as at `GET /v1/me`.
    #[schema(value_type = Account)]
    account: Value,
}

/// Signs an access token and answers it with the refresh token.
pub(super) async fn answer(
    session_id: Uuid,
    refresh_token: &Secret,
    grant: Grant,
) -> Result<Answer> {
    Answer::json(&Tokens {
        access_token: sign(session_id, None, access_token::LIFE_S, &grant).await?,
        token_type: "Bearer",
        expires_in: access_token::LIFE_S,
        refresh_token: refresh_token.encode(),
        refresh_expires_in: refresh_token::LIFE_S,
        account: grant.account,
    })
}

/// An access token: of a person, or with a scope of a program.
pub(super) async fn sign(
    session_id: Uuid,
    scope: Option<&str>,
    life_s: u32,
    grant: &Grant,
) -> Result<String> {
    #[derive(serde::Deserialize)]
    struct Holder {
        id: Uuid,
        roles: Vec<String>,
        email_verified: bool,
        phone_verified: bool,
    }
    let holder: Holder = serde::Deserialize::deserialize(&grant.account)
        .map_err(|e| Error::internal(format!("account: {e}")))?;
    let issuer = variables::get("public_url").await?;
    // No program gets more than every account has.
    let member = ["member".to_owned()];
    let subject = Subject {
        issuer: &issuer,
        account_id: holder.id,
        session_id,
        roles: if scope.is_some() {
            &member
        } else {
            &holder.roles
        },
        verified: holder.email_verified || holder.phone_verified,
        scope,
        token_id: ids::new_id(),
        issued_at: time::unix_now(),
        life_s,
    };
    access_token::sign(&subject, &grant.key)
        .ok_or_else(|| Error::internal(format!("{:?} cannot sign", grant.key)))
}
