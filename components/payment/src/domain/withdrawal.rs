//! Withdrawals: their states, and what may be decided of them.

use serde::{Deserialize, Serialize};

/// Where a withdrawal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum WithdrawalState {
    /// Staff have to decide; the money is out of the wallet.
    Requested,
    /// The transfer is ordered.
    Approved,
    /// And in the books.
    Paid,
    /// Staff refused; the money is back.
    Rejected,
    /// Whose it is thought better of it; the money is back.
    Cancelled,
}

impl WithdrawalState {
    /// As the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Paid => "paid",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }
}

/// What becomes of a withdrawal that waits. Also the signal that its workflow waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// By the bank's name for the transfer.
    Approved(String),
    /// Why.
    Rejected(String),
    Cancelled,
}

impl Decision {
    /// As the table has it when staff said yes.
    pub const APPROVED: &'static str = "approved";
    const REJECTED: &'static str = "rejected";
    const CANCELLED: &'static str = "cancelled";
    /// All signals that end the wait.
    pub const SIGNALS: [&'static str; 3] = [Self::APPROVED, Self::REJECTED, Self::CANCELLED];

    /// As the table has it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Approved(_) => Self::APPROVED,
            Self::Rejected(_) => Self::REJECTED,
            Self::Cancelled => Self::CANCELLED,
        }
    }

    /// What goes with it.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Approved(text) | Self::Rejected(text) => Some(text),
            Self::Cancelled => None,
        }
    }
}
