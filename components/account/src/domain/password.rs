//! Passwords: argon2id at the parameters that OWASP's password storage cheat sheet gives first.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Params, Version};
use stoa_kit::{Error, Result};

/// Fewest characters of a new password.
pub const MIN_CHARS: usize = 8;
/// Most characters of a password: hashing costs by length.
pub const MAX_CHARS: usize = 128;

/// KiB of memory, passes, lanes.
const MEMORY: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// The hash of a password that nobody knows, at the parameters above: of whoever has none.
pub const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGhhcyB0aGlz$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// What came of trying a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is another one.
    Wrong,
    /// It is this one.
    Right {
        /// The hash was made with other parameters and should be made anew.
        outdated: bool,
    },
}

/// Hashes a password as a PHC string. `salt` has to be new for each.
///
/// # Errors
/// Internal; the text is for the log.
pub fn hash(password: &str, salt: [u8; 16]) -> Result<String> {
    let salt = SaltString::encode_b64(&salt).map_err(fault)?;
    let hash = argon2()?
        .hash_password(password.as_bytes(), &salt)
        .map_err(fault)?;
    Ok(hash.to_string())
}

/// Tries a password against a PHC string.
///
/// # Errors
/// Internal when the string is none.
pub fn verify(password: &str, phc: &str) -> Result<Verdict> {
    let hash = PasswordHash::new(phc).map_err(fault)?;
    match argon2()?.verify_password(password.as_bytes(), &hash) {
        Ok(()) => Ok(Verdict::Right {
            outdated: outdated(&hash),
        }),
        Err(argon2::password_hash::Error::Password) => Ok(Verdict::Wrong),
        Err(error) => Err(fault(error)),
    }
}

/// Takes as long as [`verify`], so that the time of an answer does not tell whether the account
/// exists.
///
/// # Errors
/// Internal; the text is for the log.
pub fn waste_time_on(password: &str) -> Result<()> {
    verify(password, NOBODYS).map(|_| ())
}

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY, PASSES, LANES, None).map_err(|e| fault(e.into()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn fault(error: argon2::password_hash::Error) -> Error {
    Error::internal(format!("password hash: {error}"))
}

fn outdated(hash: &PasswordHash<'_>) -> bool {
    let same_algorithm =
        hash.algorithm == ARGON2ID_IDENT && hash.version == Some(Version::V0x13.into());
    let same_costs = Params::try_from(hash)
        .is_ok_and(|p| (p.m_cost(), p.t_cost(), p.p_cost()) == (MEMORY, PASSES, LANES));
    !(same_algorithm && same_costs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_right_against_its_own_hash_only() {
        let phc = hash("correct horse", [7; 16]).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        assert_eq!(
            verify("correct horse", &phc).unwrap(),
            Verdict::Right { outdated: false }
        );
        assert_eq!(verify("correct horsf", &phc).unwrap(), Verdict::Wrong);
        assert_ne!(phc, hash("correct horse", [8; 16]).unwrap());
    }

    #[test]
    fn a_hash_of_other_parameters_is_right_and_outdated() {
        for (algorithm, memory, passes) in [
            (Algorithm::Argon2id, 8, 1),
            (Algorithm::Argon2i, MEMORY, PASSES),
            (Algorithm::Argon2id, MEMORY, 3),
        ] {
            let old = Argon2::new(
                algorithm,
                Version::V0x13,
                Params::new(memory, passes, 1, None).unwrap(),
            );
            let salt = SaltString::encode_b64(&[1; 16]).unwrap();
            let phc = old.hash_password(b"secret12", &salt).unwrap().to_string();
            assert_eq!(
                verify("secret12", &phc).unwrap(),
                Verdict::Right { outdated: true }
            );
        }
    }

    #[test]
    fn nobodys_hash_costs_what_everybodys_does() {
        let nobodys = PasswordHash::new(NOBODYS).unwrap();
        assert!(!outdated(&nobodys));
        assert_eq!(nobodys.hash.unwrap().len(), 32);
        assert_eq!(verify("whatever", NOBODYS).unwrap(), Verdict::Wrong);
        waste_time_on("whatever").unwrap();
    }

    #[test]
    fn rubbish_in_place_of_a_hash_is_an_error() {
        assert!(verify("x", "").is_err() && verify("x", "$md5$abc").is_err());
    }
}
