//! Whose cart a request is about.

use axum::extract::FromRequestParts;
use http::request::Parts;
use stoa_kit::Error;
use stoa_kit::http::MaybeCaller;

use crate::store::carts::CartOwner;
use stoa_kit::secret::Secret;

/// Who is signed in has the account's cart, whatever else they send; a guest has the one of the
/// token in `Cart-Token`.
impl<S: Sync> FromRequestParts<S> for CartOwner {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let MaybeCaller(caller) = MaybeCaller::from_request_parts(parts, state).await?;
        if let Some(caller) = caller {
            return Ok(Self::Account(caller.account_id));
        }
        let value = parts
            .headers
            .get("cart-token")
            .ok_or_else(|| Error::problem("unauthenticated"))?;
        // What is no token of ours is not known either.
        value
            .to_str()
            .ok()
            .and_then(|text| Secret::decode(text.trim()))
            .map(Self::Guest)
            .ok_or_else(Error::not_found)
    }
}
