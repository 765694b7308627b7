//! The states of sessions, legs and escrows, as the tables know them.

use serde::{Deserialize, Serialize};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum SessionState {
    /// Waits for its payment.
    Open,
    /// All settled, and in escrow.
    Settled,
    /// Closed without payment.
    Cancelled,
    /// Closed without payment, by time.
    Expired,
}

/// Where a leg stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum LegState {
    /// The provider has not answered yet.
    Created,
    /// The provider waits for the payer.
    Pending,
    /// Its money is here.
    Settled,
    /// The provider declined. A payment may still come by it, and is taken while nothing else is under way.
    Failed,
    /// Given up, as `failed`.
    Cancelled,
    /// Paid when the session wanted no more; the money goes back.
    Late,
}

/// How a leg is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum LegMethod {
    /// From the payer's wallet.
    Wallet,
    /// At a provider.
    Provider,
}

/// Where an escrow stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum EscrowState {
    /// Cash that nobody has collected yet.
    Expected,
    Held,
    /// Paid out to the seller.
    Released,
    /// All of it went back to the buyer.
    Refunded,
    /// Of an order that ended before anything was paid.
    Void,
}

/// What becomes of money that settles nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum UnmatchedState {
    /// Waits for somebody to decide.
    Open,
    /// In the payer's wallet.
    Credited,
    /// Given back at the provider.
    Returned,
    /// The attempt's payment after all, of which something else was told before.
    Settled,
}

impl UnmatchedState {
    /// As the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Credited => "credited",
            Self::Returned => "returned",
            Self::Settled => "settled",
        }
    }
}
