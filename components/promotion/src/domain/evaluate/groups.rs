//! Which promotions are applied: the best of each group, group after group, or one group alone.
//!
//! Sellers' promotions are about different goods: of a group the best of each seller apply together,
//! or the best of the platform does.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::Goods;
use super::candidates::Candidate;
use super::effects::effect;
use super::running::{Effect, Running};
use crate::domain::quote::Reason;

/// A promotion that is applied.
pub struct Applied {
    /// Its position among the candidates.
    pub candidate: usize,
    pub effect: Effect,
    pub amount: i64,
}

/// What is applied, in this order, and why the other candidates are not.
pub struct Outcome {
    pub applied: Vec<Applied>,
    pub refused: Vec<(usize, Reason)>,
}

/// Of what gives the same, the smaller one is preferred: by priority, then id.
type Rank = (Reverse<i32>, Uuid);

/// The best for the buyer: the groups that stack, or one that stands alone and gives more.
pub fn choose(candidates: &[Candidate], goods: &Goods, start: &Running) -> Outcome {
    let mut trial = Trial {
        candidates,
        goods,
        exhausted: BTreeSet::new(),
    };
    let stacked = trial.stack(start);
    let alone: Vec<Vec<Applied>> = groups(candidates, true)
        .iter()
        .map(|members| trial.best_of(members, start))
        .collect();
    let stacked_gives = gives(&stacked);
    let applied = alone
        .into_iter()
        .filter(|applied| gives(applied) > stacked_gives)
        .min_by_key(|applied| (Reverse(gives(applied)), trial.rank(applied)))
        .unwrap_or(stacked);

    let used: BTreeSet<usize> = applied.iter().map(|a| a.candidate).collect();
    let refused = (0..candidates.len())
        .filter(|candidate| !used.contains(candidate))
        .map(|candidate| (candidate, trial.why_not(candidate, start)))
        .collect();
    Outcome { applied, refused }
}

/// Members of the groups that stand alone or do not, in the order in which groups apply.
fn groups(candidates: &[Candidate], exclusive: bool) -> Vec<Vec<usize>> {
    let mut by_name: BTreeMap<&str, (i32, Vec<usize>)> = BTreeMap::new();
    for (at, candidate) in candidates.iter().enumerate() {
        let terms = &candidate.promotion.terms;
        if terms.exclusive == exclusive {
            let (position, members) = by_name
                .entry(&terms.group_name)
                .or_insert((terms.group_position, Vec::new()));
            *position = terms.group_position.min(*position);
            members.push(at);
        }
    }
    let mut groups: Vec<(i32, Vec<usize>)> = by_name.into_values().collect();
    // They are in the order of their names, and the sort is stable.
    groups.sort_by_key(|(position, _)| *position);
    groups.into_iter().map(|(_, members)| members).collect()
}

fn gives(applied: &[Applied]) -> i64 {
    applied
        .iter()
        .fold(0, |sum, a| sum.saturating_add(a.amount))
}

struct Trial<'a> {
    candidates: &'a [Candidate<'a>],
    goods: &'a Goods<'a>,
    /// Would have cost more than their budgets have left.
    exhausted: BTreeSet<usize>,
}

impl Trial<'_> {
    fn stack(&mut self, start: &Running) -> Vec<Applied> {
        let mut running = start.clone();
        let mut applied = Vec::new();
        for members in groups(self.candidates, false) {
            for winner in self.best_of(&members, &running) {
                running.apply(&winner.effect);
                applied.push(winner);
            }
        }
        // What is promised back is of what is paid in the end, whichever group it is in.
        running.forget_promises();
        let mut last = Vec::with_capacity(applied.len());
        for winner in applied {
            if winner.effect.cashback.is_empty() {
                last.push(winner);
            } else if let Some(promise) = self.try_one(winner.candidate, &running) {
                running.apply(&promise.effect);
                last.push(promise);
            }
        }
        last
    }

    /// What of a group's members is applied to prices.
    fn best_of(&mut self, members: &[usize], running: &Running) -> Vec<Applied> {
        let mut of_owner: BTreeMap<Option<Uuid>, Applied> = BTreeMap::new();
        for member in members {
            let Some(tried) = self.try_one(*member, running) else {
                continue;
            };
            let owner = self
                .candidates
                .get(*member)
                .and_then(|c| c.promotion.owner_id);
            let better = of_owner.get(&owner).is_none_or(|best| {
                self.order(std::slice::from_ref(&tried)) < self.order(std::slice::from_ref(best))
            });
            if better {
                of_owner.insert(owner, tried);
            }
        }
        let platform: Vec<Applied> = of_owner.remove(&None).into_iter().collect();
        let sellers: Vec<Applied> = of_owner.into_values().collect();
        if self.order(&platform) < self.order(&sellers) {
            platform
        } else {
            sellers
        }
    }

    /// None when it gives nothing, or more than its budget has.
    fn try_one(&mut self, at: usize, running: &Running) -> Option<Applied> {
        let candidate = self.candidates.get(at)?;
        let effect = effect(candidate, self.goods, running);
        let amount = effect.amount();
        if amount <= 0 {
            return None;
        }
        if candidate.budget_left.is_some_and(|left| amount > left) {
            self.exhausted.insert(at);
            return None;
        }
        Some(Applied {
            candidate: at,
            effect,
            amount,
        })
    }

    fn why_not(&mut self, at: usize, start: &Running) -> Reason {
        let gives_something = self.try_one(at, start).is_some();
        if self.exhausted.contains(&at) {
            Reason::Exhausted
        } else if gives_something {
            Reason::BetterAlternative
        } else {
            Reason::NotApplicable
        }
    }

    /// The smaller is the better one.
    fn order(&self, applied: &[Applied]) -> (Reverse<i64>, Option<Rank>) {
        (Reverse(gives(applied)), self.rank(applied))
    }

    fn rank(&self, applied: &[Applied]) -> Option<Rank> {
        applied
            .iter()
            .filter_map(|a| self.candidates.get(a.candidate))
            .map(|c| (Reverse(c.promotion.terms.priority), c.promotion.id))
            .min()
    }
}
