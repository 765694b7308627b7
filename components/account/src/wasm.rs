//! What the component exports. Only on wasm32: a crate with exports does not link natively.

#[cfg(feature = "provider")]
mod provider {
    mod bindings {
        #![allow(clippy::all, missing_docs, reason = "generated")]
        spin_sdk::wit_bindgen::generate!({
            path: ["../../wit/types", "../../wit/events", "../../wit/account"],
            world: "stoa:account/provider",
            runtime_path: "spin_sdk::wit_bindgen::rt",
            with: {
                "stoa:types/common@0.1.0": stoa_events::bindings::stoa::types::common,
                "stoa:events/types@0.1.0": stoa_events::bindings::stoa::events::types,
            },
        });
    }

    use bindings::exports::stoa::account::contacts::{Contact, Fault, Guest};

    use crate::store::contacts;

    struct Component;
    bindings::export!(Component with_types_in bindings);
    stoa_events::module_events!(
        "account",
        crate::DB,
        bindings::exports::stoa::account::events,
        Component
    );

    impl Guest for Component {
        async fn get_contact(
            account_id: String,
            contact_id: Option<String>,
        ) -> Result<Option<Contact>, Fault> {
            let account = stoa_kit::ids::parse(&account_id).map_err(Fault::Invalid)?;
            let contact = contact_id
                .map(|id| stoa_kit::ids::parse(&id))
                .transpose()
                .map_err(Fault::Invalid)?;
            let row = contacts::get_contact(account, contact)
                .await
                .map_err(stoa_events::fault)?;
            Ok(row.map(|row| Contact {
                id: row.id.to_string(),
                receiver: row.receiver,
                phone: row.phone,
                address_lines: row.address_lines,
                city: row.city,
                region: row.region,
                postal_code: row.postal_code,
                country: row.country,
            }))
        }
    }
}

#[cfg(feature = "http")]
mod service {
    static MODULE: stoa_kit::http::Module = stoa_kit::http::Module {
        name: "account",
        db: crate::DB,
        router: crate::router,
        problems: crate::problems::PROBLEMS,
    };

    #[spin_sdk::http_service]
    async fn serve(request: spin_sdk::http::Request) -> impl spin_sdk::http::IntoResponse {
        stoa_kit::http::handle(&MODULE, request).await
    }
}
