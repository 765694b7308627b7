//! Signing in.

use axum::Extension;
use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use stoa_kit::http::{Answer, ClientAddress, Json, Problem, RequestContext};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result, ids, redis};

use super::tokens::{self, Tokens};
use super::{codes, letters, random, validators};
use crate::domain::device;
use crate::domain::identifier::Identifier;
use crate::domain::password::{self, Verdict};
use crate::store::logins::{self, Candidate, Device, Failure, Lookup, NewSession, Part, Scopes};

/// Who wants to sign in.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// E-mail address, phone number (E.164) or username.
    #[garde(length(chars, min = 1, max = 254))]
    #[schema(example = "lan@example.com", min_length = 1, max_length = 254)]
    identifier: String,
    /// The password.
    #[garde(length(chars, min = 1, max = 128))]
    #[schema(example = "correct horse battery", min_length = 1, max_length = 128)]
    password: String,
    /// Of the second factor, where the account has one: six digits of the authenticator, or a recovery
    /// code.
    #[garde(inner(custom(validators::second_factor)))]
    #[schema(example = "041583", min_length = 6, max_length = 20)]
    code: Option<String>,
}

/// Signs in.
///
/// The answer never tells which part was wrong. Ten failures within 15 minutes lock the identifier
/// for 15 minutes, thirty the client's address.
///
/// An account with a second factor answers `second_factor_required` to the right password alone: send the
/// same again with `code`. Each code is good once; ten wrong ones lock the second factor for 15 minutes.
///
/// An Idempotency-Key has no effect here: a repetition
/// opens another session, and tokens are not stored to be answered again.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "account",
    request_body = Credentials,
    responses(
        (status = 201, description = "A new session.", body = Tokens),
        (status = 401, description = "`invalid_credentials`, `second_factor_required`, or `second_factor_wrong`.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`account_suspended`, with `reason` and `until`.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: for one, while there is no key to sign with.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn login(
    ClientAddress(address): ClientAddress,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    Json(body): Json<Credentials>,
) -> Result<Answer> {
    let identifier = Identifier::read(&body.identifier);
    let scopes = Scopes::new(identifier.as_ref(), &address);
    let user_agent = user_agent(&headers);
    let device = Device {
        name: device::name(&user_agent),
        network: device::network(&address),
    };
    let candidates = match logins::lookup(identifier.as_ref(), &scopes, &device).await? {
        Lookup::Locked(seconds) => return Err(locked(seconds)),
        Lookup::Candidates(candidates) => candidates,
    };
    let Some((candidate, outdated)) = try_passwords(&candidates, &body.password)? else {
        let accounts = candidates.iter().map(|c| c.account_id).collect();
        let failure = Failure::to_sign_in(Part::Password, accounts);
        return Err(failed(&scopes, &failure, "invalid_credentials").await?);
    };
    let wrong_code = Failure::to_sign_in(Part::Code, vec![candidate.account_id]);
    let mut proof = None;
    if let (Some(enrolment), Some(code)) = (&candidate.totp, &body.code) {
        proof = codes::prove(candidate.account_id, enrolment, code).await?;
        if proof.is_none() {
            return Err(failed(&scopes, &wrong_code, "second_factor_wrong").await?);
        }
    }
    let new_hash = outdated
        .then(|| password::hash(&body.password, random()?))
        .transpose()?;
    // Of a device that was never used its owner hears.
    let told = candidate
        .reached_at
        .clone()
        .filter(|_| candidate.is_new_device);
    let session_id = ids::new_id();
    let refresh_token = Secret::new(random()?);
    let session = NewSession {
        id: session_id,
        candidate,
        new_hash,
        refresh_token: &refresh_token,
        chain_key: random()?,
        user_agent,
        address,
        forget_failures: candidates.len() == 1,
        proof,
        device,
        told: letters::notice(told).await?,
    };
    let grant = match logins::open_session(session, &scopes, context.traceparent).await {
        // Right, but spent: whoever sends it has seen it used.
        Err(refusal) if refusal.refusal() == Some("second_factor_wrong") => {
            return Err(failed(&scopes, &wrong_code, "second_factor_wrong").await?);
        }
        opened => opened?,
    };
    redis::ring_relay();
    let answer = tokens::answer(session_id, &refresh_token, grant).await?;
    Ok(answer
        .status(StatusCode::CREATED)
        .location(&format!("/v1/sessions/{session_id}")))
}

/// Counts a wrong password or code; the answer, `code` unless something is locked.
pub(super) async fn failed(
    scopes: &Scopes,
    failure: &Failure,
    code: &'static str,
) -> Result<Error> {
    Ok(match logins::failed(scopes, failure).await? {
        Some(seconds) => locked(seconds),
        None => Error::problem(code),
    })
}

/// The first candidate with this password, and whether its hash should be made anew.
fn try_passwords<'a>(
    candidates: &'a [Candidate],
    tried: &str,
) -> Result<Option<(&'a Candidate, bool)>> {
    if candidates.is_empty() {
        password::waste_time_on(tried)?;
    }
    for candidate in candidates {
        if let Verdict::Right { outdated } = password::verify(tried, &candidate.password_hash)? {
            return Ok(Some((candidate, outdated)));
        }
    }
    Ok(None)
}

pub(super) fn locked(seconds: i32) -> Error {
    Error::problem_with("too_many_logins", json!({"retry_after": seconds}))
}

/// As the owner sees it in the list of sessions; cut to what is worth showing.
pub(super) fn user_agent(headers: &HeaderMap) -> String {
    let text = headers
        .get(header::USER_AGENT)
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    text.chars().take(256).collect()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn candidate(number: u128, password: &str) -> Candidate {
        Candidate {
            account_id: Uuid::from_u128(number),
            password_hash: password::hash(password, [1; 16]).unwrap(),
            totp: None,
            is_new_device: false,
            reached_at: None,
        }
    }

    #[test]
    fn each_candidate_is_tried_and_the_one_with_the_password_found() {
        let candidates = [
            candidate(1, "first password"),
            candidate(2, "second password"),
        ];
        let found = |tried| {
            try_passwords(&candidates, tried)
                .unwrap()
                .map(|(c, _)| c.account_id.as_u128())
        };
        assert_eq!(found("second password"), Some(2));
        assert_eq!(found("first password"), Some(1));
        assert_eq!(found("third password"), None);
        assert!(try_passwords(&[], "whatever").unwrap().is_none());
    }

    #[test]
    fn a_long_user_agent_is_cut() {
        let mut headers = HeaderMap::new();
        assert_eq!(user_agent(&headers), "");
        headers.insert(header::USER_AGENT, "x".repeat(1000).parse().unwrap());
        assert_eq!(user_agent(&headers).len(), 256);
    }
}
