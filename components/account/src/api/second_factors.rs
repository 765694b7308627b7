//! The caller's second factor: codes that an authenticator shows.

use axum::Extension;
use garde::Validate;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_kit::http::{Answer, Caller, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::{Error, Result, ids, redis};

use super::letters::{self, hex};
use super::{codes, confirmation, random, validators};
use crate::domain::second_factor::{self, RECOVERY_CODES, SECRET_BYTES};
use crate::store::logins::{Enrolment, Part, Proof, Scopes};
use crate::store::second_factors;

/// Who the codes are for, as an authenticator shows it.
const ISSUER: &str = "Stoa";

/// How a second factor stands.
#[derive(Serialize, utoipa::ToSchema)]
pub struct SecondFactor {
    /// Whether signing in needs a code.
    enabled: bool,
    /// Since when.
    #[schema(format = DateTime)]
    confirmed_at: Option<String>,
    /// Recovery codes that were not used yet.
    #[schema(minimum = 0)]
    recovery_codes_left: i64,
}

/// Reads whether the caller has a second factor.
#[utoipa::path(
    get,
    path = "/v1/me/totp",
    operation_id = "read_second_factor",
    tag = "account",
    responses(
        (status = 200, description = "How it stands.", body = SecondFactor),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`person_required`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn read(caller: Caller) -> Result<Answer> {
    caller.require_person()?;
    let standing = second_factors::of(caller.account_id)
        .await?
        .ok_or_else(Error::not_found)?;
    Answer::json(&SecondFactor {
        enabled: standing.confirmed_at.is_some(),
        confirmed_at: standing.confirmed_at,
        recovery_codes_left: standing.codes_left,
    })
}

/// The caller's password.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordGiven {
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
}

/// A secret for an authenticator. It is shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct TotpSecret {
    /// Base32, to be typed.
    #[schema(example = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")]
    secret: String,
    /// To be shown as a QR code.
    #[schema(
        example = "otpauth://totp/Stoa:lan?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Stoa&algorithm=SHA1&digits=6&period=30"
    )]
    otpauth_uri: String,
}

/// Sets up a second factor, to be confirmed with a code.
///
/// Until then it is not in force, and doing this again makes another secret; another password voids it. Needs
/// a verified address.
#[utoipa::path(
    post,
    path = "/v1/me/totp",
    operation_id = "set_up_second_factor",
    tag = "account",
    request_body = PasswordGiven,
    responses(
        (status = 201, description = "The secret.", body = TotpSecret),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `sign_in_again`, `address_unverified` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second_factor_on`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn enrol(
    caller: Caller,
    client: ClientAddress,
    Json(body): Json<PasswordGiven>,
) -> Result<Answer> {
    let confirmed = confirmation::password(&caller, &client, &body.password).await?;
    let secret: [u8; SECRET_BYTES] = random()?;
    let sealed = codes::keys(caller.account_id)
        .await?
        .seal(&secret, random()?)?;
    let enrolment = Enrolment {
        id: ids::new_id(),
        sealed,
    };
    let name = second_factors::enrol(caller.account_id, &confirmed, enrolment).await?;
    let answer = Answer::json(&TotpSecret {
        secret: second_factor::base32(&secret)?,
        otpauth_uri: second_factor::uri(&secret, ISSUER, &name)?,
    })?;
    Ok(answer.status(StatusCode::CREATED))
}

/// A code of the authenticator.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGiven {
    /// Six digits.
    #[garde(custom(validators::code))]
    #[schema(example = "041583", min_length = 6, max_length = 6)]
    code: String,
}

/// Codes to sign in with, each once, when the authenticator is lost. They are shown this once.
#[derive(Serialize, utoipa::ToSchema)]
pub struct RecoveryCodes {
    #[schema(example = json!(["abcde-fgh23"]), min_items = 10, max_items = 10)]
    recovery_codes: Vec<String>,
}

/// Puts the second factor in force, with a code that the authenticator shows.
///
/// From now on signing in needs a code; whoever is signed in stays so. This code is spent. The owner is told.
#[utoipa::path(
    post,
    path = "/v1/me/totp/confirm",
    operation_id = "confirm_second_factor",
    tag = "account",
    request_body = CodeGiven,
    responses(
        (status = 200, description = "It is in force; ten codes for when it is lost.", body = RecoveryCodes),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_code`, or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second_factor_on`, or `second_factor_off`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn confirm(
    caller: Caller,
    ClientAddress(address): ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<CodeGiven>,
) -> Result<Answer> {
    caller.require_person()?;
    let standing = second_factors::of(caller.account_id)
        .await?
        .ok_or_else(Error::not_found)?;
    if standing.confirmed_at.is_some() {
        return Err(Error::problem("second_factor_on"));
    }
    let enrolment = standing
        .enrolment
        .ok_or_else(|| Error::problem("second_factor_off"))?;
    let scopes = Scopes::of_account(caller.account_id, &address);
    let Some(Proof::Step { totp, step }) =
        codes::prove(caller.account_id, &enrolment, &body.code).await?
    else {
        return Err(confirmation::wrong(&caller, &scopes, Part::Code).await?);
    };
    let (shown, hashes) = recovery_codes(&caller).await?;
    let told = letters::to_owner(caller.account_id).await?;
    second_factors::confirm(
        caller.account_id,
        &scopes,
        (totp, step),
        ids::new_id(),
        hashes,
        told.as_ref(),
        context.traceparent,
    )
    .await?;
    redis::ring_relay();
    Answer::json(&shown)
}

/// What a change of a second factor needs.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BothGiven {
    /// The caller's password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: String,
    /// Six digits of the authenticator, or a recovery code.
    #[garde(custom(validators::second_factor))]
    #[schema(example = "041583", min_length = 6, max_length = 20)]
    code: String,
}

/// Takes the second factor away.
///
/// With its recovery codes; signing in needs the password alone again. The owner is told.
#[utoipa::path(
    delete,
    path = "/v1/me/totp",
    operation_id = "remove_second_factor",
    tag = "account",
    request_body = BothGiven,
    responses(
        (status = 204, description = "It is gone."),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `wrong_code`, `sign_in_again` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second_factor_off`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn remove(
    caller: Caller,
    client: ClientAddress,
    Extension(context): Extension<RequestContext>,
    Json(body): Json<BothGiven>,
) -> Result<Answer> {
    let confirmed = confirmation::password(&caller, &client, &body.password).await?;
    let proof = confirmation::code(&caller, &confirmed.scopes, &body.code).await?;
    let told = letters::to_owner(caller.account_id).await?;
    let removed = second_factors::remove(
        caller.account_id,
        &confirmed,
        &proof,
        ids::new_id(),
        told.as_ref(),
        context.traceparent,
    );
    match removed.await {
        Err(refusal) if refusal.refusal() == Some("wrong_code") => {
            Err(confirmation::wrong(&caller, &confirmed.scopes, Part::Code).await?)
        }
        removed => {
            removed?;
            redis::ring_relay();
            Ok(Answer::no_content())
        }
    }
}

/// Makes new recovery codes; the old ones are void.
#[utoipa::path(
    post,
    path = "/v1/me/totp/recovery-codes",
    operation_id = "renew_recovery_codes",
    tag = "account",
    request_body = BothGiven,
    responses(
        (status = 200, description = "Ten new codes.", body = RecoveryCodes),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `wrong_code`, `sign_in_again` or `person_required`.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`second_factor_off`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn renew_recovery_codes(
    caller: Caller,
    client: ClientAddress,
    Json(body): Json<BothGiven>,
) -> Result<Answer> {
    let confirmed = confirmation::password(&caller, &client, &body.password).await?;
    let proof = confirmation::code(&caller, &confirmed.scopes, &body.code).await?;
    let (shown, hashes) = recovery_codes(&caller).await?;
    let renewed = second_factors::renew_recovery_codes(
        caller.account_id,
        &confirmed,
        &proof,
        ids::new_id(),
        hashes,
    );
    match renewed.await {
        Err(refusal) if refusal.refusal() == Some("wrong_code") => {
            Err(confirmation::wrong(&caller, &confirmed.scopes, Part::Code).await?)
        }
        renewed => {
            renewed?;
            Answer::json(&shown)
        }
    }
}

/// New codes as they are shown, and their hashes as they are kept.
async fn recovery_codes(caller: &Caller) -> Result<(RecoveryCodes, Vec<String>)> {
    let keys = codes::keys(caller.account_id).await?;
    let mut recovery_codes = Vec::with_capacity(RECOVERY_CODES);
    let mut hashes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let shown = second_factor::recovery_code(random()?);
        hashes.push(hex(&keys.recovery_hash(&shown.replace('-', ""))?));
        recovery_codes.push(shown);
    }
    Ok((RecoveryCodes { recovery_codes }, hashes))
}
