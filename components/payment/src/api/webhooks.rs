//! `/v1/payment-providers`: which there are, and what they have to tell.

use axum::extract::RawQuery;
use bytes::Bytes;
use http::HeaderMap;
use serde::Serialize;
use stoa_kit::http::{Answer, Path, Problem};
use stoa_kit::{Error, Result, local, redis};

use crate::flows;
use crate::providers::catalogue::{self, Offer};
use crate::providers::vnpay;
use crate::providers::webhook::{self, Incoming};

/// Who can be paid here.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Offers {
    items: Vec<Offer>,
}

/// Lists who can be paid here.
#[utoipa::path(
    get,
    path = "/v1/payment-providers",
    tag = "payment",
    operation_id = "list_payment_providers",
    responses((status = 200, description = "Those that a checkout may name.", body = Offers)),
)]
pub async fn list() -> Result<Answer> {
    let items = local(catalogue::offers()).await;
    Ok(Answer::json(&Offers { items })?.header("cache-control", "public, max-age=60"))
}

/// Hears a provider.
///
/// For the providers themselves: they sign what they send, each in its own way, and are answered in
/// theirs. What is not signed, too old, about an unknown payment or another amount moves nothing; what
/// was heard before is heard once.
#[utoipa::path(
    post,
    path = "/v1/payment-providers/{provider}/webhooks",
    tag = "payment",
    operation_id = "tell_payment",
    params(("provider" = String, Path, description = "`stripe`, `sepay` or `sandbox`.")),
    request_body(content = String, content_type = "*/*", description = "As the provider sends and signs it, at most 256 KiB."),
    responses(
        (status = 200, description = "Heard. `outcome` says what came of it.", body = Object),
        (status = 400, description = "`malformed_request`: signed, and not understood.", body = Problem, content_type = "application/problem+json"),
        (status = 401, description = "`bad_signature`", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: there is no such provider here.", body = Problem, content_type = "application/problem+json"),
        (status = 405, description = "`method_not_allowed`: this provider sends GET.", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "`body_too_large`", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "`unavailable`: tell it again.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn tell(
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Answer> {
    hear(&provider, false, query.as_deref(), &headers, &body).await
}

/// Hears a provider that sends GET.
///
/// For VNPAY, whose IPN has all it says in its query, and reads `RspCode` in the answer: 00 taken, 01
/// unknown payment, 02 taken before, 04 another amount, 97 not signed by VNPAY, 99 to be told again.
#[utoipa::path(
    get,
    path = "/v1/payment-providers/{provider}/webhooks",
    tag = "payment",
    operation_id = "tell_payment_by_get",
    params(("provider" = String, Path, description = "`vnpay`.")),
    responses(
        (status = 200, description = "Heard, or not: `RspCode` says it.", body = Object),
        (status = 404, description = "`not_found`: there is no such provider here.", body = Problem, content_type = "application/problem+json"),
        (status = 405, description = "`method_not_allowed`: this provider sends POST.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub async fn tell_by_get(
    Path(provider): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Answer> {
    hear(&provider, true, query.as_deref(), &headers, &[]).await
}

async fn hear(
    provider: &str,
    by_get: bool,
    query: Option<&str>,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Answer> {
    local(catalogue::existing(provider))
        .await
        .map_err(|_| Error::not_found())?;
    if by_get != (provider == vnpay::NAME) {
        return Err(Error::problem("method_not_allowed"));
    }
    let incoming = Incoming {
        headers,
        query: query.unwrap_or_default(),
        body,
    };
    let reply = local(webhook::take(provider, incoming)).await?;
    if reply.moved {
        wake();
    }
    Answer::json(&reply.body)
}

/// Somebody waits for what a payment sets in motion.
pub(super) fn wake() {
    redis::ring("relay");
    redis::ring(flows::LANE);
}
