//! Moving an order, and giving its goods back when that ends it.

use stoa_kit::http::{Answer, Idempotency};
use stoa_kit::{Result, redis};
use uuid::Uuid;

use crate::domain::order_state::gives_goods_back;
use crate::peers;
use crate::store::orders::{self, Move};

/// Moves an order. One statement, and one more in inventory when the goods go back.
///
/// # Errors
/// 404, or 409 `wrong_state`, or what the key came to.
pub async fn run(what: Move, idempotency: &Idempotency, trace: Option<String>) -> Result<Answer> {
    let row = orders::transition(&what, idempotency, trace).await?;
    let answer = Answer::from_write(row)?;
    if gives_goods_back(what.side, what.action) {
        // Should it fail, inventory does it when the event arrives there.
        let reason = what.reason.as_deref().unwrap_or("order cancelled");
        if let Err(error) = peers::restock(&[what.order], reason).await {
            eprintln!(
                "order {}: its goods go back by the event: {error:?}",
                what.order
            );
        }
    }
    redis::ring_relay();
    Ok(answer)
}

/// Confirms several of a seller's orders, each for itself. One statement.
///
/// # Errors
/// What the key came to.
pub async fn confirm_many(
    seller: Uuid,
    orders: &[Uuid],
    idempotency: &Idempotency,
    trace: Option<String>,
) -> Result<Answer> {
    let row = orders::confirm_many(seller, orders, idempotency, trace).await?;
    let answer = Answer::from_write(row)?;
    redis::ring_relay();
    Ok(answer)
}
