//! Keys by which programs act for an account.

use axum::Extension;
use chrono::{DateTime, Utc};
use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_kit::http::{Answer, Caller, ClientAddress, Json, Path, Problem, RequestContext};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result, ids, redis, time};
use uuid::Uuid;

use super::{confirmation, letters, random, tokens, validators};
use crate::domain::access_token;
use crate::store::api_keys::{self, NewKey};
use crate::store::logins::Part;

/// What every key begins with, so that people and scanners know one when they see it.
const MARK: &str = "stoa_";
/// So much of a key is shown later.
const SHOWN: usize = 8;

/// What a key opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApiKeyScope {
    /// GET and HEAD.
    Read,
    /// Everything else that an API key may do.
    Write,
}

/// A key to be made.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is for.
    #[garde(custom(validators::name))]
    #[schema(example = "warehouse sync", min_length = 1, max_length = 100)]
    name: String,
    /// What it opens.
    #[garde(length(min = 1, max = 2))]
    #[schema(example = json!(["read"]), min_items = 1, max_items = 2)]
    scopes: Vec<ApiKeyScope>,
    /// Without it the key is good until it is revoked.
    #[garde(inner(custom(validators::moment)))]
    #[schema(example = "2999-01-01T00:00:00Z")]
    expires_at: Option<DateTime<Utc>>,
    /// The caller's password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
    /// Where the account has a second factor: six digits of the authenticator, or a recovery code.
    #[garde(inner(custom(validators::second_factor)))]
    #[schema(example = "041583", min_length = 6, max_length = 20)]
    code: Option<String>,
}

/// A key, without the key itself.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct ApiKey {
    id: Uuid,
    name: String,
    /// How it begins.
    #[schema(example = "stoa_Qm9vdHM4")]
    prefix: String,
    /// `read`, `write`
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    /// To the hour.
    used_at: Option<DateTime<Utc>>,
}

/// A key that was made.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer")]
pub struct ApiKeyMade {
    id: Uuid,
    /// The key. It is shown this once.
    key: String,
    name: String,
    prefix: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    used_at: Option<DateTime<Utc>>,
}

/// Makes a key by which a program acts for the caller.
///
/// The program exchanges it at `POST /v1/api-keys/token`. An account has at most 20. An Idempotency-Key has no
/// effect: the key is not kept to be answered again.
#[utoipa::path(
    post,
    path = "/v1/me/api-keys",
    operation_id = "make_api_key",
    tag = "account",
    request_body = NewApiKey,
    responses(
        (status = 201, description = "The key.", body = ApiKeyMade),
        (status = 401, description = "`unauthenticated`, or `second_factor_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `wrong_code`, `sign_in_again`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`too_many_api_keys`, or `second_factor_off`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn make(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<NewApiKey>,
) -> Result<Answer> {
    let now = i64::try_from(time::unix_now()).unwrap_or(i64::MAX);
    if body.expires_at.is_some_and(|at| at.timestamp() <= now) {
        return Err(Error::invalid(
            "/expires_at",
            "out_of_range",
            "A time that lies ahead.",
        ));
    }
    let confirmed = confirmation::password(&caller, &client, &body.password).await?;
    let proof = match &body.code {
        Some(code) => Some(confirmation::code(&caller, &confirmed.scopes, code).await?),
        None => None,
    };
    let secret = Secret::new(random()?);
    let key = format!("{MARK}{}", secret.encode());
    let new = NewKey {
        id: ids::new_id(),
        session_id: ids::new_id(),
        name: crate::domain::profile::name(&body.name).unwrap_or_default(),
        secret: &secret,
        prefix: key.chars().take(MARK.len().saturating_add(SHOWN)).collect(),
        scopes: scopes(&body.scopes),
        expires_at: body
            .expires_at
            .map(|at| at.naive_utc().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()),
        proof,
    };
    let told = letters::to_owner(caller.account_id).await?;
    let made = api_keys::add(
        caller.account_id,
        &confirmed,
        new,
        told.as_ref(),
        context.traceparent,
    );
    let made = match made.await {
        Err(refusal) if refusal.refusal() == Some("second_factor_wrong") => {
            return Err(confirmation::wrong(&caller, &confirmed.scopes, Part::Code).await?);
        }
        made => made?,
    };
    redis::ring_relay();
    let mut made: Value =
        serde_json::from_str(&made).map_err(|e| Error::internal(format!("api key: {e}")))?;
    if let Value::Object(members) = &mut made {
        members.insert("key".into(), Value::String(key));
    }
    Ok(Answer::json(&made)?.status(StatusCode::CREATED))
}

fn scopes(asked: &[ApiKeyScope]) -> Vec<String> {
    [(ApiKeyScope::Read, "read"), (ApiKeyScope::Write, "write")]
        .into_iter()
        .filter(|(scope, _)| asked.contains(scope))
        .map(|(_, name)| name.to_owned())
        .collect()
}

/// Lists the caller's keys, newest first.
#[utoipa::path(
    get,
    path = "/v1/me/api-keys",
    operation_id = "list_api_keys",
    tag = "account",
    responses(
        (status = 200, description = "All that are good; there are at most 20.", body = Vec<ApiKey>),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn list(caller: Caller) -> Result<Answer> {
    caller.require_person()?;
    Ok(Answer::json_text(api_keys::list(caller.account_id).await?))
}

/// Revokes one of the caller's keys.
///
/// It is exchanged no more at once, and its tokens stop working within 5 seconds. Revoking it again succeeds.
#[utoipa::path(
    delete,
    path = "/v1/me/api-keys/{id}",
    operation_id = "revoke_api_key",
    tag = "account",
    params(("id" = Uuid, Path, description = "The key's id.")),
    responses(
        (status = 204, description = "It is revoked."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn revoke(caller: Caller, Path(id): Path<Uuid>) -> Result<Answer> {
    caller.require_person()?;
    api_keys::revoke(caller.account_id, id).await?;
    super::sessions::announce_revocation().await;
    Ok(Answer::no_content())
}

/// A token for a program.
#[derive(Serialize, utoipa::ToSchema)]
pub struct ApiKeyToken {
    /// A JWT to send as `Authorization: Bearer …`.
    access_token: String,
    /// Always `Bearer`.
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// Seconds until it expires; exchange the key again then.
    #[schema(example = 900)]
    expires_in: u32,
    /// What it opens, with a space between.
    #[schema(example = "read write")]
    scope: String,
}

/// Exchanges an API key for an access token.
///
/// Send the key as `Authorization: Bearer stoa_…`. The token is good for 15 minutes, and no longer than the key, on
/// every route that does not ask for a person or a role.
#[utoipa::path(
    post,
    path = "/v1/api-keys/token",
    operation_id = "exchange_api_key",
    tag = "account",
    params(("Authorization" = Option<String>, Header, description = "`Bearer` and the key.")),
    responses(
        (status = 200, description = "A token.", body = ApiKeyToken),
        (status = 401, description = "`invalid_api_key`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`account_suspended`, with `reason` and `until`.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: for one, while there is no key to sign with.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn exchange(headers: HeaderMap) -> Result<Answer> {
    let secret = sent(&headers).ok_or_else(|| Error::problem("invalid_api_key"))?;
    let key = api_keys::exchange(&secret).await?;
    let life_s = access_token::life_of(key.good_for);
    let access_token = tokens::sign(key.session_id, Some(&key.scopes), life_s, &key.grant).await?;
    Answer::json(&ApiKeyToken {
        access_token,
        token_type: "Bearer",
        expires_in: life_s,
        scope: key.scopes,
    })
}

/// The key that a request brings.
fn sent(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, key) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    let key = key.trim().strip_prefix(MARK)?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Secret::decode(key))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn brings(value: &str) -> Option<Secret> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        sent(&headers)
    }

    #[test]
    fn a_key_is_read_as_it_was_shown() {
        let secret = Secret::new([7; 32]);
        let key = format!("stoa_{}", secret.encode());
        assert_eq!(brings(&format!("Bearer {key}")), Some(secret.clone()));
        assert_eq!(brings(&format!("bearer  {key}")), Some(secret.clone()));
        for other in [
            key.clone(),
            format!("Basic {key}"),
            format!("Bearer {}", secret.encode()),
            format!("Bearer {key}x"),
            "Bearer stoa_".to_owned(),
        ] {
            assert_eq!(brings(&other), None, "{other}");
        }
        assert_eq!(sent(&HeaderMap::new()), None);
    }

    #[test]
    fn scopes_are_told_once_and_in_one_order() {
        let asked = [ApiKeyScope::Write, ApiKeyScope::Read, ApiKeyScope::Write];
        assert_eq!(scopes(&asked), ["read", "write"]);
        assert_eq!(scopes(&[ApiKeyScope::Write]), ["write"]);
    }
}
