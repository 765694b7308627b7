//! Signing in.

use garde::Validate;
use http::{HeaderMap, StatusCode, header};
use serde::Deserialize;
use serde_json::json;
use stoa_kit::http::{Answer, ClientAddress, Json, Problem};
use stoa_kit::{Error, Result, ids};

use super::random;
use super::tokens::{self, Tokens};
use crate::domain::identifier::Identifier;
use crate::domain::password::{self, Verdict};
use crate::store::logins::{self, Candidate, Lookup, NewSession, Scopes};
use stoa_kit::secret::Secret;

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
}

/// Signs in.
///
/// The answer never tells which part was wrong. Ten failures within 15 minutes lock the identifier
/// for 15 minutes, thirty the client's address. An Idempotency-Key has no effect here: a repetition
/// opens another session, and tokens are not stored to be answered again.
#[utoipa::path(
    post,
    path = "/v1/sessions",
    tag = "account",
    request_body = Credentials,
    responses(
        (status = 201, description = "A new session.", body = Tokens),
        (status = 401, description = "`invalid_credentials`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`account_suspended`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: for one, while there is no key to sign with.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub async fn login(
    ClientAddress(address): ClientAddress,
    headers: HeaderMap,
    Json(body): Json<Credentials>,
) -> Result<Answer> {
    let identifier = Identifier::read(&body.identifier);
    let scopes = Scopes::new(identifier.as_ref(), &address);
    let candidates = match logins::lookup(identifier.as_ref(), &scopes).await? {
        Lookup::Locked(seconds) => return Err(locked(seconds)),
        Lookup::Candidates(candidates) => candidates,
    };
    let Some((candidate, outdated)) = try_passwords(&candidates, &body.password)? else {
        return Err(match logins::failed(&scopes).await? {
            Some(seconds) => locked(seconds),
            None => Error::problem("invalid_credentials"),
        });
    };
    let new_hash = outdated
        .then(|| password::hash(&body.password, random()?))
        .transpose()?;
    let session_id = ids::new_id();
    let refresh_token = Secret::new(random()?);
    let session = NewSession {
        id: session_id,
        candidate,
        new_hash,
        refresh_token: &refresh_token,
        chain_key: random()?,
        user_agent: user_agent(&headers),
        address,
        forget_failures: candidates.len() == 1,
    };
    let grant = logins::open_session(session, &scopes).await?;
    let answer = tokens::answer(session_id, &refresh_token, grant).await?;
    Ok(answer
        .status(StatusCode::CREATED)
        .location(&format!("/v1/sessions/{session_id}")))
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

fn locked(seconds: i32) -> Error {
    Error::problem_with("too_many_logins", json!({"retry_after": seconds}))
}

/// As the owner sees it in the list of sessions; cut to what is worth showing.
fn user_agent(headers: &HeaderMap) -> String {
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
