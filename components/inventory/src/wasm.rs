//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    use stoa_events::fault;
    use stoa_kit::ids;
    use stoa_kit::pg::DbError;
    use uuid::Uuid;

    use self::bindings::exports::stoa::inventory::stock;
    use crate::domain::reservation::{self, Outcome};
    use crate::store::{reservations, shelves};

    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/inventory"],
            world: "stoa:inventory/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    /// Most shelves of one look-up.
    const MOST_SHELVES: usize = 200;

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "inventory",
        crate::DB,
        bindings::exports::stoa::inventory::events,
        Component
    );

    // None of these rings for the relay: whoever calls has published too, and rings once for all.
    impl stock::Guest for Component {
        async fn reserve(
            checkout_id: String,
            groups: Vec<stock::Group>,
            ttl_s: u32,
        ) -> Result<(), stock::Refusal> {
            let (checkout, groups) = read(&checkout_id, &groups)
                .and_then(|asked| reservation::check(&asked.1, ttl_s).map(|()| asked))
                .map_err(|text| stock::Refusal::Fault(stock::Fault::Invalid(text)))?;
            match reservations::reserve(checkout, &groups, ttl_s).await {
                Ok(Outcome::Ok(_)) => Ok(()),
                Ok(Outcome::Short(lines)) => Err(stock::Refusal::Short(
                    lines
                        .into_iter()
                        .map(|line| stock::Shortage {
                            variant_id: line.variant_id.to_string(),
                            wanted: line.wanted,
                            available: line.available,
                        })
                        .collect(),
                )),
                Ok(Outcome::Ended(order)) => Err(stock::Refusal::Ended(order.to_string())),
                Ok(other) => Err(stock::Refusal::Fault(unexpected(&other))),
                Err(error) => Err(stock::Refusal::Fault(fault(error))),
            }
        }

        async fn commit(order_ids: Vec<String>) -> Result<(), stock::StateError> {
            let orders = orders(&order_ids)?;
            done(reservations::sell(&orders).await)
        }

        async fn release(order_ids: Vec<String>, reason: String) -> Result<(), stock::StateError> {
            let orders = orders(&order_ids)?;
            done(reservations::release(&orders, reason).await)
        }

        async fn restock(order_ids: Vec<String>, reason: String) -> Result<(), stock::StateError> {
            let orders = orders(&order_ids)?;
            done(reservations::restock(&orders, reason).await)
        }

        async fn look(
            shelves: Vec<stock::Shelf>,
        ) -> Result<Vec<stock::Availability>, stock::Fault> {
            if shelves.len() > MOST_SHELVES {
                return Err(stock::Fault::Invalid(format!(
                    "{} shelves; at most {MOST_SHELVES} at once",
                    shelves.len()
                )));
            }
            let mut wanted = Vec::with_capacity(shelves.len());
            for shelf in &shelves {
                let ids = ids::parse(&shelf.variant_id)
                    .and_then(|variant| Ok((variant, ids::parse(&shelf.seller_id)?)));
                wanted.push(ids.map_err(stock::Fault::Invalid)?);
            }
            if wanted.is_empty() {
                return Ok(Vec::new());
            }
            let found = shelves::look(&wanted).await.map_err(fault)?;
            Ok(found
                .into_iter()
                .map(|shelf| stock::Availability {
                    variant_id: shelf.variant.to_string(),
                    seller_id: shelf.seller.to_string(),
                    available: u32::try_from(shelf.available).unwrap_or(u32::MAX),
                })
                .collect())
        }
    }

    fn read(
        checkout: &str,
        groups: &[stock::Group],
    ) -> Result<(Uuid, Vec<reservation::Group>), String> {
        let mut read = Vec::with_capacity(groups.len());
        for group in groups {
            let mut lines = Vec::with_capacity(group.lines.len());
            for line in &group.lines {
                lines.push(reservation::Line {
                    variant_id: ids::parse(&line.variant_id)?,
                    quantity: line.quantity,
                });
            }
            read.push(reservation::Group {
                order_id: ids::parse(&group.order_id)?,
                seller_id: ids::parse(&group.seller_id)?,
                lines,
            });
        }
        Ok((ids::parse(checkout)?, read))
    }

    fn orders(order_ids: &[String]) -> Result<Vec<Uuid>, stock::StateError> {
        order_ids
            .iter()
            .map(|id| ids::parse(id))
            .collect::<Result<_, _>>()
            .map_err(|text| stock::StateError::Fault(stock::Fault::Invalid(text)))
    }

    fn done(outcome: Result<Outcome, DbError>) -> Result<(), stock::StateError> {
        match outcome {
            Ok(Outcome::Ok(_)) => Ok(()),
            Ok(Outcome::Unknown(_)) => Err(stock::StateError::Unknown),
            Ok(Outcome::WrongState(state)) => Err(stock::StateError::WrongState(state)),
            Ok(other) => Err(stock::StateError::Fault(unexpected(&other))),
            Err(error) => Err(stock::StateError::Fault(fault(error))),
        }
    }

    fn unexpected(outcome: &Outcome) -> stock::Fault {
        stock::Fault::Invalid(format!("unexpected outcome {outcome:?}"))
    }
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "inventory",
        db: crate::DB,
        router: crate::router,
        problems: crate::problems::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}
