//! Keeping a payer's card or account at a provider.

/// Why a provider does not keep one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotKept {
    /// It keeps none at all.
    #[error("it keeps nothing for later")]
    Nowhere,
    /// That is no name of one; what would be, for the client.
    #[error("no token: {0}")]
    NoToken(String),
    /// It will not keep this one; why, for the client.
    #[error("refused: {0}")]
    Refused(String),
    /// No answer, or none that means anything: it may be asked again. For the log.
    #[error("no answer: {0}")]
    Unknown(String),
}

impl From<super::CallError> for NotKept {
    fn from(error: super::CallError) -> Self {
        match error {
            super::CallError::Unknown(text) => Self::Unknown(text),
            super::CallError::Refused(text) => Self::Refused(text),
        }
    }
}
