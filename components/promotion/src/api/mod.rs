//! The routes.

pub mod active;
pub mod changes;
pub mod documents;
pub mod preview;
pub mod promotions;
pub mod requests;
pub mod segments;
pub mod validators;
