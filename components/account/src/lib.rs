//! `account`: identity, sessions, profiles, and who follows whom. See the README beside.

/// The module's database. Hashing a password keeps the instance's other requests waiting for the
/// processor, so that how long one of them waits says nothing about the database.
pub const DB: stoa_kit::pg::Db = stoa_kit::pg::Db::new("account_db").patient();

#[cfg(feature = "http")]
pub mod api;
#[cfg(feature = "http")]
pub mod domain;
#[cfg(feature = "http")]
pub mod issuers;
#[cfg(feature = "http")]
pub mod problems;
pub mod store;

#[cfg(feature = "http")]
mod routes {
    use crate::api::{
        accounts, addresses, api_keys, audit, belongings, contacts, erasure, following, identities,
        login, lost_second_factors, me, oidc, passwords, refresh, resets, roles, second_factors,
        sessions, suspensions, verifications,
    };

    stoa_kit::module_routes! {
        accounts::register,
        accounts::profile,
        login::login,
        refresh::refresh,
        sessions::page,
        sessions::logout,
        sessions::logout_everywhere,
        me::read,
        me::update,
        following::page,
        following::follow,
        following::unfollow,
        contacts::list,
        contacts::add,
        contacts::read,
        contacts::change,
        contacts::delete,
        verifications::request,
        verifications::verify,
        addresses::change_email,
        addresses::change_phone,
        passwords::change,
        resets::request,
        resets::confirm,
        second_factors::read,
        second_factors::enrol,
        second_factors::confirm,
        second_factors::remove,
        second_factors::renew_recovery_codes,
        roles::read,
        roles::replace,
        suspensions::suspend,
        suspensions::reinstate,
        lost_second_factors::take_away,
        audit::page,
        oidc::begin,
        oidc::finish,
        identities::list,
        identities::unlink,
        api_keys::make,
        api_keys::list,
        api_keys::revoke,
        api_keys::exchange,
        belongings::favorites,
        belongings::favor,
        belongings::unfavor,
        belongings::put_device,
        belongings::devices,
        belongings::delete_device,
        belongings::preferences,
        belongings::put_preferences,
        erasure::export,
        erasure::erase,
    }
}
#[cfg(feature = "http")]
pub use problems::PROBLEMS;
#[cfg(all(feature = "http", not(target_arch = "wasm32")))]
pub use routes::openapi;
#[cfg(feature = "http")]
pub use routes::router;

#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(all(test, feature = "http"))]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    fn references(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(object) => {
                if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                    found.insert(reference.trim_start_matches('#').to_owned());
                }
                object.values().for_each(|v| references(v, found));
            }
            Value::Array(array) => array.iter().for_each(|v| references(v, found)),
            _ => {}
        }
    }

    #[test]
    fn the_document_is_whole_and_its_operations_have_names_of_their_own() {
        let document = serde_json::to_value(crate::openapi()).unwrap();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        assert!(found.contains("/components/schemas/Account"));
        for reference in found {
            assert!(document.pointer(&reference).is_some(), "{reference}");
        }
        let ids: Vec<&str> = document["paths"]
            .as_object()
            .unwrap()
            .values()
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation["operationId"].as_str())
            .collect();
        assert_eq!(ids.len(), 53);
        assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 53, "{ids:?}");
    }

    /// Building the router panics when two routes clash.
    #[test]
    fn the_routes_fit_together() {
        let _ = crate::router();
    }
}
