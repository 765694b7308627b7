//! An authenticator, and what people do with it.

use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, Mac};
use serde_json::json;
use sha1::Sha1;

use crate::support::actor::PASSWORD;
use crate::support::app::{App, text};
use crate::support::{Actor, Reply};

/// An authenticator.
pub struct Authenticator {
    pub secret: Vec<u8>,
}

impl Authenticator {
    /// From the secret as it is shown.
    pub fn scan(base32: &str) -> Authenticator {
        let mut bits = 0_u64;
        let mut count = 0;
        let mut secret = Vec::new();
        for sign in base32.bytes() {
            let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
                .iter()
                .position(|s| *s == sign)
                .unwrap_or_else(|| panic!("{base32} is no base32"));
            bits = bits << 5 | value as u64;
            count += 5;
            if count >= 8 {
                count -= 8;
                secret.push((bits >> count) as u8);
            }
        }
        assert_eq!(secret.len(), 20, "{base32}");
        Authenticator { secret }
    }

    /// The code of the step of 30 seconds that is so many away (RFC 6238).
    pub fn code(&self, steps_away: i64) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("now");
        let step = now.as_secs() / 30;
        let step = step.checked_add_signed(steps_away).expect("a step");
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.secret).expect("a key");
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = usize::from(hash[19] & 15);
        let number = u32::from_be_bytes(hash[at..at + 4].try_into().expect("four bytes"));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }

    /// A code that is none of those near.
    pub fn wrong(&self) -> String {
        let near: Vec<String> = (-3..=3).map(|step| self.code(step)).collect();
        (0..10)
            .map(|digit: u8| digit.to_string().repeat(6))
            .find(|code| !near.contains(code))
            .expect("ten codes, seven near")
    }
}

/// Puts a second factor in force: the authenticator, and the recovery codes.
pub async fn set_up(actor: &Actor) -> (Authenticator, Vec<String>) {
    let shown = actor
        .post("/v1/me/totp", json!({"password": PASSWORD}))
        .await
        .expect(201);
    let uri = text(&shown["otpauth_uri"]);
    assert!(
        uri.starts_with("otpauth://totp/Stoa:") && uri.contains(text(&shown["secret"])),
        "{shown}"
    );
    let authenticator = Authenticator::scan(text(&shown["secret"]));
    // A step may end between the two.
    let confirmed = actor
        .post(
            "/v1/me/totp/confirm",
            json!({"code": authenticator.code(0)}),
        )
        .await
        .expect(200);
    let codes: Vec<String> = confirmed["recovery_codes"]
        .as_array()
        .expect("codes")
        .iter()
        .map(|code| text(code).to_owned())
        .collect();
    assert_eq!(codes.len(), 10);
    (authenticator, codes)
}

/// Lets codes that were used be used again: tests do not wait for the next half minute.
pub async fn forget_steps(app: &App, actor: &Actor) {
    app.sql()
        .await
        .execute(
            "UPDATE account.totp SET last_step = 0, used_by = NULL WHERE account_id = $1",
            &[&actor.id],
        )
        .await
        .expect("forgotten");
}

pub async fn login(client: &Actor, actor: &Actor, code: Option<&str>) -> Reply {
    let mut body = json!({"identifier": actor.username, "password": PASSWORD});
    if let Some(code) = code {
        body["code"] = json!(code);
    }
    client.post("/v1/sessions", body).await
}
