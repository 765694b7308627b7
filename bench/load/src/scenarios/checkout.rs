//! Orders of one line that the sandbox settles at once: a payment session, the ledger and escrow, and
//! a workflow that notes before it pays.

use super::order::{paid_by, script};
use super::{Plan, Same};

pub static PLAN: Plan = Plan {
    modules: &["order", "catalog", "inventory", "promotion", "payment"],
    signed_in: true,
    publishes: true,
    requests: |shop, target| paid_by("sandbox_instant", shop, target),
    compared: (1, Same::Shape),
    list: "/orders",
    scripts: |shop| vec![script(include_str!("../../scripts/checkout.sql"), shop)],
};
