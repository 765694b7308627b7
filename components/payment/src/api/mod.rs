//! Routes, one file for each resource.

pub mod bank_accounts;
pub mod commission_rules;
pub mod escrows;
mod fields;
pub mod methods;
mod pages;
pub mod payout_identities;
pub mod payout_schedules;
pub mod provider_pages;
pub mod rates;
pub mod refunds;
pub mod reports;
pub mod sandbox_pages;
pub mod sessions;
pub mod unmatched;
pub mod wallets;
pub mod webhooks;
pub mod withdrawals;
pub mod workflows;
