//! Letters about the ways into an account: each that is made, each lock that is put on or taken off, and addresses
//! that lose their place.

use super::{Draft, Words};

/// `None`: it is no such letter.
pub(super) fn words(draft: &Draft<'_>) -> Option<Words> {
    let when = draft
        .moment("at")
        .map_or_else(String::new, |at| format!(" on {at}"));
    let named = |plain: &str| draft.fact("name").unwrap_or(plain).to_owned();
    let (subject, before, after, short) = match draft.template {
        "identity_linked" => (
            "Another way to sign in to your account",
            format!(
                "Your account at Stoa was linked to {}{when}: whoever signs in there can sign in to it.",
                named("an issuer")
            ),
            "If it was you, all is well. If not, set another password at once: that ends all sessions and unlinks it.",
            format!(
                "Stoa: {} can sign in to your account now.",
                named("an issuer")
            ),
        ),
        "api_key_made" => (
            "A key to your account was made",
            format!(
                "A key for programs{} was made for your account at Stoa{when}. Whoever has it can act for you.",
                draft
                    .fact("name")
                    .map_or_else(String::new, |name| format!(", {name}…,"))
            ),
            "If it was you, all is well. If not, set another password at once: that ends all sessions and revokes all keys.",
            "Stoa: a key for programs was made for your account.".to_owned(),
        ),
        "second_factor_on" => (
            "A second factor was switched on",
            format!(
                "A second factor was switched on for your account at Stoa{when}: signing in needs a code of an authenticator from now on."
            ),
            "If it was you, all is well: keep the recovery codes. If not, set another password at once, and write to whoever runs this shop.",
            "Stoa: a second factor was switched on for your account.".to_owned(),
        ),
        "second_factor_off" => (
            "Your second factor was switched off",
            format!(
                "The second factor of your account at Stoa was switched off{when}, with the password and a code: signing in needs the password alone."
            ),
            "If it was you, all is well. If not, set another password at once: that ends all sessions.",
            "Stoa: the second factor of your account was switched off.".to_owned(),
        ),
        "second_factor_taken_away" => (
            "Your second factor was taken away",
            format!(
                "An administrator took the second factor of your account at Stoa away{when}, because somebody had lost it. All sessions have ended, and signing in needs the password alone."
            ),
            "If you asked for it, sign in and set up another one. If not, set another password at once, and write to whoever runs this shop.",
            "Stoa: an administrator took the second factor of your account away.".to_owned(),
        ),
        "email_changed" => (
            "Your account has another e-mail address",
            format!(
                "Another e-mail address took the place of this one in your account at Stoa{when}: nobody signs in with this one any more, and what concerns the account is not sent here."
            ),
            "If it was you, all is well. If not, set another password at once, with the phone number of the account or once you have signed in with its username: that ends all sessions. And write to whoever runs this shop.",
            "Stoa: another e-mail address took the place of yours.".to_owned(),
        ),
        "phone_changed" => (
            "Your account has another phone number",
            format!(
                "Another phone number took the place of this one in your account at Stoa{when}: nobody signs in with this one any more, and what concerns the account is not sent here."
            ),
            "If it was you, all is well. If not, set another password at once, with the e-mail address of the account or once you have signed in with its username: that ends all sessions. And write to whoever runs this shop.",
            "Stoa: another phone number took the place of yours.".to_owned(),
        ),
        _ => return None,
    };
    Some(Words {
        subject: subject.into(),
        before,
        button: "It was not me",
        after: after.into(),
        why: super::SECURITY.into(),
        short: format!("{short} If it was not you, set another password at once:"),
    })
}
