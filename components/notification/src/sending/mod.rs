//! Sending letters: the work of the lane.

mod lane;
mod outgoing;
pub mod providers;

pub use lane::{LANE, wake};
