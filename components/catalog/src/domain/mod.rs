//! The rules, without any I/O.

pub mod cached_page;
pub mod limits;
pub mod search;
pub mod slug;
pub mod status;
