//! English.

mod access;

use super::{Draft, Words};

/// Why letters about security come.
const SECURITY: &str = "You get this because it concerns the security of an account that has this address. Such messages cannot be turned off.";

pub(super) fn words(draft: &Draft<'_>) -> Words {
    let until = draft.moment("expires_at");
    let good = |what: &str| match &until {
        Some(until) => format!("{what} until {until}."),
        None => format!("{what} for a short time."),
    };
    match draft.template {
        "verify" => verify(draft, good),
        "reset" => Words {
            subject: "Set another password".into(),
            before: "Somebody, you we hope, has forgotten the password of your account at Stoa. Set another one here:".into(),
            button: "Set another password",
            after: good("This works once,"),
            why: "You get this because a new password was asked for, for an account that has this address. If that was not you, do nothing: your password stays as it is.".into(),
            short: format!("Stoa: set another password here. {} If you did not ask for it, do nothing.", good("Once,")),
        },
        "password_changed" => {
            let how = match draft.fact("changed_by") {
                Some("reset") => " by a link that was sent to you",
                Some("owner") => " by somebody who was signed in and knew the old one",
                _ => "",
            };
            let when = draft.moment("at").map_or_else(String::new, |at| format!(" on {at}"));
            Words {
                subject: "Your password was changed".into(),
                before: format!("The password of your account at Stoa was changed{when}{how}."),
                button: "It was not me",
                after: "If it was you, all is well. If not, set another password at once.".into(),
                why: SECURITY.into(),
                short: "Stoa: your password was changed. If it was not you, set another one at once:".into(),
            }
        }
        "new_device" => {
            let device = draft.device().map_or_else(String::new, |device| format!(" with {device}"));
            let when = draft.moment("at").map_or_else(String::new, |at| format!(" on {at}"));
            Words {
                subject: "A new sign-in to your account".into(),
                before: format!("Somebody signed in to your account at Stoa{when}{device}. It has not been used from there before."),
                button: "It was not me",
                after: "If it was you, all is well. If not, set another password at once: that ends all sessions.".into(),
                why: SECURITY.into(),
                short: format!("Stoa: new sign-in to your account{when}. If it was not you, set another password at once:"),
            }
        }
        _ => access::words(draft).unwrap_or_else(other),
    }
}

fn verify(draft: &Draft<'_>, good: impl Fn(&str) -> String) -> Words {
    let short = match draft.code {
        Some(code) => format!(
            "Stoa: your code is {code}. {} Tell it to nobody.",
            good("It is good")
        ),
        None => format!(
            "Stoa: confirm your number here. {}",
            good("It is good once,")
        ),
    };
    Words {
        subject: "Confirm your address".into(),
        before: "Somebody, you we hope, gave this address to an account at Stoa. Confirm that it is yours:".into(),
        button: "Confirm the address",
        after: good("This works once,"),
        why: "You get this because this address was given to an account at Stoa. If that was not you, do nothing: without your word the address is not used.".into(),
        short,
    }
}

fn other() -> Words {
    Words {
        subject: "News of your account".into(),
        before: "There is news of your account at Stoa.".into(),
        button: "See it",
        after: String::new(),
        why: "You get this because an account at Stoa has this address.".into(),
        short: "Stoa: there is news of your account.".into(),
    }
}
