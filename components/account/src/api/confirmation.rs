//! Asking somebody who is signed in for their password: whoever has got hold of a session alone must not
//! be able to keep the account.

use stoa_kit::http::{Caller, ClientAddress};
use stoa_kit::{Error, Result};

use super::{codes, login};
use crate::domain::password::{self, Verdict};
use crate::store::logins::{Failure, Part, Proof, Scopes};
use crate::store::passwords::{self, Asked, Confirmed};
use crate::store::second_factors;

/// The caller's password, confirmed. A wrong one counts as a failed login. Whoever has none shows who they
/// are by having signed in a moment ago.
///
/// # Errors
/// `wrong_password`, `sign_in_again`, `too_many_logins`, `person_required`
pub(super) async fn password(
    caller: &Caller,
    ClientAddress(address): &ClientAddress,
    tried: &str,
) -> Result<Confirmed> {
    caller.require_person()?;
    let scopes = Scopes::of_account(caller.account_id, address);
    let asked = passwords::of(caller.account_id, caller.session_id, &scopes).await?;
    let hash = match asked.ok_or_else(Error::not_found)? {
        Asked::Locked(seconds) => return Err(login::locked(seconds)),
        Asked::Hash(hash) => hash,
        Asked::None { hash, is_new: true } => return Ok(Confirmed { hash, scopes }),
        Asked::None { is_new: false, .. } => return Err(Error::problem("sign_in_again")),
    };
    match password::verify(tried, &hash)? {
        Verdict::Right { .. } => Ok(Confirmed { hash, scopes }),
        Verdict::Wrong => Err(wrong(caller, &scopes, Part::Password).await?),
    }
}

/// A code of the caller's second factor, confirmed. A wrong one counts as a failed login.
///
/// # Errors
/// `second_factor_off`, `wrong_code`, `too_many_logins`
pub(super) async fn code(caller: &Caller, scopes: &Scopes, tried: &str) -> Result<Proof> {
    let standing = second_factors::of(caller.account_id).await?;
    let enrolment = standing
        .filter(|standing| standing.confirmed_at.is_some())
        .and_then(|standing| standing.enrolment)
        .ok_or_else(|| Error::problem("second_factor_off"))?;
    match codes::prove(caller.account_id, &enrolment, tried).await? {
        Some(proof) => Ok(proof),
        None => Err(wrong(caller, scopes, Part::Code).await?),
    }
}

/// Counts a wrong password or code of somebody signed in; the answer.
pub(super) async fn wrong(caller: &Caller, scopes: &Scopes, part: Part) -> Result<Error> {
    let failure = Failure::to_confirm(part, caller.account_id);
    let code = match part {
        Part::Password => "wrong_password",
        Part::Code => "wrong_code",
    };
    login::failed(scopes, &failure, code).await
}
