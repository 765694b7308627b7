//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    use serde_json::Value;
    use stoa_events::fault;
    use stoa_kit::pg::DbError;
    use stoa_kit::{Error, ids, money};

    use self::bindings::exports::stoa::payment::rates as wit_rates;
    use self::bindings::exports::stoa::payment::sessions as wit;
    use crate::charging::{self, Charged, NotCharged};
    use crate::domain::parts::{self, Goods, Part};
    use crate::domain::states::SessionState;
    use crate::store::rates::Rates;
    use crate::store::sessions::{self, NewSession, Session};
    use crate::{providers, rates};

    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/payment"],
            world: "stoa:payment/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "payment",
        crate::DB,
        bindings::exports::stoa::payment::events,
        Component
    );

    // None of these rings for the relay: whoever calls has published too, and rings once for all.
    impl wit::Guest for Component {
        async fn open(new: wit::NewSession) -> Result<wit::Session, wit::Refusal> {
            let new = read(new).map_err(invalid)?;
            // Cash is no provider to be asked; where the wallet does not cover all, opening refuses.
            if let Some(provider) = new.provider.as_deref().filter(|name| *name != "cod") {
                providers::find(provider, &new.currency)
                    .await
                    .map_err(|e| wit::Refusal::ProviderUnusable(e.to_string()))?;
            }
            let opened = sessions::open(&new, ids::new_id()).await.map_err(refused)?;
            match charging::bring(opened, None).await {
                Ok(Charged::Standing(session)) => match session.state {
                    SessionState::Open | SessionState::Settled => Ok(answer(&session)),
                    SessionState::Cancelled | SessionState::Expired => Err(wit::Refusal::Ended),
                },
                Ok(Charged::Declined(reason)) => Err(wit::Refusal::Declined(reason)),
                Err(NotCharged::Unknown(text)) => {
                    Err(wit::Refusal::Fault(wit::Fault::Unavailable(text)))
                }
                Err(NotCharged::Db(error)) => Err(refused(error)),
            }
        }

        async fn get(session_id: String) -> Result<Option<wit::Session>, wit::Fault> {
            let id = ids::parse(&session_id).map_err(wit::Fault::Invalid)?;
            let found = sessions::get(id).await.map_err(fault)?;
            Ok(found.as_ref().map(answer))
        }

        async fn cancel(
            session_id: String,
            expired: bool,
            reason: String,
        ) -> Result<(), wit::Refusal> {
            let id = ids::parse(&session_id).map_err(invalid)?;
            let closed = sessions::cancel(id, expired, &reason)
                .await
                .map_err(refused)?;
            if !closed.closed {
                return Err(wit::Refusal::Settled);
            }
            charging::give_up(&closed.attempts).await;
            Ok(())
        }

        async fn refund(session_id: String, reason: String) -> Result<(), wit::Refusal> {
            let id = ids::parse(&session_id).map_err(invalid)?;
            sessions::refund_all(id, &reason).await.map_err(refused)
        }
    }

    impl wit_rates::Guest for Component {
        async fn look(
            quote: String,
            bases: Vec<String>,
        ) -> Result<Vec<wit_rates::Rate>, wit_rates::Refusal> {
            check_currencies(&quote, &bases).map_err(invalid_rates)?;
            let found = rates::into(&quote, &bases).await;
            found.map(told).map_err(no_rates)
        }

        async fn freeze(
            account_id: String,
            reference: String,
            quote: String,
            bases: Vec<String>,
        ) -> Result<wit_rates::Snapshot, wit_rates::Refusal> {
            let account = ids::parse(&account_id).map_err(invalid_rates)?;
            let checkout = ids::parse(&reference).map_err(invalid_rates)?;
            check_currencies(&quote, &bases).map_err(invalid_rates)?;
            let frozen = rates::frozen(account, checkout, &quote, &bases).await;
            Ok(wit_rates::Snapshot {
                id: reference,
                rates: told(frozen.map_err(no_rates)?),
            })
        }
    }

    fn check_currencies(quote: &str, bases: &[String]) -> Result<(), String> {
        let mut all = bases.iter().map(String::as_str).chain([quote]);
        match all.find(|code| !money::is_currency(code)) {
            Some(code) => Err(format!("{code:?} is no currency")),
            None if bases.is_empty() => Err("no bases".into()),
            None if bases.iter().any(|base| base == quote) => {
                Err(format!("{quote} is not converted into itself"))
            }
            None => Ok(()),
        }
    }

    fn told(rates: Rates) -> Vec<wit_rates::Rate> {
        rates
            .into_iter()
            .map(|(base, rate)| wit_rates::Rate { base, rate })
            .collect()
    }

    fn invalid_rates(text: String) -> wit_rates::Refusal {
        wit_rates::Refusal::Fault(wit::Fault::Invalid(text))
    }

    fn no_rates(error: Error) -> wit_rates::Refusal {
        match error {
            Error::Problem { code, facts } if code == "rate_unavailable" => {
                wit_rates::Refusal::Missing(rates::missing(&facts))
            }
            Error::Unavailable(text) => wit_rates::Refusal::Fault(wit::Fault::Unavailable(text)),
            other => invalid_rates(other.to_string()),
        }
    }

    fn read(new: wit::NewSession) -> Result<NewSession, String> {
        let payer = ids::parse(&new.payer_id)?;
        let parts = new
            .parts
            .into_iter()
            .map(part)
            .collect::<Result<Vec<Part>, String>>()?;
        parts::total(payer, &parts)?;
        if !money::is_currency(&new.currency) {
            return Err(format!("{:?} is no currency", new.currency));
        }
        if !(1..=parts::LONGEST_S).contains(&new.ttl_s) {
            return Err(format!("{} s; 1 to {}", new.ttl_s, parts::LONGEST_S));
        }
        Ok(NewSession {
            id: ids::parse(&new.session_id)?,
            payer,
            currency: new.currency,
            wallet_limit: new.wallet_limit,
            provider: new.provider,
            method: new.method_id.as_deref().map(ids::parse).transpose()?,
            parts,
            ttl_s: new.ttl_s,
            return_url: new.return_url,
        })
    }

    fn part(part: wit::Part) -> Result<Part, String> {
        Ok(Part {
            order_id: ids::parse(&part.order_id)?,
            seller_id: ids::parse(&part.seller_id)?,
            goods: part
                .goods
                .into_iter()
                .map(|goods| Goods {
                    amount: goods.amount,
                    category_path: goods.category_path,
                })
                .collect(),
            shipping: part.shipping,
            subsidy: part.subsidy,
            cashback_by_platform: part.cashback_by_platform,
            cashback_by_seller: part.cashback_by_seller,
        })
    }

    fn answer(session: &Session) -> wit::Session {
        wit::Session {
            id: session.id.to_string(),
            state: match session.state {
                SessionState::Open => wit::State::Open,
                SessionState::Settled => wit::State::Settled,
                SessionState::Cancelled => wit::State::Cancelled,
                SessionState::Expired => wit::State::Expired,
            },
            total: wit::Money {
                amount: session.total,
                currency: session.currency.clone().unwrap_or_default(),
            },
            outstanding: session.outstanding,
            from_wallet: session.from_wallet,
            pay_url: session.pay_url.clone(),
        }
    }

    fn invalid(text: String) -> wit::Refusal {
        wit::Refusal::Fault(wit::Fault::Invalid(text))
    }

    fn refused(error: DbError) -> wit::Refusal {
        let DbError::Refused { code, facts } = &error else {
            return wit::Refusal::Fault(fault(error));
        };
        match code.as_str() {
            "insufficient_funds" => wit::Refusal::InsufficientFunds(
                facts.get("available").and_then(Value::as_i64).unwrap_or(0),
            ),
            "provider_unusable" => wit::Refusal::ProviderUnusable(
                facts
                    .get("reason")
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned(),
            ),
            _ => wit::Refusal::Fault(fault(error)),
        }
    }
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "payment",
        db: crate::DB,
        router: crate::router,
        problems: crate::problems::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}

#[cfg(feature = "flows")]
mod lane {
    use crate::flows;
    use crate::providers::sandbox;

    /// The message only wakes; what there is to do stands in the tables.
    #[spin_sdk::redis_subscriber]
    async fn wake(_: Vec<u8>) -> Result<(), std::convert::Infallible> {
        stoa_durable::lane(&flows::ENGINE, flows::LANE, &flows::kinds()).await;
        sandbox::send_due().await;
        flows::payouts::run_due().await;
        Ok(())
    }
}
