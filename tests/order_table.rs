//! The table of an order's states: every arrow of it, everything that is none, who may not, and who
//! comes first.

use std::time::Duration;

use futures::future::{join, join_all};
use serde_json::json;
use stoa_order::domain::order_state::{Action, OrderStatus, Side, TRANSITIONS, transition};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::orders::{placed, route};
use crate::support::app::{shared, text};
use crate::support::goods::{reconciled, stock};
use crate::support::until;

#[tokio::test]
async fn what_the_table_does_not_have_is_refused_in_every_state() {
    let app = shared();
    for t in TRANSITIONS.iter().filter(|t| t.side != Side::System) {
        assert!(route(t.side, t.action, "").is_some(), "no route for {t:?}");
    }
    let sales = join_all(OrderStatus::ALL.map(async |state| {
        let sale = placed(app, "Lamp").await;
        sale.lead_to(app, state).await;
        (state, sale)
    }))
    .await;
    let sql = app.module_sql("order").await;
    for (state, sale) in &sales {
        let before = sale.seen().await;
        for side in Side::ALL {
            for action in Action::ALL {
                if transition(side, action, *state).is_some() {
                    continue;
                }
                let what = format!("{side:?} {action:?} {state:?}");
                if route(side, action, &sale.order).is_some() {
                    let reply = sale.act(side, action).await;
                    assert_eq!((reply.status, reply.code()), (409, "wrong_state"), "{what}");
                    assert_eq!(reply.body["order_status"], state.as_str(), "{what}");
                    continue;
                }
                // What has no route, the statement behind the routes refuses.
                let refusal = sql
                    .query(
                        "SELECT \"order\".move_v1($1, NULL, '', $2, NULL, $3, $4::text::uuid, $5, NULL, '{}')",
                        &[
                            &sale.actor(side).id,
                            &Uuid::now_v7(),
                            &side.as_str(),
                            &sale.order,
                            &action.as_str(),
                        ],
                    )
                    .await
                    .expect_err(&what);
                let refusal = refusal.as_db_error().expect("Postgres refuses");
                assert_eq!(refusal.code(), &SqlState::from_code("ST001"), "{what}");
                assert_eq!(refusal.message(), "wrong_state", "{what}");
            }
        }
        assert_eq!(sale.seen().await, before, "refused is unchanged");
    }
}

#[tokio::test]
async fn what_the_table_has_happens() {
    let app = shared();
    let walks = TRANSITIONS
        .iter()
        .filter(|t| t.side != Side::System)
        .map(async |t| {
            let sale = placed(app, "Lamp").await;
            sale.lead_to(app, t.from).await;
            let moved = sale.act(t.side, t.action).await.expect(200);
            assert_eq!(moved["status"], t.to.as_str(), "{t:?}");
            let last = moved["history"].as_array().expect("a history").last();
            let last = last.expect("a change");
            assert_eq!(
                (text(&last["from"]), text(&last["to"]), text(&last["by"])),
                (t.from.as_str(), t.to.as_str(), t.side.as_str()),
                "{t:?}"
            );
            let events: Vec<String> = app
                .sql()
                .await
                .query(
                    "SELECT kind FROM \"order\".outbox WHERE subject = $1::text::uuid ORDER BY sequence DESC",
                    &[&sale.order],
                )
                .await
                .expect("the events")
                .iter()
                .map(|row| row.get(0))
                .collect();
            assert_eq!(events[0], t.event, "{t:?}");
            assert_eq!(moved["version"], events.len(), "an event for each state");
            let left = if t.to == OrderStatus::Cancelled { 5 } else { 3 };
            until("the stock is right", Duration::from_secs(15), || async {
                (stock(app, &sale.variant).await == (left, 0)).then_some(())
            })
            .await;
        });
    join_all(walks).await;
}

#[tokio::test]
async fn an_order_is_moved_by_its_own_two_sides_and_nobody_else() {
    let app = shared();
    let (sale, stranger) = join(placed(app, "Private"), app.someone("Stranger")).await;
    let before = sale.seen().await;
    for side in [Side::Buyer, Side::Seller] {
        let other = sale.actor(if side == Side::Buyer {
            Side::Seller
        } else {
            Side::Buyer
        });
        for (path, body) in Action::ALL
            .iter()
            .filter_map(|a| route(side, *a, &sale.order))
        {
            for nobody in [&stranger, other] {
                nobody
                    .post(&path, body.clone())
                    .await
                    .expect_problem(404, "not_found");
            }
            app.stranger()
                .post(&path, body)
                .await
                .expect_problem(401, "unauthenticated");
        }
    }
    for list in ["orders", "sales"] {
        let path = format!("/v1/{list}/{}", sale.order);
        stranger.get(&path).await.expect_problem(404, "not_found");
        let path = format!("/v1/{list}?q={}", sale.order);
        assert_eq!(stranger.get(&path).await.expect(200)["items"], json!([]));
    }
    assert_eq!(sale.seen().await, before);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_sides_that_race_one_wins() {
    let app = shared();
    for (from, rival) in [
        (OrderStatus::Confirmed, Action::Ship),
        (OrderStatus::AwaitingConfirmation, Action::Decline),
        (OrderStatus::AwaitingConfirmation, Action::Confirm),
    ] {
        let races = (0..6).map(async |_| {
            let sale = placed(app, "Contested").await;
            sale.lead_to(app, from).await;
            let (cancel, other) = join(
                sale.act(Side::Buyer, Action::Cancel),
                sale.act(Side::Seller, rival),
            )
            .await;
            for reply in [&cancel, &other] {
                assert!(
                    reply.status == 200 || (reply.status, reply.code()) == (409, "wrong_state"),
                    "{}",
                    reply.raw
                );
            }
            let won = (cancel.status == 200, other.status == 200);
            let mut states = vec!["awaiting_confirmation"];
            if from == OrderStatus::Confirmed {
                states.push("confirmed");
            }
            match (rival, won) {
                // A confirmed order can still be cancelled: then both were in time.
                (Action::Confirm, (true, true)) => states.extend(["confirmed", "cancelled"]),
                (_, (true, false)) | (Action::Decline, (false, true)) => states.push("cancelled"),
                (Action::Ship, (false, true)) => states.push("shipped"),
                _ => panic!("{rival:?}: {won:?}"),
            }
            assert_eq!(sale.history().await, states, "{rival:?}: {won:?}");
            let left = if states.contains(&"cancelled") { 5 } else { 3 };
            until("the stock is right", Duration::from_secs(15), || async {
                (stock(app, &sale.variant).await == (left, 0)).then_some(())
            })
            .await;
        });
        join_all(races).await;
    }
    app.events_settled().await;
    reconciled(app).await;
}
