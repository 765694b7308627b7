//! Business time that runs fast: `stoa up --time-scale`.

use std::time::{Duration, Instant};

use crate::support::app::{App, text};
use crate::support::goods::{buy, goods};
use crate::support::until;

/// Business time, how much it differs from real time, and the scale.
async fn clock(app: &App) -> (f64, f64, f64) {
    let statement = "SELECT extract(epoch FROM shared.now())::float8,
                            extract(epoch FROM shared.now() - statement_timestamp() AT TIME ZONE 'utc')::float8,
                            (SELECT scale FROM shared.clock)";
    let row = app
        .sql()
        .await
        .query_one(statement, &[])
        .await
        .expect("the clock is read");
    (row.get(0), row.get(1), row.get(2))
}

async fn set_scale(app: &App, scale: f64) {
    app.sql()
        .await
        .query_one("SELECT shared.set_time_scale($1)::text", &[&scale])
        .await
        .expect("the scale is set");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_a_thousandfold_pace_a_day_takes_86_seconds_both_processes_agree_and_nothing_jumps() {
    let app = App::own("time-scale", &["--time-scale", "1000"]);
    let log = std::fs::read_to_string(app.data_dir.join("up.log")).expect("the log");
    assert!(log.contains("1000 times as fast"), "{log}");

    // A day is 86.4 s, so two hours are 7.2, and what a poll takes.
    let start = Instant::now();
    let (begun, _, scale) = clock(&app).await;
    assert!((scale - 1000.0).abs() < f64::EPSILON);
    until("two hours pass", Duration::from_secs(30), || async {
        let (now, _, _) = clock(&app).await;
        (now - begun >= 7_200.0).then_some(())
    })
    .await;
    let took = start.elapsed().as_secs_f64();
    assert!((7.0..12.0).contains(&took), "two hours took {took} s");

    // One process writes what the other decides by: the worker's housekeeping cancels an order that
    // nobody confirms 48 hours of business after the HTTP process placed it.
    let seller = app.someone("Seller").await;
    let buyer = app.someone("Buyer").await;
    let item = goods(&app, &seller, "Hourglass", 1_000, 5).await;
    let placed = buy(&buyer, &[(&item.variant, 1)]).await.expect(201);
    let order = text(&placed["orders"][0]["id"]).to_owned();
    let sql = app.sql().await;
    // As if 47 of them were over.
    app.pass("47 hours").await;
    let path = format!("/v1/orders/{order}");
    until(
        "the order is cancelled",
        Duration::from_secs(60),
        || async {
            let seen = buyer.get(&path).await.expect(200);
            (seen["status"] == "cancelled").then_some(())
        },
    )
    .await;
    let hours: f64 = sql
        .query_one(
            "SELECT extract(epoch FROM max(at) - min(at))::float8 / 3600
             FROM \"order\".history WHERE order_id = $1::text::uuid",
            &[&order],
        )
        .await
        .expect("the history")
        .get(0);
    // Housekeeping comes every five seconds, which are an hour and a half.
    assert!((48.0..60.0).contains(&hours), "cancelled after {hours} h");

    // Nothing jumps at the switch, in either direction.
    for scale in [50_000.0, 1.0, 1000.0, 1.0] {
        let (before, ..) = clock(&app).await;
        set_scale(&app, scale).await;
        let (after, ..) = clock(&app).await;
        // Between the two statements at most the greater of two paces applies, for moments.
        assert!(after >= before, "back by {} s", before - after);
        assert!(
            after - before < 2.0 * 50_000.0,
            "on by {} s",
            after - before
        );
    }
    let (_, ahead, scale) = clock(&app).await;
    assert!((scale - 1.0).abs() < f64::EPSILON);
    until("a moment passes", Duration::from_secs(5), || async {
        (start.elapsed().as_secs_f64() > took + 1.0).then_some(())
    })
    .await;
    let (_, still_ahead, _) = clock(&app).await;
    // At a scale of one it is ahead by what it was ahead.
    assert!((still_ahead - ahead).abs() < 0.001, "{ahead} {still_ahead}");

    // Outside its bounds a scale is refused, and a second one of the same changes nothing.
    for wrong in [0.0, 0.5, 100_001.0] {
        let refused = sql
            .query_one("SELECT shared.set_time_scale($1)::text", &[&wrong])
            .await;
        assert!(refused.is_err(), "{wrong} was accepted");
    }
    // Modules read the clock and do not set it.
    let module = app.module_sql("order").await;
    let refused = module
        .query_one("SELECT shared.set_time_scale(2)::text", &[])
        .await;
    assert!(refused.is_err());
}
