//! A shop with carriers of letters, and what becomes of a letter there.

use std::sync::OnceLock;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

use crate::emulators::mail::{self as email, Mail};
use crate::emulators::{Fault, sms};
use crate::support::app::App;
use crate::support::{Actor, mail, until};

/// An app that is set up with the emulators, and shows letters to nobody.
pub struct World {
    pub app: App,
    pub resend: email::Carrier,
    pub sendgrid: email::Carrier,
    pub twilio: sms::Carrier,
    pub vonage: sms::Carrier,
    /// One test at a time: some let the carriers misbehave.
    turn: Mutex<()>,
}

pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let (resend, sendgrid) = (email::Carrier::resend(), email::Carrier::sendgrid());
        let (twilio, vonage) = (sms::Carrier::twilio(), sms::Carrier::vonage());
        let app = App::with_variables(
            "letters",
            &[
                ("mailbox", "off"),
                ("site_url", "https://shop.example/"),
                ("mail_from", email::FROM),
                ("resend_key", email::RESEND_KEY),
                ("resend_url", &resend.url),
                ("sendgrid_key", email::SENDGRID_KEY),
                ("sendgrid_url", &sendgrid.url),
                ("sms_from", sms::FROM),
                ("twilio_account_sid", sms::TWILIO_SID),
                ("twilio_auth_token", sms::TWILIO_TOKEN),
                ("twilio_url", &twilio.url),
                ("vonage_key", sms::VONAGE_KEY),
                ("vonage_secret", sms::VONAGE_SECRET),
                ("vonage_url", &vonage.url),
            ],
            &[],
        );
        World {
            app,
            resend,
            sendgrid,
            twilio,
            vonage,
            turn: Mutex::const_new(()),
        }
    })
}

/// All carriers do as they should, and nobody remembers that they did not. Held by one test at a time.
pub async fn in_order() -> MutexGuard<'static, ()> {
    let world = world();
    let turn = world.turn.lock().await;
    for faults in [
        &world.resend.faults,
        &world.sendgrid.faults,
        &world.twilio.faults,
        &world.vonage.faults,
    ] {
        faults.always(Fault::None);
    }
    forgive(&world.app).await;
    turn
}

/// Nobody is left alone any more for having failed.
pub async fn forgive(app: &App) {
    let mut redis = app.redis().await;
    let keys: Vec<String> = redis::cmd("KEYS")
        .arg("stoa:breaker:*")
        .query_async(&mut redis)
        .await
        .expect("the keys");
    for key in keys {
        let _: i64 = redis::cmd("DEL")
            .arg(key)
            .query_async(&mut redis)
            .await
            .expect("deleted");
    }
}

/// Somebody new with an address that is to be verified; the letter is under way.
pub async fn newcomer(locale: &str) -> (Actor, String) {
    let email = mail::address();
    let actor = mail::newcomer_in(&world().app, "Nina", &email, locale).await;
    (actor, email)
}

/// The letter of an account that ends so: the whole row.
pub async fn ends(actor: &Actor, state: &str) -> Value {
    let sql = world().app.sql().await;
    until("the letter's end", Duration::from_secs(20), || async {
        let row = letter(&sql, actor).await?;
        (row["state"] == state).then_some(row)
    })
    .await
}

pub async fn letter(sql: &tokio_postgres::Client, actor: &Actor) -> Option<Value> {
    let row = sql
        .query_opt(
            "SELECT to_jsonb(m)::text FROM notification.message m WHERE account_id = $1",
            &[&actor.id],
        )
        .await
        .expect("the letter")?;
    let text: String = row.get(0);
    serde_json::from_str(&text).ok()
}

/// Its next try is now.
pub async fn hurry(sql: &tokio_postgres::Client, actor: &Actor) {
    sql.execute(
        "UPDATE notification.message SET due_at = shared.real_now()
         WHERE account_id = $1 AND state = 'queued' AND lease IS NULL",
        &[&actor.id],
    )
    .await
    .expect("hurried");
}

pub async fn moderator() -> Actor {
    let mut actor = world().app.someone("Mod").await;
    world().app.grant(&actor, "moderator").await;
    actor.sign_in().await;
    actor
}

/// The only e-mail that came to an address by a carrier.
pub async fn only(carrier: &email::Carrier, address: &str) -> Mail {
    until("an e-mail comes", Duration::from_secs(20), || async {
        let mut sent = carrier.sent_to(address);
        assert!(sent.len() <= 1, "{sent:?}");
        sent.pop()
    })
    .await
}
