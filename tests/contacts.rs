//! Address books: their rules, also when several changes come at once.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::actor::send;
use crate::support::app::{shared, text};
use crate::support::{Actor, Reply};

const BOOK: &str = "/v1/me/contacts";

/// A body that is acceptable, with some fields changed.
fn contact(receiver: &str, change: Value) -> Value {
    let mut body = json!({
        "receiver": receiver, "phone": "+84 901 234 567", "address_lines": ["12 Hàng Bạc", "Tầng 3"],
        "city": "Hà Nội", "country": "VN",
    });
    body.as_object_mut()
        .expect("an object")
        .extend(change.as_object().expect("an object").clone());
    body
}

async fn add(actor: &Actor, receiver: &str, change: Value) -> Value {
    actor
        .post(BOOK, contact(receiver, change))
        .await
        .expect(201)
}

fn path(contact: &Value) -> String {
    format!("{BOOK}/{}", text(&contact["id"]))
}

fn version(contact: &Value) -> i64 {
    contact["version"].as_i64().expect("a version")
}

async fn change(actor: &Actor, contact: &Value, patch: Value) -> Reply {
    actor.patch(&path(contact), version(contact), patch).await
}

/// DELETE at the version that `contact` shows.
async fn delete(actor: &Actor, contact: &Value) -> Reply {
    send(
        actor
            .request(Method::DELETE, &path(contact))
            .header("if-match", format!("\"{}\"", version(contact))),
    )
    .await
}

/// The contact as it is now.
async fn now(actor: &Actor, contact: &Value) -> Value {
    actor.get(&path(contact)).await.expect(200)
}

/// The whole address book, newest first.
async fn book(actor: &Actor) -> Vec<Value> {
    let list = actor.get(BOOK).await.expect(200);
    assert!(list["next_cursor"].is_null());
    list["items"].as_array().expect("a list").clone()
}

/// The receivers that have the default for deliveries and for pickups: there is one of each as long
/// as there is a contact.
async fn defaults(actor: &Actor) -> (String, String) {
    let all = book(actor).await;
    let of = |name: &str| {
        let having: Vec<&Value> = all.iter().filter(|c| c[name] == true).collect();
        assert_eq!(having.len(), 1, "{name} of {all:?}");
        text(&having[0]["receiver"]).to_owned()
    };
    (of("is_default_delivery"), of("is_default_pickup"))
}

fn both(receiver: &str) -> (String, String) {
    (receiver.to_owned(), receiver.to_owned())
}

#[tokio::test]
async fn a_contact_is_added_read_changed_and_deleted() {
    let app = shared();
    let lan = app.someone("Lan").await;
    assert!(book(&lan).await.is_empty());
    let key = Uuid::new_v4().to_string();
    let body = contact(
        "Lan",
        json!({"area_codes": ["01", "002"], "latitude": 21.0341, "longitude": 105.8528}),
    );
    let first = lan.post_keyed(BOOK, &key, &body).await;
    assert_eq!(first.header("etag"), "\"1\"");
    let location = first.header("location").to_owned();
    let made = first.expect(201);
    assert_eq!(location, path(&made));
    assert_eq!(made["phone"], "+84901234567");
    assert_eq!(made["address_lines"], json!(["12 Hàng Bạc", "Tầng 3"]));
    assert_eq!(made["area_codes"], json!(["01", "002"]));
    assert_eq!(
        (&made["latitude"], &made["longitude"]),
        (&json!(21.0341), &json!(105.8528))
    );
    assert!(made["region"].is_null() && made["postal_code"].is_null());

    let again = lan.post_keyed(BOOK, &key, &body).await;
    assert_eq!(again.header("location"), location);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.expect(201)["id"], made["id"]);
    lan.post_keyed(BOOK, &key, &contact("Another", json!({})))
        .await
        .expect_problem(422, "idempotency_key_reused");
    assert_eq!(book(&lan).await.len(), 1);

    let read = lan.get(&location).await;
    assert_eq!(read.header("etag"), "\"1\"");
    assert_eq!(read.expect(200), made);
    let known = send(
        lan.request(Method::GET, &location)
            .header("if-none-match", "\"1\""),
    )
    .await;
    assert_eq!(known.status, 304);

    let patch =
        json!({"city": "Huế", "region": "Thừa Thiên Huế", "latitude": null, "longitude": null});
    let changed = change(&lan, &made, patch).await;
    assert_eq!(changed.header("etag"), "\"2\"");
    let changed = changed.expect(200);
    assert_eq!(changed["city"], "Huế");
    assert_eq!(changed["receiver"], "Lan");
    assert!(changed["latitude"].is_null() && changed["longitude"].is_null());
    let cleared = change(&lan, &changed, json!({"region": null}))
        .await
        .expect(200);
    assert!(cleared["region"].is_null());
    let same = change(&lan, &cleared, json!({"city": "Huế"}))
        .await
        .expect(200);
    assert_eq!(same, cleared, "what changes nothing makes no new version");

    assert_eq!(delete(&lan, &cleared).await.status, 204);
    lan.get(&location).await.expect_problem(404, "not_found");
    assert!(book(&lan).await.is_empty(), "the last one may go too");
}

#[tokio::test]
async fn there_is_always_one_default_of_each_kind() {
    let app = shared();
    let lan = app.someone("Lan").await;
    let home = add(
        &lan,
        "Home",
        json!({"is_default_delivery": false, "is_default_pickup": false}),
    )
    .await;
    assert_eq!(
        defaults(&lan).await,
        both("Home"),
        "the first one has both, whatever it asked for"
    );
    let work = add(&lan, "Work", json!({})).await;
    assert_eq!(defaults(&lan).await, both("Home"));
    add(&lan, "Shop", json!({"is_default_pickup": true})).await;
    assert_eq!(defaults(&lan).await, ("Home".into(), "Shop".into()));

    // What lost a default has a new version: whoever holds the old one decides again.
    change(&lan, &home, json!({"city": "Huế"}))
        .await
        .expect_problem(412, "stale_version");
    let home = now(&lan, &home).await;
    assert_eq!(version(&home), 2);

    change(&lan, &home, json!({"is_default_delivery": false}))
        .await
        .expect_problem(409, "default_contact");
    let work = change(&lan, &work, json!({"is_default_delivery": true}))
        .await
        .expect(200);
    assert_eq!(defaults(&lan).await, ("Work".into(), "Shop".into()));
    let home = now(&lan, &home).await;
    let same = change(&lan, &home, json!({"is_default_delivery": false}))
        .await
        .expect(200);
    assert_eq!(version(&same), version(&home), "it is none already");

    // The newest that remains inherits.
    assert_eq!(delete(&lan, &work).await.status, 204);
    assert_eq!(defaults(&lan).await, both("Shop"));
    let order: Vec<String> = book(&lan)
        .await
        .iter()
        .map(|c| text(&c["receiver"]).to_owned())
        .collect();
    assert_eq!(order, ["Shop", "Home"]);
    let shop = book(&lan).await.remove(0);
    assert_eq!(delete(&lan, &shop).await.status, 204);
    assert_eq!(defaults(&lan).await, both("Home"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn defaults_set_at_the_same_time_end_with_one() {
    let app = shared();
    let lan = app.someone("Lan").await;
    add(&lan, "First", json!({})).await;
    let mut rivals = Vec::new();
    for i in 0..12 {
        rivals.push(add(&lan, &format!("Rival {i}"), json!({})).await);
    }
    let replies = join_all(rivals.iter().map(|rival| {
        change(
            &lan,
            rival,
            json!({"is_default_delivery": true, "is_default_pickup": true}),
        )
    }))
    .await;
    for reply in replies {
        reply.expect(200);
    }
    let (delivery, pickup) = defaults(&lan).await;
    assert_eq!(delivery, pickup);
    assert_ne!(delivery, "First");

    // Some take the default while the one that has it is deleted.
    let holder = book(&lan)
        .await
        .into_iter()
        .find(|c| c["is_default_delivery"] == true)
        .expect("a default");
    let mut takers: Vec<Value> = book(&lan)
        .await
        .into_iter()
        .filter(|c| c["is_default_delivery"] == false)
        .collect();
    takers.truncate(4);
    let (gone, taken) = futures::future::join(
        delete(&lan, &holder),
        join_all(
            takers
                .iter()
                .map(|taker| change(&lan, taker, json!({"is_default_delivery": true}))),
        ),
    )
    .await;
    // Who came second saw another version.
    assert!(
        gone.status == 204 || gone.code() == "stale_version",
        "{gone:?}"
    );
    for reply in taken {
        assert!(
            reply.status == 200 || reply.code() == "stale_version",
            "{reply:?}"
        );
    }
    defaults(&lan).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_book_holds_twenty() {
    let app = shared();
    let lan = app.someone("Lan").await;
    let replies = join_all((0..24).map(|i| {
        let body = contact(
            &format!("Contact {i}"),
            json!({"is_default_delivery": true}),
        );
        let lan = &lan;
        async move { lan.post(BOOK, body).await }
    }))
    .await;
    let (made, refused): (Vec<_>, Vec<_>) = replies.into_iter().partition(|r| r.status == 201);
    assert_eq!((made.len(), refused.len()), (20, 4), "{refused:?}");
    for reply in refused {
        reply.expect_problem(409, "too_many_contacts");
    }
    defaults(&lan).await;
    let all = book(&lan).await;
    assert_eq!(all.len(), 20);
    assert_eq!(delete(&lan, &all[7]).await.status, 204);
    add(&lan, "In its place", json!({})).await;
}

#[tokio::test]
async fn a_contact_is_changed_and_deleted_at_its_version_only() {
    let app = shared();
    let lan = app.someone("Lan").await;
    let home = add(&lan, "Home", json!({})).await;
    change(&lan, &home, json!({"city": "Huế"}))
        .await
        .expect(200);
    change(&lan, &home, json!({"city": "Vinh"}))
        .await
        .expect_problem(412, "stale_version");
    delete(&lan, &home)
        .await
        .expect_problem(412, "stale_version");
    lan.delete(&path(&home))
        .await
        .expect_problem(428, "precondition_required");
    assert_eq!(now(&lan, &home).await["city"], "Huế");
}

#[tokio::test]
async fn a_strangers_contact_is_not_there() {
    let app = shared();
    let (lan, minh) = (app.someone("Lan").await, app.someone("Minh").await);
    let home = add(&lan, "Home", json!({})).await;
    minh.get(&path(&home))
        .await
        .expect_problem(404, "not_found");
    change(&minh, &home, json!({"city": "Huế"}))
        .await
        .expect_problem(404, "not_found");
    delete(&minh, &home).await.expect_problem(404, "not_found");
    app.stranger()
        .get(BOOK)
        .await
        .expect_problem(401, "unauthenticated");
    assert!(book(&minh).await.is_empty());
    assert_eq!(now(&lan, &home).await, home);
}

#[tokio::test]
async fn what_no_parcel_could_be_sent_to_is_refused_and_pointed_at() {
    let app = shared();
    let lan = app.someone("Lan").await;
    let home = add(&lan, "Home", json!({"latitude": 21.0, "longitude": 105.0})).await;
    for (bad, pointer, code) in [
        (json!({"note": "ring twice"}), "/note", "unknown_field"),
        (json!({"version": 7}), "/version", "unknown_field"),
        (json!({"latitude": 21.0}), "/longitude", "missing_field"),
        (
            json!({"longitude": 105.0, "latitude": null}),
            "/latitude",
            "missing_field",
        ),
        (
            json!({"latitude": 90.001, "longitude": 0}),
            "/latitude",
            "invalid",
        ),
        (
            json!({"latitude": 0, "longitude": "east"}),
            "/longitude",
            "wrong_type",
        ),
        (json!({"phone": "0901234567"}), "/phone", "invalid"),
        (json!({"receiver": "  "}), "/receiver", "invalid"),
        (json!({"address_lines": []}), "/address_lines", "invalid"),
        (
            json!({"address_lines": ["a", "b\u{0}"]}),
            "/address_lines/1",
            "invalid",
        ),
        (json!({"city": "x".repeat(101)}), "/city", "invalid"),
        (json!({"country": "XX"}), "/country", "invalid"),
        (json!({"area_codes": ["0 1"]}), "/area_codes/0", "invalid"),
    ] {
        for reply in [
            lan.post(BOOK, contact("Bad", bad.clone())).await,
            change(&lan, &home, bad.clone()).await,
        ] {
            reply.expect_problem(422, "validation_failed");
            let errors = reply.body["errors"].as_array().expect("errors");
            assert!(
                errors
                    .iter()
                    .any(|e| e["pointer"] == pointer && e["code"] == code),
                "{bad} is {code} at {pointer}: {}",
                reply.raw
            );
        }
    }
    assert_eq!(now(&lan, &home).await, home);
    assert_eq!(book(&lan).await.len(), 1);
}
