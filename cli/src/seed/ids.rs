//! Ids that are the same on every machine.

use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A version 7 id for the `n`th thing of a kind: the first of January 2026 plus `n` milliseconds,
/// and bits of a hash where others have randomness.
pub fn id(kind: &str, n: u64) -> Uuid {
    const NEW_YEAR_MS: u64 = 1_767_225_600_000;
    let hash = Sha256::digest(format!("stoa/{kind}/{n}"));
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&(NEW_YEAR_MS + n).to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&hash[..10]);
    bytes[6] = (bytes[6] & 0x0f) | 0x70;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_version_7_differ_and_sort_by_number() {
        assert_eq!(id("product", 1).get_version_num(), 7);
        assert_eq!(id("product", 1), id("product", 1));
        assert_ne!(id("product", 1), id("variant", 1));
        assert!(id("product", 1) < id("product", 2));
    }
}
