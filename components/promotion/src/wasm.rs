//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    use std::collections::BTreeSet;

    use stoa_events::fault;
    use stoa_kit::ids;

    use self::bindings::exports::stoa::promotion::pricing as wit;
    use crate::domain::basket;
    use crate::domain::quote;
    use crate::pricing::{self, Unpriced};
    use crate::store::holds::{self, Refusal, Use};

    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/promotion"],
            world: "stoa:promotion/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    /// Most promotions that one basket uses.
    const MOST_USES: usize = 1_000;
    /// Longest hold, in seconds: 30 days.
    const LONGEST_HOLD: i32 = 30 * 86_400;

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "promotion",
        crate::DB,
        bindings::exports::stoa::promotion::events,
        Component
    );

    // None of these rings for the relay: whoever calls publishes too, and rings once for all.
    impl wit::Guest for Component {
        async fn quote(basket: wit::Basket) -> Result<wit::Quotation, wit::Fault> {
            let basket = read_basket(basket).map_err(wit::Fault::Invalid)?;
            match pricing::quote(&basket).await {
                Ok(quote) => Ok(write_quote(quote)),
                Err(Unpriced::Invalid(text)) => Err(wit::Fault::Invalid(text)),
                Err(Unpriced::Store(error)) => Err(fault(error)),
            }
        }

        async fn hold(
            reference: String,
            buyer_id: String,
            currency: String,
            usages: Vec<wit::Usage>,
            ttl_s: u32,
        ) -> Result<(), wit::Refusal> {
            let (reference, buyer, uses, ttl_s) = read_ids(&reference, &buyer_id)
                .and_then(|(reference, buyer)| {
                    let (uses, ttl_s) = read_uses(&usages, ttl_s)?;
                    Ok((reference, buyer, uses, ttl_s))
                })
                .map_err(invalid)?;
            if !stoa_kit::money::is_currency(&currency) {
                return Err(invalid(format!("{currency:?} is not a currency")));
            }
            holds::hold(reference, buyer, &currency, &uses, ttl_s)
                .await
                .map_err(refusal)
        }

        async fn commit(reference: String) -> Result<(), wit::Refusal> {
            let reference = ids::parse(&reference).map_err(invalid)?;
            holds::commit(reference).await.map_err(refusal)
        }

        async fn release(reference: String) -> Result<(), wit::Refusal> {
            let reference = ids::parse(&reference).map_err(invalid)?;
            holds::release(reference).await.map_err(refusal)
        }
    }

    fn read_ids(reference: &str, buyer: &str) -> Result<(uuid::Uuid, uuid::Uuid), String> {
        Ok((ids::parse(reference)?, ids::parse(buyer)?))
    }

    fn read_uses(usages: &[wit::Usage], ttl_s: u32) -> Result<(Vec<Use>, i32), String> {
        if usages.len() > MOST_USES {
            return Err(format!("more than {MOST_USES} usages"));
        }
        let ttl_s = i32::try_from(ttl_s)
            .ok()
            .filter(|s| (1..=LONGEST_HOLD).contains(s))
            .ok_or_else(|| format!("a hold lasts 1 to {LONGEST_HOLD} seconds, not {ttl_s}"))?;
        let mut uses = Vec::with_capacity(usages.len());
        let mut seen = BTreeSet::new();
        for usage in usages {
            let promotion_id = ids::parse(&usage.promotion_id)?;
            if !seen.insert(promotion_id) {
                return Err(format!("promotion {promotion_id} is used twice"));
            }
            if usage.amount < 0 {
                return Err(format!("the amount {} is below zero", usage.amount));
            }
            uses.push(Use {
                promotion_id,
                version: usage.version,
                amount: usage.amount,
            });
        }
        Ok((uses, ttl_s))
    }

    fn invalid(text: String) -> wit::Refusal {
        wit::Refusal::Fault(wit::Fault::Invalid(text))
    }

    fn refusal(refusal: Refusal) -> wit::Refusal {
        match refusal {
            Refusal::Gone(promotions) => {
                wit::Refusal::Gone(promotions.iter().map(ToString::to_string).collect())
            }
            Refusal::Ended => wit::Refusal::Ended,
            Refusal::Store(error) => wit::Refusal::Fault(fault(error)),
        }
    }

    fn read_basket(asked: wit::Basket) -> Result<basket::Basket, String> {
        let mut lines = Vec::with_capacity(asked.lines.len());
        for line in asked.lines {
            lines.push(basket::Line {
                variant_id: ids::parse(&line.variant_id)?,
                product_id: ids::parse(&line.product_id)?,
                seller_id: ids::parse(&line.seller_id)?,
                category_path: line.category_path,
                quantity: line.quantity,
                unit_price: line.unit_price,
            });
        }
        let mut parcels = Vec::with_capacity(asked.parcels.len());
        for parcel in asked.parcels {
            parcels.push(basket::Parcel {
                seller_id: ids::parse(&parcel.seller_id)?,
                shipping: parcel.shipping,
            });
        }
        Ok(basket::Basket {
            buyer_id: ids::parse(&asked.buyer_id)?,
            currency: asked.currency,
            lines,
            parcels,
            codes: asked.codes,
        })
    }

    fn write_quote(quote: quote::Quote) -> wit::Quotation {
        wit::Quotation {
            lines: quote.lines.into_iter().map(write_priced).collect(),
            parcels: quote.parcels.into_iter().map(write_priced).collect(),
            usages: quote
                .usages
                .into_iter()
                .map(|usage| wit::Usage {
                    promotion_id: usage.promotion_id.to_string(),
                    version: usage.version,
                    code: usage.code,
                    title: usage.title,
                    kind: usage.kind.as_str().to_owned(),
                    amount: usage.amount,
                })
                .collect(),
            cashbacks: quote
                .cashbacks
                .into_iter()
                .map(|cashback| wit::Cashback {
                    promotion_id: cashback.promotion_id.to_string(),
                    seller_id: cashback.seller_id.to_string(),
                    amount: cashback.amount,
                    by_platform: cashback.by_platform,
                })
                .collect(),
            unused: quote
                .unused
                .into_iter()
                .map(|unused| wit::Unused {
                    code: unused.code,
                    promotion_id: unused.promotion_id.map(|id| id.to_string()),
                    reason: unused.reason.as_str().to_owned(),
                })
                .collect(),
            discount: quote.discount,
        }
    }

    fn write_priced(priced: quote::Priced) -> wit::Priced {
        wit::Priced {
            list_total: priced.list_total,
            discount: priced.discount,
            shares: priced
                .shares
                .into_iter()
                .map(|share| wit::Share {
                    promotion_id: share.promotion_id.to_string(),
                    amount: share.amount,
                    units: share.units,
                    by_platform: share.by_platform,
                })
                .collect(),
        }
    }
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "promotion",
        db: crate::DB,
        router: crate::router,
        problems: crate::problems::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}
