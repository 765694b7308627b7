//! The end at the caller: the interface of `promotion`, and HTTP behind it.

use stoa_kit::http::service::remote::{Remote, Unanswered};

use self::bindings::exports::stoa::promotion::pricing::{
    Basket, Fault, Guest, Quotation, Refusal, Usage,
};
use crate::INTERFACE;

mod bindings {
    #![allow(clippy::all, missing_docs, reason = "generated")]
    spin_sdk::wit_bindgen::generate!({
        path: ["../../wit/types", "../../wit/events", "../../wit/promotion"],
        world: "stoa:promotion/remote",
        runtime_path: "spin_sdk::wit_bindgen::rt",
        additional_derives: [serde::Serialize, serde::Deserialize],
        generate_all,
    });
}

const PROMOTION: Remote = Remote {
    module: "promotion",
    url: "promotion_url",
};

struct Component;
bindings::export!(Component with_types_in bindings);

impl Guest for Component {
    async fn quote(basket: Basket) -> Result<Quotation, Fault> {
        PROMOTION
            .call(INTERFACE, stringify!(quote), &(basket,))
            .await
            .unwrap_or_else(|unanswered| Err(fault(unanswered)))
    }

    async fn hold(
        reference: String,
        buyer_id: String,
        currency: String,
        usages: Vec<Usage>,
        ttl_s: u32,
    ) -> Result<(), Refusal> {
        let arguments = (reference, buyer_id, currency, usages, ttl_s);
        PROMOTION
            .call(INTERFACE, stringify!(hold), &arguments)
            .await
            .unwrap_or_else(refused)
    }

    async fn commit(reference: String) -> Result<(), Refusal> {
        PROMOTION
            .call(INTERFACE, stringify!(commit), &(reference,))
            .await
            .unwrap_or_else(refused)
    }

    async fn release(reference: String) -> Result<(), Refusal> {
        PROMOTION
            .call(INTERFACE, stringify!(release), &(reference,))
            .await
            .unwrap_or_else(refused)
    }
}

fn refused(unanswered: Unanswered) -> Result<(), Refusal> {
    Err(Refusal::Fault(fault(unanswered)))
}

fn fault(unanswered: Unanswered) -> Fault {
    match unanswered {
        Unanswered::Invalid(text) => Fault::Invalid(text),
        Unanswered::Unavailable(text) => Fault::Unavailable(text),
    }
}
