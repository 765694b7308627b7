//! Second factors: time-based one-time passwords (RFC 6238) as every authenticator knows them, and
//! recovery codes for whoever has lost theirs.
//!
//! What is kept is of no use without the variable `account_key`: secrets are sealed, and hashes of
//! recovery codes keyed, by keys that follow from it and the account. A row that is put under another
//! account opens nothing.

use crypto_secretbox::aead::Aead;
use crypto_secretbox::{Key, KeyInit, Nonce, XSalsa20Poly1305};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use stoa_kit::{Error, Result};
use subtle::ConstantTimeEq;
use totp_rs::{Algorithm, TOTP};
use uuid::Uuid;

/// Bytes of a secret: what RFC 4226 recommends for SHA-1.
pub const SECRET_BYTES: usize = 20;
/// How many recovery codes an account gets.
pub const RECOVERY_CODES: usize = 10;

const DIGITS: usize = 6;
const STEP_S: u64 = 30;
const NONCE_BYTES: usize = 24;
/// Thirty-two signs that nobody mistakes for one another: a code of ten has 50 bits.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
const RECOVERY_CHARS: usize = 10;

/// A code that somebody typed.
#[derive(Clone, PartialEq, Eq)]
pub enum Code {
    /// Of an authenticator.
    Totp(String),
    /// Of the list, without its dash.
    Recovery(String),
}

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(…)")
    }
}

impl Code {
    /// Reads a code; `None` for what can be none. Spaces and dashes do not matter, nor does case.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let plain: String = text
            .chars()
            .filter(|c| !matches!(c, ' ' | '-'))
            .map(|c| c.to_ascii_lowercase())
            .collect();
        if plain.len() == DIGITS && plain.bytes().all(|b| b.is_ascii_digit()) {
            Some(Self::Totp(plain))
        } else if plain.len() == RECOVERY_CHARS && plain.bytes().all(|b| ALPHABET.contains(&b)) {
            Some(Self::Recovery(plain))
        } else {
            None
        }
    }
}

/// An account's own keys.
pub struct Keys {
    seal: [u8; 32],
    recovery: [u8; 32],
}

impl Keys {
    /// Of an account, from the installation's key.
    ///
    /// # Errors
    /// Internal; the text is for the log.
    pub fn new(account_key: &[u8; 32], account: Uuid) -> Result<Self> {
        Ok(Self {
            seal: derive(account_key, b"totp\0", account.as_bytes())?,
            recovery: derive(account_key, b"recovery\0", account.as_bytes())?,
        })
    }

    /// Seals a secret for the store. `nonce` has to be new for each.
    ///
    /// # Errors
    /// Internal; the text is for the log.
    pub fn seal(&self, secret: &[u8], nonce: [u8; NONCE_BYTES]) -> Result<Vec<u8>> {
        let sealed = XSalsa20Poly1305::new(&Key::from(self.seal))
            .encrypt(&Nonce::from(nonce), secret)
            .map_err(|_| Error::internal("a second factor cannot be sealed"))?;
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// Opens what [`Keys::seal`] made.
    ///
    /// # Errors
    /// Internal when it is of another account or key.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>> {
        let damaged = || Error::internal("a second factor does not open with account_key");
        let (nonce, sealed) = sealed
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or_else(damaged)?;
        XSalsa20Poly1305::new(&Key::from(self.seal))
            .decrypt(&Nonce::from(*nonce), sealed)
            .map_err(|_| damaged())
    }

    /// The hash of a recovery code (without its dash), as the store knows it.
    ///
    /// # Errors
    /// Internal; the text is for the log.
    pub fn recovery_hash(&self, code: &str) -> Result<[u8; 32]> {
        derive(&self.recovery, code.as_bytes(), &[])
    }
}

fn derive(key: &[u8], label: &[u8], of: &[u8]) -> Result<[u8; 32]> {
    // The module has two traits of that name.
    let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key)
        .map_err(|_| Error::internal("a key of no length"))?;
    mac.update(label);
    mac.update(of);
    Ok(mac.finalize().into_bytes().into())
}

fn totp(secret: &[u8]) -> Result<TOTP> {
    TOTP::new(Algorithm::SHA1, DIGITS, 1, STEP_S, secret.to_vec())
        .map_err(|_| Error::internal("a second factor's secret is too short"))
}

/// The step of 30 seconds whose code it is: that of `now`, seconds since 1970, or one beside it, since
/// clocks differ and typing takes time. Always as much work.
///
/// # Errors
/// Internal when the secret is none.
pub fn step_of(secret: &[u8], code: &str, now: u64) -> Result<Option<i64>> {
    let totp = totp(secret)?;
    let now = now.checked_div(STEP_S).unwrap_or_default();
    let mut found = None;
    for step in now.saturating_sub(1)..=now.saturating_add(1) {
        let right = totp.generate(step.saturating_mul(STEP_S));
        if bool::from(right.as_bytes().ct_eq(code.as_bytes())) {
            found = i64::try_from(step).ok();
        }
    }
    Ok(found)
}

/// The secret as people type it: base32.
///
/// # Errors
/// Internal when the secret is none.
pub fn base32(secret: &[u8]) -> Result<String> {
    totp(secret).map(|totp| totp.get_secret_base32())
}

/// What authenticators read from a picture: the key URI format.
///
/// # Errors
/// Internal when the secret is none.
pub fn uri(secret: &[u8], issuer: &str, account: &str) -> Result<String> {
    let (issuer, account) = (encode(issuer), encode(account));
    Ok(format!(
        "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_S}",
        base32(secret)?
    ))
}

/// Percent-encoding of everything that is not unreserved (RFC 3986).
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// A recovery code of random bytes, as it is shown: `abcde-fgh23`.
#[must_use]
pub fn recovery_code(random: [u8; RECOVERY_CHARS]) -> String {
    let mut code: String = random
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte & 31)))
        .map(|sign| char::from(*sign))
        .collect();
    code.insert(5, '-');
    code
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ACCOUNT: Uuid = Uuid::from_u128(1);

    fn keys() -> Keys {
        Keys::new(&[7; 32], ACCOUNT).unwrap()
    }

    /// RFC 6238, appendix B, the last six of eight digits.
    #[test]
    fn the_codes_of_the_rfc_are_right_at_their_times() {
        let secret = b"12345678901234567890";
        for (now, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = i64::try_from(now / 30).unwrap();
            assert_eq!(step_of(secret, code, now).unwrap(), Some(step));
            for late in [now + 30, now - 30] {
                assert_eq!(step_of(secret, code, late).unwrap(), Some(step));
            }
            assert_eq!(step_of(secret, code, now + 60).unwrap(), None, "{now}");
            if let Some(early) = now.checked_sub(60) {
                assert_eq!(step_of(secret, code, early).unwrap(), None, "{now}");
            }
        }
        assert_eq!(step_of(secret, "287083", 59).unwrap(), None);
        assert_eq!(step_of(secret, "", 59).unwrap(), None);
        assert!(step_of(b"short", "287082", 59).is_err());
    }

    #[test]
    fn a_secret_opens_for_its_account_and_with_its_key_only() {
        let sealed = keys().seal(b"a secret", [1; 24]).unwrap();
        assert_eq!(keys().open(&sealed).unwrap(), b"a secret");
        assert!(!sealed.windows(8).any(|w| w == b"a secret"));
        let others = Keys::new(&[7; 32], Uuid::from_u128(2)).unwrap();
        let elsewhere = Keys::new(&[8; 32], ACCOUNT).unwrap();
        assert!(others.open(&sealed).is_err() && elsewhere.open(&sealed).is_err());
        assert!(keys().open(&sealed[..30]).is_err() && keys().open(b"").is_err());
    }

    #[test]
    fn the_uri_is_what_authenticators_read() {
        let secret = b"12345678901234567890";
        assert_eq!(
            uri(secret, "Stoa", "lan+1@example.com").unwrap(),
            "otpauth://totp/Stoa:lan%2B1%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=Stoa&algorithm=SHA1&digits=6&period=30"
        );
    }

    #[test]
    fn what_can_be_no_code_is_none() {
        for text in [
            "",
            "12345",
            "1234567",
            "abcde-fghi",
            "abcde-fghil",
            "１２３４５６",
            "abcde-fghi0",
        ] {
            assert_eq!(Code::read(text), None, "{text}");
        }
        assert_eq!(Code::read("123 456"), Some(Code::Totp("123456".into())));
        assert_eq!(format!("{:?}", Code::read("123456")), "Some(Code(…))");
    }

    proptest! {
        #[test]
        fn a_recovery_code_is_read_as_it_was_shown(random: [u8; 10], upper: bool) {
            let shown = recovery_code(random);
            prop_assert_eq!(shown.len(), 11);
            let typed = if upper { shown.to_uppercase() } else { shown.clone() };
            prop_assert_eq!(Code::read(&typed), Some(Code::Recovery(shown.replace('-', ""))));
        }
    }

    #[test]
    fn hashes_of_a_code_differ_by_account_and_key() {
        let hash = |keys: &Keys| keys.recovery_hash("abcdefghij").unwrap();
        let others = Keys::new(&[7; 32], Uuid::from_u128(2)).unwrap();
        assert_eq!(hash(&keys()), hash(&keys()));
        assert_ne!(hash(&keys()), hash(&others));
        assert_ne!(hash(&keys()), keys().recovery_hash("abcdefghik").unwrap());
    }
}
