//! Writes down what was chosen.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::Goods;
use super::candidates::{Candidate, Codes, Refused, spelled};
use super::groups::{Applied, Outcome};
use crate::domain::basket::Basket;
use crate::domain::promotion::Promotion;
use crate::domain::quote::{Cashback, Priced, Quote, Reason, Share, Unused, Usage};

/// The quote, lines and parcels in the order of the basket.
pub fn quote(
    basket: &Basket,
    goods: &Goods,
    candidates: &[Candidate],
    outcome: &Outcome,
    refused: &[Refused],
    codes: &Codes,
) -> Quote {
    let mut quote = Quote {
        lines: vec![Priced::default(); basket.lines.len()],
        parcels: vec![Priced::default(); basket.parcels.len()],
        ..Quote::default()
    };
    for line in &goods.lines {
        if let Some(priced) = quote.lines.get_mut(line.position) {
            priced.list_total = line.total;
        }
    }
    for parcel in &goods.parcels {
        if let Some(priced) = quote.parcels.get_mut(parcel.position) {
            priced.list_total = parcel.total;
        }
    }
    for applied in &outcome.applied {
        if let Some(candidate) = candidates.get(applied.candidate) {
            write_down(&mut quote, goods, candidate.promotion, applied);
        }
    }
    let of_candidates = outcome.refused.iter().filter_map(|(at, reason)| {
        let candidate = candidates.get(*at)?;
        Some((candidate.promotion, *reason))
    });
    let others = refused.iter().map(|r| (r.promotion, r.reason));
    quote.unused = unused(of_candidates.chain(others), &quote.usages, codes);
    quote
}

fn write_down(quote: &mut Quote, goods: &Goods, promotion: &Promotion, applied: &Applied) {
    let by_platform = promotion.owner_id.is_none();
    let share = |amount: i64, units: u32| Share {
        promotion_id: promotion.id,
        amount,
        units,
        by_platform,
    };
    let effect = &applied.effect;
    for off in effect.lines.iter().filter(|off| off.amount > 0) {
        let position = goods.lines.get(off.line).map(|l| l.position);
        if let Some(priced) = position.and_then(|p| quote.lines.get_mut(p)) {
            quote.discount = quote.discount.saturating_add(off.amount);
            take_off(priced, share(off.amount, off.units));
        }
    }
    for off in &effect.parcels {
        let position = goods.parcels.get(off.of).map(|p| p.position);
        if let Some(priced) = position.and_then(|p| quote.parcels.get_mut(p)) {
            quote.discount = quote.discount.saturating_add(off.amount);
            take_off(priced, share(off.amount, 0));
        }
    }
    let mut back: BTreeMap<Uuid, i64> = BTreeMap::new();
    for promise in &effect.cashback {
        if let Some(line) = goods.lines.get(promise.of) {
            let sum = back.entry(line.of.seller_id).or_default();
            *sum = sum.saturating_add(promise.amount);
        }
    }
    quote
        .cashbacks
        .extend(back.into_iter().map(|(seller_id, amount)| Cashback {
            promotion_id: promotion.id,
            seller_id,
            amount,
            by_platform,
        }));
    quote.usages.push(Usage {
        promotion_id: promotion.id,
        version: promotion.version,
        code: promotion.code.clone(),
        title: promotion.title.clone(),
        kind: promotion.terms.rule.kind(),
        amount: applied.amount,
    });
}

fn take_off(priced: &mut Priced, share: Share) {
    priced.discount = priced.discount.saturating_add(share.amount);
    priced.shares.push(share);
}

/// Codes in the order in which they were typed, then automatic promotions by id.
fn unused<'a>(
    refused: impl Iterator<Item = (&'a Promotion, Reason)>,
    usages: &[Usage],
    codes: &Codes,
) -> Vec<Unused> {
    let mut of_codes: BTreeMap<usize, Unused> = codes
        .iter()
        .filter(|(code, _)| {
            !usages
                .iter()
                .any(|u| u.code.as_ref().is_some_and(|used| spelled(used) == **code))
        })
        .map(|(_, (position, typed))| {
            let unknown = Unused {
                code: Some((*typed).to_owned()),
                promotion_id: None,
                reason: Reason::UnknownCode,
            };
            (*position, unknown)
        })
        .collect();
    let mut automatic = Vec::new();
    for (promotion, reason) in refused {
        let typed = promotion
            .code
            .as_ref()
            .and_then(|code| codes.get(&spelled(code)));
        match typed {
            Some((position, _)) => {
                if let Some(unused) = of_codes.get_mut(position) {
                    unused.promotion_id = Some(promotion.id);
                    unused.reason = reason;
                }
            }
            None => automatic.push(Unused {
                code: None,
                promotion_id: Some(promotion.id),
                reason,
            }),
        }
    }
    automatic.sort_by_key(|u| u.promotion_id);
    of_codes.into_values().chain(automatic).collect()
}
