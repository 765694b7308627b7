//! The books of `payment`, through the SQL functions of its role: every rule of theirs, from many sides at
//! once, and that `ledger check` finds what is wrong. Each test has a database of its own, since it leaves
//! money of orders that there are not.

mod books;
mod cash;
mod charge_backs;
mod corruption;
mod failing;
mod refunds;
mod rush;
mod sessions;
mod unmatched;
mod voids;
