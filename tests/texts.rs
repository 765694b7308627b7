//! Letters by SMS: carried by other people's services, which emulators stand in for.

use std::time::Duration;

use serde_json::json;

use crate::emulators::{Fault, sms};
use crate::letters::world::{ends, forgive, in_order, newcomer, world};
use crate::support::actor::PASSWORD;
use crate::support::{Actor, mail, until};

/// Has a number verified, and gives the message that came by a carrier.
async fn code_by(carrier: &sms::Carrier, actor: &Actor, number: &str) -> sms::Sms {
    let body = json!({"phone": number, "password": PASSWORD});
    actor.put_json("/v1/me/phone", body).await.expect(200);
    until("a message comes", Duration::from_secs(20), || async {
        let mut sent = carrier.sent_to(number);
        assert!(sent.len() <= 1, "{sent:?}");
        sent.pop()
    })
    .await
}

#[tokio::test]
async fn codes_go_by_sms_with_a_carrier_in_reserve() {
    let _turn = in_order().await;
    let world = world();
    let ana = world.app.someone("Ana").await;
    let number = mail::number();
    let sms = code_by(&world.twilio, &ana, &number).await;
    let code: String = sms
        .text
        .split("code is ")
        .nth(1)
        .expect("a code")
        .chars()
        .take(6)
        .collect();
    let proof = json!({"channel": "phone", "code": code});
    assert_eq!(ana.post("/v1/verifications", proof).await.status, 204);
    let row = ends(&ana, "sent").await;
    assert_eq!(
        (&row["channel"], &row["provider"], &row["provider_ref"]),
        (&json!("sms"), &json!("twilio"), &json!(sms.id))
    );
    assert!(row["sealed"].is_null() && !row.to_string().contains(&code));

    world.twilio.faults.always(Fault::Broken);
    let (minh, _) = newcomer("vi").await;
    let number = mail::number();
    let sms = code_by(&world.vonage, &minh, &number).await;
    assert!(sms.text.starts_with("Stoa: mã của bạn là "), "{sms:?}");

    // A number that is none, as each of them says it.
    let (bo, an) = (world.app.someone("Bo").await, world.app.someone("An").await);
    for (actor, twilio_works, provider, error) in [
        (&bo, true, "twilio", "400 21211"),
        (&an, false, "vonage", "status 33"),
    ] {
        let fault = if twilio_works {
            Fault::None
        } else {
            Fault::Broken
        };
        world.twilio.faults.always(fault);
        forgive(&world.app).await;
        let number = mail::number();
        world.twilio.knows_nobody_at(&number);
        world.vonage.knows_nobody_at(&number);
        let body = json!({"phone": number, "password": PASSWORD});
        actor.put_json("/v1/me/phone", body).await.expect(200);
        let row = ends(actor, "dead").await;
        assert_eq!(
            (&row["reason"], &row["provider"], &row["error"]),
            (&json!("refused"), &json!(provider), &json!(error))
        );
    }
    assert_eq!(world.twilio.refusals(), Vec::<String>::new());
    assert_eq!(world.vonage.refusals(), Vec::<String>::new());
}
