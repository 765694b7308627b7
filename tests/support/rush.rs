//! Sixty-four buyers at once.

use std::sync::Mutex as StdMutex;
use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::json;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::App;
use super::goods::{Goods, checkout, reconciled, stock};

const BUYERS: usize = 64;
/// Units of each product on the shelf.
pub const UNITS: u32 = 50;

/// How long a shop is busy with what a rush left.
const TAIL: Duration = Duration::from_secs(5);

/// Until when the shared shop may be too busy for others; as long as a rush lasts that is far away.
static BUSY_UNTIL: StdMutex<Option<Instant>> = StdMutex::new(None);

/// The rush that is on.
pub struct Turn(#[expect(dead_code, reason = "held until it is dropped")] MutexGuard<'static, ()>);

/// One rush at a time: how long a buyer waits is measured among sixty-four, and not among those of other
/// tests as well.
pub async fn turn() -> Turn {
    static TURN: Mutex<()> = Mutex::const_new(());
    let turn = Turn(TURN.lock().await);
    busy_for(Duration::from_secs(3_600));
    turn
}

impl Drop for Turn {
    fn drop(&mut self) {
        busy_for(TAIL);
    }
}

fn busy_for(duration: Duration) {
    *BUSY_UNTIL.lock().expect("the time") = Some(Instant::now() + duration);
}

/// Whether a rush of another test may be why somebody is told to come again.
pub fn is_on() -> bool {
    let until = *BUSY_UNTIL.lock().expect("the time");
    until.is_some_and(|until| Instant::now() < until)
}

/// Each buyer has one unit of everything on the shelf in the cart, half of them put in in the opposite
/// order, and all order at once. As many get all of it as there are units, nobody waits long, the
/// others hear what is short, and nothing is left.
pub async fn carts_in_opposite_orders(app: &App, shelf: &[Goods]) {
    let _turn = turn().await;
    let buyers =
        join_all((0..BUYERS).map(|i| async move { app.someone(&format!("Buyer{i}")).await })).await;
    join_all(buyers.iter().enumerate().map(|(i, buyer)| async move {
        let mut lines: Vec<&Goods> = shelf.iter().collect();
        if i % 2 == 1 {
            lines.reverse();
        }
        for line in lines {
            let path = format!("/v1/cart/lines/{}", line.variant);
            let request = buyer
                .request(reqwest::Method::PUT, &path)
                .json(&json!({"quantity": 1}));
            super::actor::send(request).await.expect(200);
        }
    }))
    .await;

    let mut body = checkout(&[]);
    body.as_object_mut().expect("an object").remove("lines");
    body["cart"] = true.into();
    let replies = join_all(buyers.iter().map(|buyer| async {
        let start = Instant::now();
        let key = Uuid::new_v4().to_string();
        let reply = buyer.post_keyed("/v1/checkouts", &key, &body).await;
        (reply, start.elapsed())
    }))
    .await;

    let refused: Vec<_> = replies.iter().filter(|(r, _)| r.status != 201).collect();
    assert_eq!(
        (replies.len() - refused.len(), refused.len()),
        (UNITS as usize, BUYERS - UNITS as usize),
        "{refused:?}"
    );
    for (reply, _) in refused {
        reply.expect_problem(409, "insufficient_stock");
        let shortages = reply.body["shortages"].as_array().expect("shortages");
        assert_eq!(shortages.len(), shelf.len(), "{}", reply.raw);
        assert!(
            shortages.iter().all(|s| s["available"] == 0),
            "{}",
            reply.raw
        );
    }
    let slowest = replies.iter().map(|r| r.1).max().expect("64 replies");
    assert!(
        slowest < Duration::from_secs(3),
        "the slowest took {slowest:?}"
    );
    for product in shelf {
        assert_eq!(stock(app, &product.variant).await, (0, 0));
    }
    reconciled(app).await;
}
