//! What promotions take off, and their uses.

use serde::{Deserialize, Serialize};
use stoa_kit::local;
use uuid::Uuid;

use super::bindings::stoa::promotion::pricing;
use super::{PeerError, id};
use crate::domain::plan::Plan;
use crate::domain::quote::{Cashback, Priced, Quote, Share, Unused, Usage};

/// What came of holding the uses of promotions.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// All of them are held.
    Taken,
    /// None is held; these promotions are not what they were.
    Gone(Vec<Uuid>),
    /// None is held: they were given back before.
    Ended,
}

/// What promotions do to a plan at list prices. Changes nothing.
pub async fn quote(buyer: Uuid, plan: &Plan, codes: &[String]) -> Result<Quote, PeerError> {
    let lines = plan
        .orders
        .iter()
        .flat_map(|order| order.lines.iter().map(|line| (order.seller_id, line)))
        .map(|(seller, line)| pricing::Line {
            variant_id: line.variant_id.to_string(),
            product_id: line.product_id.to_string(),
            seller_id: seller.to_string(),
            category_path: line.category_path.clone(),
            quantity: line.quantity,
            unit_price: line.unit_price,
        })
        .collect();
    let parcels = plan
        .orders
        .iter()
        .map(|order| pricing::Parcel {
            seller_id: order.seller_id.to_string(),
            shipping: order.shipping_list(),
        })
        .collect();
    let found = local(pricing::quote(pricing::Basket {
        buyer_id: buyer.to_string(),
        currency: plan.currency.clone(),
        lines,
        parcels,
        codes: codes.to_vec(),
    }))
    .await?;
    let priced = |all: Vec<pricing::Priced>| all.into_iter().map(priced).collect();
    let lines: Result<Vec<Priced>, PeerError> = priced(found.lines);
    let parcels: Result<Vec<Priced>, PeerError> = priced(found.parcels);
    let usages = found.usages.into_iter().map(usage);
    let cashbacks = found.cashbacks.into_iter().map(cashback);
    let unused = found.unused.into_iter().map(unused);
    Ok(Quote {
        lines: lines?,
        parcels: parcels?,
        usages: usages.collect::<Result<_, _>>()?,
        cashbacks: cashbacks.collect::<Result<_, _>>()?,
        unused: unused.collect::<Result<_, _>>()?,
    })
}

/// Takes the uses that a plan makes of promotions for so long, or none. May be repeated.
pub async fn hold(checkout: Uuid, buyer: Uuid, plan: &Plan, ttl_s: u32) -> Result<Hold, PeerError> {
    let usages = plan
        .usages
        .iter()
        .map(|usage| pricing::Usage {
            promotion_id: usage.promotion_id.to_string(),
            version: usage.version,
            code: usage.code.clone(),
            title: usage.title.clone(),
            kind: usage.kind.clone(),
            amount: usage.amount,
        })
        .collect();
    let held = local(pricing::hold(
        checkout.to_string(),
        buyer.to_string(),
        plan.currency.clone(),
        usages,
        ttl_s,
    ));
    match held.await {
        Ok(()) => Ok(Hold::Taken),
        Err(pricing::Refusal::Gone(ids)) => {
            let ids: Result<Vec<Uuid>, PeerError> = ids.iter().map(|it| id(it)).collect();
            Ok(Hold::Gone(ids?))
        }
        Err(pricing::Refusal::Ended) => Ok(Hold::Ended),
        Err(pricing::Refusal::Fault(fault)) => Err(fault.into()),
    }
}

/// Gives the uses back that a checkout took. May be repeated, and comes before a hold if it has to:
/// that is refused then.
pub async fn release(checkout: Uuid) -> Result<(), PeerError> {
    match local(pricing::release(checkout.to_string())).await {
        Ok(()) | Err(pricing::Refusal::Ended) => Ok(()),
        Err(pricing::Refusal::Gone(_)) => Err(PeerError::Broken("a release was refused".into())),
        Err(pricing::Refusal::Fault(fault)) => Err(fault.into()),
    }
}

fn priced(priced: pricing::Priced) -> Result<Priced, PeerError> {
    let shares = priced.shares.into_iter().map(|share| {
        Ok(Share {
            promotion_id: id(&share.promotion_id)?,
            amount: share.amount,
            units: share.units,
            by_platform: share.by_platform,
        })
    });
    Ok(Priced {
        list_total: priced.list_total,
        discount: priced.discount,
        shares: shares.collect::<Result<_, PeerError>>()?,
    })
}

fn usage(usage: pricing::Usage) -> Result<Usage, PeerError> {
    Ok(Usage {
        promotion_id: id(&usage.promotion_id)?,
        version: usage.version,
        code: usage.code,
        title: usage.title,
        kind: usage.kind,
        amount: usage.amount,
    })
}

fn cashback(cashback: pricing::Cashback) -> Result<Cashback, PeerError> {
    Ok(Cashback {
        promotion_id: id(&cashback.promotion_id)?,
        seller_id: id(&cashback.seller_id)?,
        amount: cashback.amount,
        by_platform: cashback.by_platform,
    })
}

fn unused(unused: pricing::Unused) -> Result<Unused, PeerError> {
    Ok(Unused {
        code: unused.code,
        promotion_id: unused.promotion_id.as_deref().map(id).transpose()?,
        reason: unused.reason,
    })
}
