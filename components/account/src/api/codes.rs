//! Codes of second factors, judged.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use stoa_kit::{Error, Result, time, variables};
use uuid::Uuid;

use super::letters::hex;
use crate::domain::second_factor::{self, Code, Keys};
use crate::store::logins::{Enrolment, Proof};

/// What a code proves, if it is right; whether it was used before only the store knows. Whether a
/// recovery code is right it says too.
///
/// # Errors
/// Internal when the secret does not open.
pub(super) async fn prove(
    account: Uuid,
    enrolment: &Enrolment,
    tried: &str,
) -> Result<Option<Proof>> {
    let keys = keys(account).await?;
    Ok(match Code::read(tried) {
        None => None,
        Some(Code::Totp(code)) => {
            let secret = keys.open(&enrolment.sealed)?;
            second_factor::step_of(&secret, &code, time::unix_now())?.map(|step| Proof::Step {
                totp: enrolment.id,
                step,
            })
        }
        Some(Code::Recovery(code)) => Some(Proof::Recovery {
            recovery: hex(&keys.recovery_hash(&code)?),
        }),
    })
}

/// The keys of an account, of the variable `account_key`.
///
/// # Errors
/// Internal when that is no key.
pub(super) async fn keys(account: Uuid) -> Result<Keys> {
    let key = BASE64
        .decode(variables::get("account_key").await?.trim())
        .ok()
        .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok())
        .ok_or_else(|| Error::internal("account_key is not 32 bytes in base64url"))?;
    Keys::new(&key, account)
}
