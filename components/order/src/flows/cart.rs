//! Reading a cart, and putting something into it: the shop is asked first.

use futures::future;
use serde_json::json;
use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::cart::{Cart, view};
use crate::domain::checkout::{Asked, Offer, Refusal, check_for_sale};
use crate::peers;
use crate::store::carts::{self, CartOwner};

/// The cart as it is now. Three statements at most, the last two side by side.
///
/// # Errors
/// 404 for a token that is not known; 503.
pub async fn read(owner: &CartOwner) -> Result<Cart> {
    let Some(kept) = carts::read(owner).await? else {
        return match owner {
            // An account's cart is made when something is put in.
            CartOwner::Account(_) => Ok(Cart::empty(0)),
            CartOwner::Guest(_) => Err(Error::not_found()),
        };
    };
    if kept.lines.is_empty() {
        return Ok(Cart::empty(kept.version));
    }
    let variants: Vec<Uuid> = kept.lines.iter().map(|line| line.variant_id).collect();
    let shelves: Vec<(Uuid, Uuid)> = kept
        .lines
        .iter()
        .map(|line| (line.variant_id, line.seller_id))
        .collect();
    let (offers, available) =
        future::join(peers::offers(&variants), peers::available(&shelves)).await;
    Ok(view(
        owner.account(),
        kept.version,
        kept.lines,
        &offers?,
        &available?,
    ))
}

/// Sets a line.
///
/// # Errors
/// `line_unavailable`, `own_goods`, `cart_full`; 404 for a token that is not known.
pub async fn put(
    owner: &CartOwner,
    variant: Uuid,
    quantity: u32,
    selected: Option<bool>,
) -> Result<Answer> {
    let offer = offer(owner, variant)
        .await?
        .map_err(|refusal| refusal.into_error(Asked::InRequest))?;
    let summary = carts::put(owner, &offer, quantity, selected).await?;
    Ok(Answer::json_text(summary))
}

/// Adds units of a variant to what is there.
///
/// # Errors
/// As [`put`], 422 when a line would hold too many, and what the key came to.
pub async fn add(
    owner: &CartOwner,
    variant: Uuid,
    quantity: u32,
    idempotency: &Idempotency,
) -> Result<Answer> {
    let row = match offer(owner, variant).await? {
        Ok(offer) => carts::add(owner, idempotency, Ok(&offer), quantity).await?,
        Err(refusal) => match refusal.into_error(Asked::InRequest) {
            // It may have been for sale when the key came first.
            Error::Problem { code, facts } if idempotency.required().is_ok() => {
                let refusal = json!({"code": code, "facts": facts});
                carts::add(owner, idempotency, Err(&refusal), quantity).await?
            }
            error => return Err(error),
        },
    };
    Answer::from_write(row)
}

async fn offer(owner: &CartOwner, variant: Uuid) -> Result<Result<Offer, Refusal>> {
    let offers = peers::offers(&[variant]).await?;
    Ok(check_for_sale(owner.account(), variant, offers.first()).cloned())
}
