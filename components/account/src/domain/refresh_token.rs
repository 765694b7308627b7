//! Refresh tokens are [`stoa_kit::secret::Secret`]s. Successors are derived in the store
//! (`refresh_v1`), under the lock that guards the session.

/// How long a token and its session live after each refresh, in seconds: 30 days.
pub const LIFE_S: u32 = 30 * 24 * 3600;
