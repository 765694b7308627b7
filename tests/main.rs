//! Component and end-to-end tests. They start Stoa as its user does, by `stoa up`, and go in by its
//! doors: HTTP, and the SQL functions of the modules' roles where an event has to be made by hand.
//!
//! Every test makes its own accounts and data, so they share one running app; tests that destroy
//! something start their own. Nothing waits by sleeping: see `support::until`.

mod accounts;
mod attempts;
mod bad_input;
mod cache;
mod cart;
mod catalog;
mod charge_backs;
mod checkout_locks;
mod checkout_workflow;
mod checkouts;
mod codes;
mod contacts;
mod currencies;
mod dropped;
mod emulators;
mod events;
mod first_sale;
mod kills;
mod ledger;
mod lints;
mod migrations;
mod notices;
mod openapi;
mod order_lists;
mod order_table;
mod orders;
mod payment_reports;
mod payment_workflows;
mod promotion_holds;
mod promotions;
mod providers;
mod rates;
mod redis_faults;
mod refunds;
mod sandbox;
mod search;
mod seeding;
mod soak;
mod stock;
mod support;
mod time_scale;
mod timers;
mod unmatched;
mod wallets;
mod warehouses;
mod withdrawals;
