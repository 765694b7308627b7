//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/catalog"],
            world: "stoa:catalog/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    use bindings::exports::stoa::catalog::products::{Fault, Guest, ProductStatus, Sku};
    use stoa_events::bindings::stoa::types::common::Money;

    use crate::store::skus::{self, SkuRow};

    /// Most ids of one look-up.
    const LIMIT: usize = 200;

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "catalog",
        crate::DB,
        bindings::exports::stoa::catalog::events,
        Component
    );

    impl Guest for Component {
        async fn get_variants(ids: Vec<String>) -> Result<Vec<Sku>, Fault> {
            if ids.len() > LIMIT {
                return Err(Fault::Invalid(format!(
                    "{} ids; at most {LIMIT} at once",
                    ids.len()
                )));
            }
            for id in &ids {
                stoa_kit::ids::parse(id).map_err(Fault::Invalid)?;
            }
            let rows = skus::get_variants(ids).await.map_err(stoa_events::fault)?;
            rows.into_iter().map(sku).collect()
        }
    }

    fn sku(row: SkuRow) -> Result<Sku, Fault> {
        let status = match row.status.as_str() {
            "draft" => ProductStatus::Draft,
            "active" => ProductStatus::Active,
            "hidden" => ProductStatus::Hidden,
            "taken_down" => ProductStatus::TakenDown,
            other => {
                return Err(Fault::Invalid(format!(
                    "a product in the unknown state {other}"
                )));
            }
        };
        Ok(Sku {
            variant_id: row.variant_id.to_string(),
            product_id: row.product_id.to_string(),
            seller_id: row.seller_id.to_string(),
            product_name: row.product_name,
            attributes: row.attributes,
            code: row.code,
            price: Money {
                amount: row.price,
                currency: row.currency,
            },
            status,
            enabled: row.enabled,
            version: row.version,
            min_per_order: u32::try_from(row.min_per_order).unwrap_or(0),
            max_per_order: u32::try_from(row.max_per_order).unwrap_or(0),
            category_path: row.category_path,
        })
    }
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "catalog",
        db: crate::DB,
        router: crate::router,
        problems: crate::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}
