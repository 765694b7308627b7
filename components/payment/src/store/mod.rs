//! Statements: one Rust function each, over the PL/pgSQL functions in the files beside.

pub mod attempt_ends;
#[cfg(feature = "http")]
pub mod attempts;
#[cfg(feature = "http")]
pub mod bank_accounts;
#[cfg(feature = "http")]
pub mod commission_rules;
#[cfg(feature = "http")]
pub mod escrow_desk;
#[cfg(feature = "http")]
pub mod identities;
#[cfg(feature = "http")]
pub mod items;
#[cfg(feature = "http")]
mod keyed;
pub mod ledger;
pub mod legs;
#[cfg(feature = "http")]
pub mod methods;
pub mod params;
pub mod provider_refs;
pub mod rates;
pub mod refunds;
#[cfg(feature = "http")]
pub mod reports;
pub mod sandbox;
pub mod schedules;
pub mod sessions;
pub mod time;
#[cfg(feature = "http")]
pub mod unmatched;
#[cfg(feature = "http")]
pub mod wallets;
pub mod withdrawals;
