//! Ids of orders, made before anything is reserved.

use uuid::{Builder, Uuid};

/// The id of the order that a checkout has at a seller. A checkout that is tried again finds what
/// the first try reserved, because the id is derived: version 7 with the checkout's time, so that
/// orders sort by when they were placed, and with the hash of a version 5 in place of randomness.
#[must_use]
pub fn order_id(checkout: Uuid, seller: Uuid) -> Uuid {
    const TIME: u128 = u128::MAX << 80;
    let hash = Uuid::new_v5(&checkout, seller.as_bytes()).as_u128();
    Builder::from_u128((checkout.as_u128() & TIME) | (hash & !TIME))
        .with_version(uuid::Version::SortRand)
        .with_variant(uuid::Variant::RFC4122)
        .into_uuid()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_checkout_and_seller_give_the_same_order() {
        let (checkout, seller) = (Uuid::now_v7(), Uuid::now_v7());
        assert_eq!(order_id(checkout, seller), order_id(checkout, seller));
    }

    /// Orders in the database refer to ids derived this way: the derivation cannot change.
    #[test]
    fn the_derivation_stays_as_it_is() {
        let checkout = Uuid::try_parse("018f0000-0000-7000-8000-000000000001").expect("an id");
        let seller = Uuid::try_parse("018f0000-0000-7000-8000-000000000002").expect("an id");
        assert_eq!(
            order_id(checkout, seller).to_string(),
            "018f0000-0000-769a-9487-5836161d84f4"
        );
    }

    proptest! {
        #[test]
        fn ids_are_of_version_7_at_the_checkouts_time(a: u128, b: u128, c: u128) {
            let (checkout, seller, other) = (Uuid::from_u128(a), Uuid::from_u128(b), Uuid::from_u128(c));
            let id = order_id(checkout, seller);
            prop_assert_eq!(id.get_version_num(), 7);
            prop_assert_eq!(id.as_u128() >> 80, a >> 80);
            prop_assert_ne!(id, checkout);
            if b != c {
                prop_assert_ne!(id, order_id(checkout, other));
            }
        }
    }
}
