//! `payment`: sessions, the ledger, escrow, refunds, wallets and what lies between them and the
//! providers. See the README beside.

/// The module's database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("payment_db");

#[cfg(feature = "http")]
pub mod api;
pub mod charging;
pub mod domain;
#[cfg(any(feature = "http", feature = "flows"))]
pub mod flows;
#[cfg(feature = "http")]
pub mod problems;
pub mod providers;
pub mod rates;
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{
        bank_accounts, commission_rules, escrows, methods, payout_identities, payout_schedules,
        provider_pages, rates, refunds, reports, sandbox_pages, sessions, unmatched, wallets,
        webhooks, withdrawals, workflows,
    };

    stoa_kit::module_routes! {
        sessions::read,
        sessions::attempt,
        wallets::list,
        wallets::entries,
        wallets::adjust,
        bank_accounts::list,
        bank_accounts::add,
        bank_accounts::make_default,
        bank_accounts::delete,
        withdrawals::page,
        withdrawals::request,
        withdrawals::read,
        withdrawals::cancel,
        withdrawals::approve,
        withdrawals::reject,
        payout_identities::page,
        payout_identities::submit,
        payout_identities::read,
        payout_identities::approve,
        payout_identities::reject,
        payout_schedules::list,
        payout_schedules::put,
        methods::list,
        methods::add,
        methods::make_default,
        methods::delete,
        rates::list,
        rates::set,
        rates::delete,
        rates::freeze,
        rates::snapshot,
        rates::convert,
        commission_rules::list,
        commission_rules::put,
        commission_rules::delete,
        escrows::read,
        escrows::refund,
        escrows::thaw,
        unmatched::page,
        unmatched::credit,
        unmatched::give_back,
        refunds::page,
        refunds::read,
        reports::daily,
        reports::import,
        reports::reconciliation,
        webhooks::list,
        webhooks::tell,
        webhooks::tell_by_get,
        provider_pages::pay,
        provider_pages::back,
        sandbox_pages::show,
        sandbox_pages::decide,
        workflows::page,
        workflows::read,
        workflows::retry,
        workflows::cancel,
    }
}
#[cfg(feature = "http")]
pub use problems::PROBLEMS;
#[cfg(all(feature = "http", not(target_arch = "wasm32")))]
pub use routes::openapi;
#[cfg(feature = "http")]
pub use routes::router;

#[cfg(target_arch = "wasm32")]
mod wasm;
