//! Many buyers at once, of stock that lies in several warehouses.

use std::sync::atomic::{AtomicBool, Ordering};

use futures::future::join_all;

use super::{import_to, switch, warehouse};
use crate::support::app::shared;
use crate::support::goods::{Goods, buy, goods, import, reconciled, stock};
use crate::support::rush::carts_in_opposite_orders;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixty_four_carts_in_opposite_orders_get_exactly_what_lies_in_three_warehouses() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let mut places = Vec::new();
    for (name, priority) in [("north", 1), ("middle", 2), ("south", 3)] {
        places.push(warehouse(&seller, name, priority).await);
    }
    let mut shelf: Vec<Goods> = Vec::new();
    for (n, name) in ["A", "B", "C", "D", "E"].into_iter().enumerate() {
        let product = goods(app, &seller, name, 1_000, 0).await;
        // `UNITS` of each, spread differently.
        for (place, units) in places.iter().zip([10 + n as u32, 20, 20 - n as u32]) {
            import_to(&seller, place, &product.variant, units).await;
        }
        shelf.push(product);
    }
    carts_in_opposite_orders(app, &shelf).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warehouse_switched_on_and_off_among_orders_oversells_nothing_and_loses_nothing() {
    let app = shared();
    let seller = app.someone("Seller").await;
    let tea = goods(app, &seller, "Tea", 1_000, 0).await;
    let north = warehouse(&seller, "north", 1).await;
    import_to(&seller, &north, &tea.variant, 20).await;
    import(&seller, &tea.variant, 20).await;
    let buyers =
        join_all((0..8).map(|i| async move { app.someone(&format!("Buyer{i}")).await })).await;

    let done = AtomicBool::new(false);
    let shopping = async {
        let sold = join_all(buyers.iter().map(|buyer| async {
            let mut sold = 0;
            for _ in 0..6 {
                let reply = buy(buyer, &[(&tea.variant, 1)]).await;
                match reply.status {
                    201 => sold += 1,
                    _ => reply.expect_problem(409, "insufficient_stock"),
                }
            }
            sold
        }))
        .await;
        done.store(true, Ordering::Relaxed);
        sold.iter().sum::<i64>()
    };
    let switching = async {
        let mut active = true;
        while !done.load(Ordering::Relaxed) || !active {
            active = !active;
            switch(&seller, "main", active).await;
        }
    };
    let (sold, ()) = tokio::join!(shopping, switching);
    assert_eq!(stock(app, &tea.variant).await, (40 - sold, 0));
    reconciled(app).await;
}
