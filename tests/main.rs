//! Component and end-to-end tests. They start Stoa as its user does, by `stoa up`, and go in by its
//! doors: HTTP, and the SQL functions of the modules' roles where an event has to be made by hand.
//!
//! Every test makes its own accounts and data, so they share one running app; tests that destroy
//! something start their own. Nothing waits by sleeping: see `support::until`.

mod support;

mod accounts;
mod bad_input;
mod cache;
mod cart;
mod catalog;
mod contacts;
mod events;
mod first_sale;
mod kills;
mod lints;
mod migrations;
mod notices;
mod openapi;
mod order_lists;
mod order_table;
mod orders;
mod redis_faults;
mod search;
mod seeding;
mod stock;
mod warehouses;
