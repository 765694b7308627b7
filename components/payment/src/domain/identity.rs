//! Who somebody is to whom money is paid out: what staff check.

use serde::{Deserialize, Serialize};

/// Where an identity stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum IdentityState {
    /// Staff have to look.
    Pending,
    /// It counts: money may be withdrawn.
    Approved,
    /// Staff refused it, or took their approval back.
    Rejected,
    /// Another one counts instead.
    Ended,
}

impl IdentityState {
    /// As the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Ended => "ended",
        }
    }
}

/// What says who somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "http", derive(utoipa::ToSchema))]
pub enum DocumentKind {
    Passport,
    NationalId,
    ResidencePermit,
    /// Of a company, in the register of its country.
    CompanyRegistration,
}

impl DocumentKind {
    /// As the table has it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Passport => "passport",
            Self::NationalId => "national_id",
            Self::ResidencePermit => "residence_permit",
            Self::CompanyRegistration => "company_registration",
        }
    }

    /// Companies are not born.
    #[must_use]
    pub fn is_of_a_person(self) -> bool {
        self != Self::CompanyRegistration
    }
}

/// What staff find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Approved,
    /// Why.
    Rejected(String),
}

impl Verdict {
    /// As the table has it.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Approved => IdentityState::Approved.as_str(),
            Self::Rejected(_) => IdentityState::Rejected.as_str(),
        }
    }

    /// What goes with it.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::Approved => None,
            Self::Rejected(reason) => Some(reason),
        }
    }
}
