//! Signing in by way of an issuer of OpenID Connect.

use axum::Extension;
use garde::Validate;
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use stoa_kit::http::{
    Answer, Caller, ClientAddress, Json, MaybeCaller, Path, Problem, RequestContext,
};
use stoa_kit::secret::Secret;
use stoa_kit::{Error, Result, ids, redis, text, time};

use super::tokens::{self, Tokens};
use super::{codes, confirmation, letters, login, random, validators};
use crate::domain::id_token::{Claims, Expected};
use crate::domain::{device, identifier, pkce, profile};
use crate::issuers::{self, Provider};
use crate::store::identities::{self, Identity, NewAttempt, NewSession};
use crate::store::logins::{Candidate, Device, Failure, Part, Scopes};

/// Of an account about whom neither the client nor the issuer says where it is at home, or what it is called.
/// Its owner may say otherwise.
const COUNTRY: &str = "VN";
const LOCALE: &str = "en";
const NAME: &str = "New member";

/// How somebody wants to sign in.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcBegin {
    /// Whether the issuer is to be linked to the caller's account, instead.
    #[garde(skip)]
    #[serde(default)]
    link: bool,
    /// To link: the caller's password. An account that has none has to have signed in within 10 minutes.
    #[garde(inner(length(chars, min = 1, max = 128)))]
    #[schema(example = "an older password", min_length = 1, max_length = 128)]
    password: Option<String>,
    /// ISO 3166-1 alpha-2, for an account that is made by it.
    #[garde(inner(custom(validators::country)))]
    #[schema(example = "VN")]
    country: Option<String>,
    /// Language tag (BCP 47), for an account that is made by it.
    #[garde(inner(custom(validators::locale)))]
    #[schema(example = "vi-VN")]
    locale: Option<String>,
}

/// Where to go, and what to keep.
#[derive(Serialize, utoipa::ToSchema)]
pub struct OidcBegun {
    /// Open it in the browser. The issuer sends people back to its `redirect_uri` with `code` and `state`.
    authorization_url: String,
    /// What comes back.
    state: String,
    /// Keep it in this browser, and out of every URL: without it the answer of the issuer is good for nothing.
    binding: String,
    /// Seconds until it is over.
    #[schema(example = 600)]
    expires_in: u32,
}

/// Begins to sign in by way of an issuer, or to link one to the caller's account.
///
/// Which issuers there are is a matter of the installation. Good for 10 minutes, once. To link one the account
/// needs a verified address, and another password meanwhile calls it off. An Idempotency-Key has
/// no effect.
#[utoipa::path(
    post,
    path = "/v1/oidc/{provider}/begin",
    operation_id = "begin_oidc",
    tag = "account",
    request_body = OidcBegin,
    params(("provider" = String, Path, description = "What the issuer is called here.")),
    responses(
        (status = 201, description = "Where to go.", body = OidcBegun),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`wrong_password`, `sign_in_again`, `address_unverified` or `person_required`, to link.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is no such issuer.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`, to link.", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`oidc_unavailable`", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn begin(
    MaybeCaller(caller): MaybeCaller,
    client: ClientAddress,
    Path(name): Path<String>,
    Json(body): Json<OidcBegin>,
) -> Result<Answer> {
    let provider = issuers::find(&name).await?;
    let link_to = if body.link {
        let caller = caller.ok_or_else(|| Error::problem("unauthenticated"))?;
        let tried = body.password.as_deref().unwrap_or_default();
        let confirmed = confirmation::password(&caller, &client, tried).await?;
        Some((caller.account_id, confirmed))
    } else {
        None
    };
    let document = issuers::discover(&provider).await?;
    let (state, binding) = (Secret::new(random()?), Secret::new(random()?));
    identities::begin(NewAttempt {
        state: &state,
        binding: &binding,
        provider: &provider.name,
        country: body.country,
        locale: body.locale.as_deref().and_then(profile::locale),
        link_to,
    })
    .await?;
    let challenge = pkce::challenge(&pkce::verifier(&binding)?);
    let nonce = pkce::nonce(&binding)?;
    let state = state.encode();
    let answer = Answer::json(&OidcBegun {
        authorization_url: issuers::authorization_url(
            &provider, &document, &state, &nonce, &challenge,
        ),
        state,
        binding: binding.encode(),
        expires_in: 600,
    })?;
    Ok(answer.status(StatusCode::CREATED))
}

/// What the issuer sent back, and what was kept.
#[derive(Deserialize, Validate, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OidcFinish {
    /// Of the issuer.
    #[garde(length(min = 1, max = 2048))]
    #[schema(example = "SplxlOBeZQQYbYS6WxSbIA", min_length = 1, max_length = 2048)]
    code: String,
    /// Of the issuer.
    #[garde(length(min = 1, max = 128))]
    #[schema(example = "af0ifjsldkj", min_length = 1, max_length = 128)]
    state: String,
    /// What was answered when it began.
    #[garde(length(min = 1, max = 128))]
    #[schema(
        example = "MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI",
        min_length = 1,
        max_length = 128
    )]
    binding: String,
    /// Where the account has a second factor: six digits of the authenticator, or a recovery code.
    #[garde(inner(custom(validators::second_factor)))]
    #[schema(example = "041583", min_length = 6, max_length = 20)]
    second_factor: Option<String>,
}

/// Signs in whom an issuer has confirmed, or links the issuer to the caller's account.
///
/// Whoever has no account yet gets one. With an e-mail address that the issuer says is verified, unless an
/// account has verified that already: then `identity_not_linked`, since only its owner, signed in, may link.
///
/// An account with a second factor answers `second_factor_required`: send the same again with `second_factor`;
/// the issuer is not asked again. An Idempotency-Key has no effect.
#[utoipa::path(
    post,
    path = "/v1/oidc/{provider}/finish",
    operation_id = "finish_oidc",
    tag = "account",
    request_body = OidcFinish,
    params(("provider" = String, Path, description = "What the issuer is called here.")),
    responses(
        (status = 200, description = "It is linked.", body = super::identities::Identity),
        (status = 201, description = "A new session.", body = Tokens),
        (status = 401, description = "`oidc_refused`, with `reason`; `second_factor_required`, or `second_factor_wrong`.", body = Problem, content_type = "application/problem+json"),
        (status = 403, description = "`account_suspended`, with `reason` and `until`.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is no such issuer.", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`identity_not_linked`, `identity_taken` or `too_many_identities`.", body = Problem, content_type = "application/problem+json"),
        (status = 410, description = "`oidc_over`", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_logins`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`oidc_unavailable`, or `unavailable`.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn finish(
    MaybeCaller(caller): MaybeCaller,
    ClientAddress(address): ClientAddress,
    Extension(context): Extension<RequestContext>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Json(body): Json<OidcFinish>,
) -> Result<Answer> {
    let provider = issuers::find(&name).await?;
    let over = || Error::problem("oidc_over");
    let state = Secret::decode(&body.state).ok_or_else(over)?;
    let binding = Secret::decode(&body.binding).ok_or_else(over)?;
    let attempt = identities::take(&state, &binding, &provider.name, ids::new_id())
        .await?
        .ok_or_else(over)?;
    if let Some(account) = attempt.link_to {
        let caller = caller.as_ref().ok_or_else(over)?;
        caller.require_person()?;
        if caller.account_id != account {
            return Err(over());
        }
    }
    let identity = if attempt.proven {
        None
    } else {
        Some(ask(&provider, &body.code, &binding).await?)
    };
    let user_agent = login::user_agent(&headers);
    let device = Device {
        name: device::name(&user_agent),
        network: device::network(&address),
    };
    let known = identities::prove(&state, identity.as_ref(), &device).await?;
    if let Some(Caller { account_id, .. }) = caller.filter(|_| attempt.link_to.is_some()) {
        let told = letters::to_owner(account_id).await?;
        let linked = identities::link(
            &state,
            account_id,
            ids::new_id(),
            told.as_ref(),
            context.traceparent,
        )
        .await?;
        redis::ring_relay();
        return Ok(Answer::json_text(linked));
    }
    let proof = prove(known.as_ref(), body.second_factor.as_deref(), &address).await?;
    let told = known.as_ref().and_then(|known| {
        let reached_at = known.reached_at.clone();
        reached_at.filter(|_| known.is_new_device)
    });
    let session_id = ids::new_id();
    let refresh_token = Secret::new(random()?);
    let session = NewSession {
        id: session_id,
        state: &state,
        refresh_token: &refresh_token,
        chain_key: random()?,
        user_agent,
        address: address.clone(),
        scopes: Scopes::new(None, &address),
        proof,
        device,
        told: letters::notice(told).await?,
        new_account: ids::new_id(),
        new_identity: ids::new_id(),
    };
    let grant = match (
        identities::sign_in(session, context.traceparent).await,
        known,
    ) {
        // Right, but spent: whoever sends it has seen it used.
        (Err(refusal), Some(known)) if refusal.refusal() == Some("second_factor_wrong") => {
            return Err(wrong_code(&known, &address).await?);
        }
        (opened, _) => opened?,
    };
    redis::ring_relay();
    let answer = tokens::answer(session_id, &refresh_token, grant).await?;
    Ok(answer
        .status(StatusCode::CREATED)
        .location(&format!("/v1/sessions/{session_id}")))
}

/// Who the issuer says it is.
async fn ask(provider: &Provider, code: &str, binding: &Secret) -> Result<Identity> {
    let document = issuers::discover(provider).await?;
    let token = issuers::exchange(provider, &document, code, &pkce::verifier(binding)?).await?;
    let nonce = pkce::nonce(binding)?;
    let expected = Expected {
        issuer: &provider.issuer,
        client_id: &provider.client_id,
        nonce: &nonce,
        now: time::unix_now(),
    };
    let claims = issuers::identify(provider, &document, &token, &expected).await?;
    Ok(identity(provider, &claims))
}

/// What an issuer says, as an account may have it.
fn identity(provider: &Provider, claims: &Claims) -> Identity {
    let email = claims
        .email()
        .and_then(|(email, verified)| Some((identifier::email(email)?, verified)));
    let locale = claims
        .locale()
        .map(|tag| tag.replace('_', "-"))
        .and_then(|tag| profile::locale(&tag));
    let country = locale
        .as_deref()
        .and_then(|tag| tag.rsplit('-').find(|part| text::is_country(part)));
    Identity {
        issuer: provider.issuer.clone(),
        subject: claims.subject().to_owned(),
        email_verified: email.as_ref().is_some_and(|(_, verified)| *verified),
        email: email.map(|(email, _)| email),
        name: claims
            .name()
            .and_then(profile::name)
            .unwrap_or_else(|| NAME.to_owned()),
        country: country.unwrap_or(COUNTRY).to_owned(),
        locale: locale.unwrap_or_else(|| LOCALE.to_owned()),
    }
}

/// What a code of the second factor proves, where one was sent and is needed.
async fn prove(
    known: Option<&Candidate>,
    code: Option<&str>,
    address: &str,
) -> Result<Option<crate::store::logins::Proof>> {
    let (Some(known), Some(code)) = (known, code) else {
        return Ok(None);
    };
    let Some(enrolment) = &known.totp else {
        return Ok(None);
    };
    match codes::prove(known.account_id, enrolment, code).await? {
        Some(proof) => Ok(Some(proof)),
        None => Err(wrong_code(known, address).await?),
    }
}

/// Counts a wrong code; the answer.
async fn wrong_code(known: &Candidate, address: &str) -> Result<Error> {
    let scopes = Scopes::of_account(known.account_id, address);
    let failure = Failure::to_sign_in(Part::Code, vec![known.account_id]);
    login::failed(&scopes, &failure, "second_factor_wrong").await
}
