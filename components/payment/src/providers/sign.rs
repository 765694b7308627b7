//! Signatures: keyed hashes, and comparisons that take the same time whatever they find.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, Mac};
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

/// HMAC-SHA-256 over parts that are read as one text.
#[must_use]
pub fn hmac_sha256(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    digest::<Hmac<Sha256>>(key, parts)
}

/// HMAC-SHA-512, in hexadecimal.
#[must_use]
pub fn hmac_sha512_hex(key: &str, text: &str) -> String {
    hex(&digest::<Hmac<Sha512>>(key, &[text.as_bytes()]))
}

/// HMAC-SHA-256, in Base64.
#[must_use]
pub fn hmac_sha256_base64(key: &str, text: &str) -> String {
    BASE64.encode(hmac_sha256(key, &[text.as_bytes()]))
}

fn digest<M: Mac + hmac::digest::KeyInit>(key: &str, parts: &[&[u8]]) -> Vec<u8> {
    // Keys of any length will do, so this cannot fail; were it to, nothing would match.
    let Ok(mut mac) = <M as Mac>::new_from_slice(key.as_bytes()) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Bytes in lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use std::fmt::Write as _;
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes of a hexadecimal text; `None` when it is none.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty()
        .then(|| pairs.iter().map(|[high, low]| (high << 4) | low).collect())
}

/// Whether two secrets are the same. Empty ones never are: a secret that is not set opens nothing.
#[must_use]
pub fn same(expected: &[u8], given: &[u8]) -> bool {
    !expected.is_empty() && bool::from(expected.ct_eq(given))
}

/// What a header of the form `t=<seconds>,v1=<hex>` says, with as many `v1` as there are; Stripe's
/// scheme, which the sandbox uses too.
#[derive(Debug, PartialEq, Eq)]
pub struct Stamped {
    at: u64,
    signatures: Vec<Vec<u8>>,
}

/// How far a stamp may be from now, seconds.
pub const TOLERANCE_S: u64 = 300;

impl Stamped {
    /// Reads the header. `None`: it has not this form.
    #[must_use]
    pub fn read(header: &str) -> Option<Self> {
        let mut at = None;
        let mut signatures = Vec::new();
        for item in header.split(',') {
            match item.trim().split_once('=')? {
                ("t", value) => at = Some(value.parse().ok()?),
                ("v1", value) => signatures.extend(unhex(value)),
                _ => {}
            }
        }
        Some(Self {
            at: at?,
            signatures,
        })
    }

    /// Whether one of the signatures is right for this body, and the stamp is of now.
    #[must_use]
    pub fn is_right(&self, secret: &str, body: &[u8], now: u64) -> bool {
        let expected = stamped_signature(secret, self.at, body);
        // All are looked at, so that the time says nothing about which was right.
        let right = self
            .signatures
            .iter()
            .fold(false, |found, given| same(&expected, given) | found);
        !secret.is_empty() && right && now.abs_diff(self.at) <= TOLERANCE_S
    }
}

fn stamped_signature(secret: &str, at: u64, body: &[u8]) -> Vec<u8> {
    hmac_sha256(secret, &[at.to_string().as_bytes(), b".", body])
}

/// A header of that form.
#[must_use]
pub fn stamp(secret: &str, at: u64, body: &[u8]) -> String {
    format!("t={at},v1={}", hex(&stamped_signature(secret, at, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test case 2: the key "Jefe".
    #[test]
    fn keyed_hashes_are_those_of_the_standard() {
        let text = "what do ya want for nothing?";
        assert_eq!(
            hex(&hmac_sha256("Jefe", &[text.as_bytes()])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hmac_sha512_hex("Jefe", text),
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        );
        assert_eq!(
            hmac_sha256_base64("Jefe", text),
            "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="
        );
    }

    #[test]
    fn hexadecimal_is_read_back() {
        assert_eq!(unhex("00fFa1"), Some(vec![0, 255, 161]));
        assert_eq!(unhex("abc"), None);
        assert_eq!(unhex("zz"), None);
        assert_eq!(unhex(&hex(&[1, 2, 254])), Some(vec![1, 2, 254]));
    }

    #[test]
    fn an_empty_secret_is_the_same_as_nothing() {
        assert!(!same(b"", b""));
        assert!(same(b"a", b"a") && !same(b"a", b"b") && !same(b"a", b"aa"));
    }

    const SECRET: &str = "whsec_test_secret";
    const BODY: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;

    /// By the published scheme, worked out with another implementation.
    #[test]
    fn a_stamp_is_the_hash_of_time_and_body() {
        assert_eq!(
            stamp(SECRET, 1_700_000_000, BODY),
            "t=1700000000,v1=d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990"
        );
    }

    #[test]
    fn one_right_signature_of_several_will_do() {
        let right = stamp(SECRET, 1000, BODY);
        let rolled = format!("{right},v1={},v0=1234", "00".repeat(32));
        let read = Stamped::read(&rolled).expect("a stamp");
        assert!(read.is_right(SECRET, BODY, 1000));
        assert!(!read.is_right("another", BODY, 1000));
        assert!(!read.is_right("", BODY, 1000));
        assert!(!read.is_right(SECRET, b"{}", 1000));
    }

    #[test]
    fn what_is_stale_or_from_the_future_is_refused() {
        let read = Stamped::read(&stamp(SECRET, 1000, BODY)).expect("a stamp");
        assert!(read.is_right(SECRET, BODY, 1000 + TOLERANCE_S));
        assert!(!read.is_right(SECRET, BODY, 1001 + TOLERANCE_S));
        assert!(read.is_right(SECRET, BODY, 1000 - TOLERANCE_S));
        assert!(!read.is_right(SECRET, BODY, 999 - TOLERANCE_S));
    }

    #[test]
    fn a_newer_time_does_not_make_an_old_signature_right() {
        let moved = stamp(SECRET, 1000, BODY).replace("t=1000", "t=2000");
        let read = Stamped::read(&moved).expect("a stamp");
        assert!(!read.is_right(SECRET, BODY, 2000));
    }

    #[test]
    fn rubbish_is_no_stamp() {
        for header in ["", "t", "v1=ab", "t=x,v1=ab", "t=-1,v1=ab", "hello"] {
            assert_eq!(Stamped::read(header), None, "{header}");
        }
        let unsigned = Stamped::read("t=5").expect("a stamp");
        assert!(!unsigned.is_right(SECRET, BODY, 5));
    }
}
