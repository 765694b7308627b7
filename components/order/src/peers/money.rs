//! What a checkout owes, and how it is settled.

use serde::{Deserialize, Serialize};
use stoa_kit::local;
use uuid::Uuid;

use super::PeerError;
use super::bindings::stoa::payment::sessions;
use crate::domain::plan::Plan;

/// What is to be paid, and how.
#[derive(Debug)]
pub struct NewSession<'a> {
    pub checkout: Uuid,
    pub payer: Uuid,
    pub plan: &'a Plan,
    pub use_wallet: bool,
    pub provider: Option<&'a str>,
    pub method: Option<Uuid>,
    pub return_url: Option<&'a str>,
    pub ttl_s: u32,
}

/// What came of opening a payment session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opened {
    Open(Session),
    /// The wallet would have to cover all of it, and holds only so much.
    InsufficientFunds(i64),
    /// The provider cannot be used for this, for that reason.
    Unusable(String),
    /// The provider declined, for that reason.
    Declined(String),
    /// It was closed before.
    Ended,
}

/// A payment session that is open or settled.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Session {
    /// All is paid, and the money is in escrow.
    pub settled: bool,
    /// Minor units that came from the wallet.
    pub from_wallet: i64,
    /// Where the buyer pays the rest.
    pub pay_url: Option<String>,
}

/// What came of closing a payment session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Nothing was paid, and nothing can be any more.
    Unpaid,
    /// It had been paid before.
    Paid,
}

/// Opens the payment session of a checkout, or finds how it stands. May be repeated.
pub async fn open(new: NewSession<'_>) -> Result<Opened, PeerError> {
    let parts = new
        .plan
        .parts()
        .into_iter()
        .map(|part| sessions::Part {
            order_id: part.order_id.to_string(),
            seller_id: part.seller_id.to_string(),
            goods: part
                .goods
                .into_iter()
                .map(|(category_path, amount)| sessions::Goods {
                    amount,
                    category_path,
                })
                .collect(),
            shipping: part.shipping,
            subsidy: part.subsidy,
            cashback_by_platform: part.cashback_by_platform,
            cashback_by_seller: part.cashback_by_seller,
        })
        .collect();
    let opened = local(sessions::open(sessions::NewSession {
        session_id: new.checkout.to_string(),
        payer_id: new.payer.to_string(),
        currency: new.plan.currency.clone(),
        wallet_limit: if new.use_wallet { new.plan.total } else { 0 },
        provider: new.provider.map(str::to_owned),
        method_id: new.method.map(|id| id.to_string()),
        parts,
        ttl_s: new.ttl_s,
        return_url: new.return_url.map(str::to_owned),
    }));
    match opened.await {
        Ok(session) => Ok(match session.state {
            sessions::State::Open | sessions::State::Settled => Opened::Open(Session {
                settled: session.state == sessions::State::Settled,
                from_wallet: session.from_wallet,
                pay_url: session.pay_url,
            }),
            sessions::State::Cancelled | sessions::State::Expired => Opened::Ended,
        }),
        Err(sessions::Refusal::InsufficientFunds(available)) => {
            Ok(Opened::InsufficientFunds(available))
        }
        Err(sessions::Refusal::ProviderUnusable(reason)) => Ok(Opened::Unusable(reason)),
        Err(sessions::Refusal::Declined(reason)) => Ok(Opened::Declined(reason)),
        Err(sessions::Refusal::Ended) => Ok(Opened::Ended),
        Err(sessions::Refusal::Settled) => {
            Err(PeerError::Broken("opening was refused as settled".into()))
        }
        Err(sessions::Refusal::Fault(fault)) => Err(fault.into()),
    }
}

/// Closes the payment session of a checkout, unless it is paid. May be repeated, and comes before
/// opening if it has to: that is refused then.
pub async fn close(checkout: Uuid, expired: bool, reason: &str) -> Result<Closed, PeerError> {
    let closed = sessions::cancel(checkout.to_string(), expired, reason.to_owned());
    match local(closed).await {
        Ok(()) | Err(sessions::Refusal::Ended) => Ok(Closed::Unpaid),
        Err(sessions::Refusal::Settled) => Ok(Closed::Paid),
        Err(other) => Err(broken(other)),
    }
}

/// Gives what is left of a paid session's money back. May be repeated. That some of it was paid out breaks
/// the contract: a person has to look.
pub async fn refund(checkout: Uuid, reason: &str) -> Result<(), PeerError> {
    local(sessions::refund(checkout.to_string(), reason.to_owned()))
        .await
        .map_err(broken)
}

fn broken(refusal: sessions::Refusal) -> PeerError {
    match refusal {
        sessions::Refusal::Fault(fault) => fault.into(),
        other => PeerError::Broken(format!("a payment session refused: {other:?}")),
    }
}
