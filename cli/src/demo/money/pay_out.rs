//! From the escrow to the seller's bank.

use anyhow::{Result, ensure};
use serde_json::json;

use super::{Cast, Orders, amount, books};
use crate::demo::checks::{Told, dong, until};
use crate::demo::client::text;
use crate::demo::steps::step;
use crate::progress::Progress;

pub async fn released(
    cast: &Cast,
    orders: &Orders,
    told: &mut Told,
    progress: &Progress,
) -> Result<()> {
    let (chi, eva, order) = (&cast.chi, &cast.eva, &orders.vases);
    let title = "the vases arrive, Eva completes, and Chi is paid";
    step(progress, title, async {
        let sale = format!("/v1/sales/{order}");
        chi.post(&format!("{sale}/confirm"), json!({})).await?;
        told.hears(eva, "order.confirmed", order).await?;
        chi.post(&format!("{sale}/ship"), json!({"carrier": "self"}))
            .await?;
        told.hears(eva, "order.shipped", order).await?;
        chi.post(&format!("{sale}/deliver"), json!({})).await?;
        told.hears(eva, "order.delivered", order).await?;
        eva.post(&format!("/v1/orders/{order}/complete"), json!({}))
            .await?;
        told.hears(chi, "order.completed", order).await?;
        told.hears(chi, "payout.released", order).await?;
        let paid = amount::VASES_PAID - amount::COMMISSION;
        books::wallet(chi, "available", paid).await?;
        books::wallet(chi, "in_escrow", 0).await?;
        let found = format!("{} and {} commission", dong(paid), dong(amount::COMMISSION));
        Ok(((), found))
    })
    .await
}

pub async fn withdrawn(cast: &Cast, told: &mut Told, progress: &Progress) -> Result<()> {
    let (chi, mai) = (&cast.chi, &cast.mai);
    let title = "Chi says who she is and withdraws, Mai approves both";
    step(progress, title, async {
        let identity = json!({
            "legal_name": "Chi", "country": "VN", "birth_date": "1990-05-17",
            "document_kind": "national_id", "document_number": "001190012345",
        });
        let identity = chi.post("/v1/payout-identities", identity).await?;
        let identity = text(&identity["id"])?;
        let bank = json!({
            "bank_code": "VCB", "number": "0071000123456", "holder": "CHI", "currency": "VND",
        });
        let bank = chi.post("/v1/bank-accounts", bank).await?;
        let too_much = json!({
            "amount": 10_000_000, "currency": "VND", "bank_account_id": bank["id"],
        });
        chi.post_refused("/v1/withdrawals", too_much.clone(), "identity_unchecked")
            .await?;
        let seen = mai
            .get(&format!("/v1/payout-identities/{identity}"))
            .await?;
        ensure!(
            seen["document_number"] == "001190012345",
            "staff do not see the number: {seen}"
        );
        mai.post(
            &format!("/v1/payout-identities/{identity}/approve"),
            json!({}),
        )
        .await?;
        told.hears(chi, "payout.identity_approved", &identity)
            .await?;
        chi.post_refused("/v1/withdrawals", too_much, "insufficient_funds")
            .await?;
        let wish = json!({
            "amount": amount::WITHDRAWN, "currency": "VND", "bank_account_id": bank["id"],
        });
        let withdrawal = chi.post("/v1/withdrawals", wish).await?;
        let id = text(&withdrawal["id"])?;
        books::wallet(chi, "pending_withdrawal", amount::WITHDRAWN).await?;
        let approve = format!("/v1/withdrawals/{id}/approve");
        let reference = json!({"bank_reference": "FT26-0001"});
        chi.post_refused(&approve, reference.clone(), "forbidden")
            .await?;
        ensure!(
            mai.get(&format!("/v1/withdrawals/{id}")).await?["holder_matches"] == true,
            "the holder is somebody else"
        );
        mai.post(&approve, reference).await?;
        told.hears(chi, "withdrawal.paid", &id).await?;
        let (_, took) = until(chi, &format!("/v1/withdrawals/{id}"), |withdrawal| {
            ensure!(
                withdrawal["state"] == "paid",
                "it is not paid: {withdrawal}"
            );
            Ok(())
        })
        .await?;
        books::wallet(chi, "pending_withdrawal", 0).await?;
        let left = amount::VASES_PAID - amount::COMMISSION - amount::WITHDRAWN;
        books::wallet(chi, "available", left).await?;
        let found = format!(
            "{} are at the bank after {} ms, {} stay",
            dong(amount::WITHDRAWN),
            took.as_millis(),
            dong(left)
        );
        Ok(((), found))
    })
    .await
}
