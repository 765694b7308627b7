//! What time does to carts, on an app whose business clock is moved.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;

use super::{call, cart, guest, lines, put, put_as};
use crate::support::app::App;
use crate::support::goods::goods;
use crate::support::{Actor, until};

/// How many reminders somebody has had.
async fn reminders(actor: &Actor) -> usize {
    let list = actor.get("/v1/notifications?limit=100").await.expect(200);
    let items = list["items"].as_array().expect("items").iter();
    items.filter(|n| n["kind"] == "cart.abandoned").count()
}

async fn reminded(actor: &Actor, times: usize) {
    until("the reminder arrives", Duration::from_secs(40), || async {
        let now = reminders(actor).await;
        assert!(now <= times, "reminded {now} times");
        (now == times).then_some(())
    })
    .await;
}

/// Housekeeping, as the relay has it done; some more of it does no harm.
async fn tidy(app: &App) {
    app.module_sql("order")
        .await
        .query("SELECT \"order\".tidy()", &[])
        .await
        .expect("housekeeping");
}

#[tokio::test]
async fn a_forgotten_cart_is_remembered_once_and_goes_after_thirty_days() {
    let app = App::own("carts", &[]);
    let (seller, buyer, empty) = (
        app.someone("Seller").await,
        app.someone("Buyer").await,
        app.someone("Empty").await,
    );
    let tea = goods(&app, &seller, "Tea", 20_000, 5).await;
    put(&buyer, &tea.variant, 2).await.expect(200);
    put(&empty, &tea.variant, 2).await.expect(200);
    assert_eq!(empty.delete("/v1/cart").await.status, 204);
    let (guest, token) = guest(&app).await;
    put_as(&guest, Some(&token), &tea.variant, json!({"quantity": 1}))
        .await
        .expect(200);

    app.pass("23 hours").await;
    tidy(&app).await;
    assert_eq!(reminders(&buyer).await, 0);
    app.pass("2 hours").await;
    reminded(&buyer, 1).await;
    for _ in 0..3 {
        tidy(&app).await;
    }
    app.events_settled().await;
    assert_eq!(reminders(&buyer).await, 1);
    assert_eq!(reminders(&empty).await, 0, "nothing is in it");

    // Touched and forgotten again, it is remembered again.
    put(&buyer, &tea.variant, 3).await.expect(200);
    app.pass("25 hours").await;
    reminded(&buyer, 2).await;

    app.pass("28 days").await;
    tidy(&app).await;
    assert_eq!(lines(&cart(&buyer).await), [(tea.variant.clone(), 3)]);
    app.pass("2 days").await;
    until("the carts are gone", Duration::from_secs(40), || async {
        tidy(&app).await;
        (cart(&buyer).await["version"] == 0).then_some(())
    })
    .await;
    call(&guest, Some(&token), Method::GET, "/v1/cart", None)
        .await
        .expect_problem(404, "not_found");
    app.events_settled().await;
    assert_eq!(reminders(&buyer).await, 2);
    // What is put in next makes a new one.
    assert_eq!(put(&buyer, &tea.variant, 1).await.expect(200)["units"], 1);
}
