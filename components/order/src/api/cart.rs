//! `/v1/cart`

use http::{HeaderMap, StatusCode};
use sha2::{Digest, Sha256};
use stoa_kit::http::{Answer, Caller, Json, MaybeCaller, Problem};
use stoa_kit::{Error, Result};

use super::cart_documents::{CartHandle, CartMerge, CartSummary};
use crate::domain::cart::Cart;
use crate::flows;
use crate::store::carts::{self, CartOwner};
use stoa_kit::secret::Secret;

/// Makes a cart for a guest.
///
/// Who is not signed in gets a token to send as `Cart-Token` from then on. Who is signed in has one
/// cart, which needs no token and no making; this answers how much is in it. A cart that nobody
/// touches goes after 30 days.
#[utoipa::path(
    post,
    path = "/v1/cart",
    tag = "order",
    operation_id = "create_cart",
    responses(
        (status = 201, description = "A new cart, with its token if it is a guest's.", body = CartHandle),
        (status = 200, description = "The account's cart, which was there.", body = CartHandle),
        (status = 401, description = "`unauthenticated`: a token was sent that is not valid.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn create(MaybeCaller(caller): MaybeCaller) -> Result<Answer> {
    let (owner, token) = match caller {
        Some(caller) => (CartOwner::Account(caller.account_id), None),
        None => {
            let token = Secret::new(random()?);
            let text = token.encode();
            (CartOwner::Guest(token), Some(text))
        }
    };
    let (summary, made) = carts::make(&owner).await?;
    let summary: CartSummary =
        serde_json::from_str(&summary).map_err(|e| Error::internal(e.to_string()))?;
    let answer = Answer::json(&CartHandle { token, summary })?;
    Ok(if made {
        answer.status(StatusCode::CREATED).location("/v1/cart")
    } else {
        answer
    })
}

/// Reads the cart: its lines with what they cost now and whether they can be had.
///
/// The ETag covers prices and stock too, so it may change while `version` does not.
#[utoipa::path(
    get,
    path = "/v1/cart",
    tag = "order",
    operation_id = "read_cart",
    params(
        ("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in."),
        ("If-None-Match" = Option<String>, Header, description = "ETag of what is at hand."),
    ),
    responses(
        (status = 200, description = "The cart.", body = Cart),
        (status = 304, description = "Still what is at hand."),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn read(owner: CartOwner, headers: HeaderMap) -> Result<Answer> {
    let cart = flows::cart::read(&owner).await?;
    let body = serde_json::to_string(&cart).map_err(|e| Error::internal(e.to_string()))?;
    let tag = tag(&body);
    Ok(Answer::json_text(body)
        .unless_at_hand(is_at_hand(&headers, &tag))
        .header("etag", &tag))
}

/// Empties the cart.
#[utoipa::path(
    delete,
    path = "/v1/cart",
    tag = "order",
    operation_id = "empty_cart",
    params(("Cart-Token" = Option<String>, Header, description = "A guest's; not looked at when signed in.")),
    responses(
        (status = 204, description = "Nothing is in it."),
        (status = 401, description = "`unauthenticated`: neither signed in nor with a token.", body = Problem, content_type = "application/problem+json"),
        (status = 404, description = "`not_found`: no cart has this token.", body = Problem, content_type = "application/problem+json"),
    ),
    security((), ("bearer" = []))
)]
pub async fn empty(owner: CartOwner) -> Result<Answer> {
    carts::remove(&owner, None).await?;
    Ok(Answer::no_content())
}

/// Moves a guest's cart into the caller's, at login.
///
/// Units of the same variant add up to 999 at most, the price that was seen last counts, and what
/// either cart had selected is selected. The guest's cart is gone then. Repeating it, with a key or
/// without, changes nothing and answers the cart as it is; so does a token that was never known.
#[utoipa::path(
    post,
    path = "/v1/cart/merge",
    tag = "order",
    operation_id = "merge_cart",
    request_body = CartMerge,
    params(("Idempotency-Key" = Option<String>, Header, description = "Accepted, and not needed: a token is used up once.")),
    responses(
        (status = 200, description = "How much is in the caller's cart now.", body = CartSummary),
        (status = 401, description = "`unauthenticated`", body = Problem, content_type = "application/problem+json"),
        (status = 409, description = "`cart_full`: both carts stay as they are.", body = Problem, content_type = "application/problem+json"),
        (status = 422, description = "`validation_failed`", body = Problem, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
pub async fn merge(caller: Caller, Json(body): Json<CartMerge>) -> Result<Answer> {
    let token = Secret::decode(&body.cart_token).ok_or_else(|| {
        Error::invalid(
            "/cart_token",
            "invalid",
            "The token as it was told when the cart was made.",
        )
    })?;
    carts::merge(caller.account_id, &token)
        .await
        .map(Answer::json_text)
        .map_err(Error::from)
}

fn random() -> Result<[u8; 32]> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Error::internal(format!("no random bytes: {e}")))?;
    Ok(bytes)
}

/// The entity tag of a body: the version alone would hide that a price has changed.
fn tag(body: &str) -> String {
    use std::fmt::Write as _;

    let mut tag = String::from("\"");
    for byte in Sha256::digest(body).iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    tag
}

fn is_at_hand(headers: &HeaderMap, tag: &str) -> bool {
    headers
        .get_all(http::header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known.strip_prefix("W/").unwrap_or(known) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_at_hand_among_others_and_in_its_weak_form() {
        let tag = tag("{}");
        assert_eq!(tag.len(), 34);
        let mut headers = HeaderMap::new();
        assert!(!is_at_hand(&headers, &tag));
        let value = format!("\"7\", W/{tag}").parse().expect("a header value");
        headers.insert(http::header::IF_NONE_MATCH, value);
        assert!(is_at_hand(&headers, &tag));
    }
}
