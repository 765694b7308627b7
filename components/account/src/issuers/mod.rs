//! Issuers of OpenID Connect, by whom people sign in: as the variable `oidc_providers` names them, asked over
//! HTTP.

mod configuration;
mod conversation;

pub use configuration::{Provider, find};
pub use conversation::{Discovery, authorization_url, discover, exchange, identify};
