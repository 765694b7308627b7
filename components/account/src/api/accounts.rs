//! Registering, and what everybody may see of an account.

use axum::Extension;
use garde::Validate;
use serde::Deserialize;
use stoa_kit::http::{Answer, Idempotency, Json, Path, Problem, RequestContext};
use stoa_kit::{Error, Result, redis};
use uuid::Uuid;

use super::letters::{self, Purpose};
use super::me::Account;
use super::{random, validators};
use crate::domain::address::Channel;
use crate::domain::{identifier, password, profile};
use crate::store;
use crate::store::accounts::NewAccount;

/// A new account. At least one of `email`, `phone` and `username` has to be there.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Registration {
    /// E-mail address; its case does not matter.
    #[garde(inner(custom(validators::email)))]
    #[schema(example = "lan@example.com", max_length = 254)]
    email: Option<String>,
    /// Phone number in E.164; spaces and marks between digits are left out.
    #[garde(inner(custom(validators::phone)))]
    #[schema(example = "+84912345678")]
    phone: Option<String>,
    /// Public name to sign in with: letters, digits, `_`, `.` and `-`; its case does not matter.
    #[garde(inner(custom(validators::username)))]
    #[schema(example = "lan_92", min_length = 3, max_length = 32)]
    username: Option<String>,
    /// 8 to 128 characters.
    #[garde(custom(validators::password))]
    #[schema(example = "correct horse battery", min_length = 8, max_length = 128)]
    password: String,
    /// Display name.
    #[garde(custom(validators::name))]
    #[schema(example = "Nguyễn Thị Lan", min_length = 1, max_length = 100)]
    name: String,
    /// ISO 3166-1 alpha-2, upper case.
    #[garde(custom(validators::country))]
    #[schema(example = "VN")]
    country: String,
    /// Language tag (BCP 47).
    #[garde(custom(validators::locale))]
    #[schema(example = "vi-VN")]
    locale: String,
}

/// Registers an account.
///
/// The answer is the same whether or not somebody else has the e-mail address or phone number:
/// those are unique among verified ones only. A username that is taken answers 409. A message goes to
/// the e-mail address, or else to the phone number, to verify it; without a verified address an
/// account neither sells nor pays.
#[utoipa::path(
    post,
    path = "/v1/accounts",
    tag = "account",
    request_body = Registration,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes a repetition of the request harmless.")),
    responses(
        (status = 201, description = "The new account.", body = Account),
        (status = 409, description = "`username_taken`, or `idempotency_in_progress`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`, or `idempotency_key_reused`.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn register(
    Extension(context): Extension<RequestContext>,
    idempotency: Idempotency,
    Json(body): Json<Registration>,
) -> Result<Answer> {
    let new = NewAccount {
        email: body.email.as_deref().and_then(identifier::email),
        phone: body.phone.as_deref().and_then(identifier::phone),
        username: body.username.as_deref().and_then(identifier::username),
        password_hash: password::hash(&body.password, random()?)?,
        name: profile::name(&body.name).unwrap_or_default(),
        country: body.country,
        locale: profile::locale(&body.locale).unwrap_or_default(),
    };
    if new.email.is_none() && new.phone.is_none() && new.username.is_none() {
        return Err(Error::invalid(
            "",
            "missing_identifier",
            "Give an e-mail address, a phone number or a username.",
        ));
    }
    let idempotency = idempotency.about(&compared(&new));
    let letter = match (&new.email, &new.phone) {
        (Some(email), _) => Some((Channel::Email, email.clone())),
        (None, Some(phone)) => Some((Channel::Phone, phone.clone())),
        (None, None) => None,
    };
    let letter = match letter {
        Some((channel, address)) => Some(letters::write(Purpose::Verify, channel, address).await?),
        None => None,
    };
    let registered =
        store::accounts::register(&idempotency, context.traceparent, new, letter.as_ref()).await?;
    // The stored hash of the request leaves the password out, so it is compared here.
    if registered.replayed
        && password::verify(&body.password, &registered.password_hash)? == password::Verdict::Wrong
    {
        return Err(Error::problem("idempotency_key_reused"));
    }
    redis::ring_relay();
    let location = format!("/v1/accounts/{}", registered.account_id);
    Ok(Answer::from_write(Some(registered.row))?
        .location(&location)
        .version(1))
}

/// What of a registration is compared when its key is repeated. Without the password: a hash that
/// is fast to compute would undo what argon2 is for.
fn compared(new: &NewAccount) -> serde_json::Value {
    serde_json::json!([
        new.email,
        new.phone,
        new.username,
        new.name,
        new.country,
        new.locale
    ])
}

/// What everybody may know of an account.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "describes the answer that Postgres builds")]
pub struct PublicProfile {
    id: Uuid,
    /// Not every account has one.
    username: Option<String>,
    name: String,
    bio: String,
    /// How many accounts follow this one.
    followers: u64,
    member_since: chrono::DateTime<chrono::Utc>,
}

/// Reads an account's public profile.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    operation_id = "read_profile",
    tag = "account",
    params(("id" = Uuid, Path, description = "The account.")),
    responses(
        (status = 200, description = "The profile.", body = PublicProfile),
        (status = 404, description = "`not_found`", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn profile(Path(id): Path<Uuid>) -> Result<Answer> {
    let profile = store::accounts::profile(id)
        .await?
        .ok_or_else(Error::not_found)?;
    Ok(Answer::json_text(profile))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewAccount {
        NewAccount {
            email: Some("a@example.com".into()),
            phone: None,
            username: None,
            password_hash: "one".into(),
            name: "A".into(),
            country: "VN".into(),
            locale: "vi".into(),
        }
    }

    #[test]
    fn the_password_has_no_part_in_what_is_compared() {
        let other = NewAccount {
            password_hash: "two".into(),
            ..new()
        };
        assert_eq!(compared(&new()), compared(&other));
    }

    #[test]
    fn everything_else_has() {
        let moved = NewAccount {
            email: None,
            username: Some("a@example.com".into()),
            ..new()
        };
        assert_ne!(compared(&new()), compared(&moved));
        assert_ne!(
            compared(&new()),
            compared(&NewAccount {
                name: "B".into(),
                ..new()
            })
        );
    }
}
