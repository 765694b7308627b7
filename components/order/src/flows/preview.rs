//! Pricing without buying: one call of the catalogue, one of the promotions, and where something has to be
//! converted one more, of the rates.

use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::checkout::{Asked, Offer, Refusal, Wanted, list, why_not};
use crate::domain::listed::Rates;
use crate::domain::preview::{CheckoutPreview, PreviewLeftOut, preview};
use crate::peers;
use crate::store::carts::{self, CartOwner};

/// What these lines, or the selected lines of the cart, come to with these codes, at the prices of this
/// moment, paid in this currency, or in their own.
///
/// # Errors
/// `cart_empty` when there is nothing to buy, `mixed_currencies`, `rate_unavailable`, `quantity_limits`;
/// 404 for a token that is not known; 503, also when the source of rates is away.
pub async fn run(
    owner: &CartOwner,
    lines: Option<Vec<Wanted>>,
    codes: &[String],
    currency: Option<&str>,
) -> Result<CheckoutPreview> {
    let (asked, lines) = match lines {
        Some(lines) => (Asked::InRequest, lines),
        None => (Asked::InCart, selected(owner).await?),
    };
    let variants: Vec<Uuid> = lines.iter().map(|line| line.variant).collect();
    let offers = if lines.is_empty() {
        Vec::new()
    } else {
        peers::offers(&variants).await?
    };
    let mut left_out = Vec::new();
    let bought: Vec<Wanted> = lines
        .into_iter()
        .filter(|line| match why_left_out(owner, &offers, line.variant) {
            Some(why) => {
                left_out.push(PreviewLeftOut {
                    variant_id: line.variant,
                    why,
                });
                false
            }
            None => true,
        })
        // What the buyer has seen before does not matter: this is what it costs.
        .map(|line| Wanted {
            unit_price: None,
            ..line
        })
        .collect();
    if bought.is_empty() {
        return Err(Error::problem("cart_empty"));
    }
    // Guests are nobody yet: what is left of a promotion for one account is all there for them.
    let buyer = owner.account().unwrap_or(Uuid::nil());
    let told = |refusal: Refusal| refusal.into_error(asked);
    let listed = list(buyer, &bought, &offers, currency).map_err(told)?;
    let foreign = listed.foreign();
    let rates = if foreign.is_empty() {
        Ok(Rates::default())
    } else {
        peers::look(&listed.currency, foreign).await?
    };
    let rates = rates.map_err(|missing| told(Refusal::RateUnavailable(missing)))?;
    let listed = listed.plan(Uuid::nil(), &rates).map_err(told)?;
    let quote = peers::quote(buyer, &listed, codes).await?;
    preview(listed, quote, left_out).map_err(Error::internal)
}

async fn selected(owner: &CartOwner) -> Result<Vec<Wanted>> {
    let Some(kept) = carts::read(owner).await? else {
        return match owner {
            CartOwner::Account(_) => Ok(Vec::new()),
            CartOwner::Guest(_) => Err(Error::not_found()),
        };
    };
    Ok(kept
        .lines
        .iter()
        .filter(|line| line.selected)
        .map(|line| Wanted {
            variant: line.variant_id,
            quantity: line.quantity,
            unit_price: None,
        })
        .collect())
}

fn why_left_out(owner: &CartOwner, offers: &[Offer], variant: Uuid) -> Option<&'static str> {
    let offer = offers.iter().find(|offer| offer.variant == variant);
    let own = offer.is_some_and(|offer| owner.account() == Some(offer.seller));
    why_not(offer).or_else(|| own.then_some("own_goods"))
}
