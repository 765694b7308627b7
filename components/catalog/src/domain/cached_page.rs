//! When a product's page from the cache may be answered. Why it is so is in
//! `docs/decisions/0003-product-cache.md`.

use uuid::Uuid;

/// Who reads, and what they may not be answered with.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reader {
    /// The account, where signed in.
    pub account: Option<Uuid>,
    /// Moderators see what nobody else does, and change it.
    pub moderator: bool,
    /// The newest version that the reader says to have seen, by `If-None-Match`.
    pub seen: Option<i64>,
    /// The reader asked for no cached answer.
    pub fresh: bool,
}

impl Reader {
    /// Whether this reader is ever answered from the cache. Those who change a product, its seller and
    /// moderators, always read the truth: then what they have just written cannot be missing, even
    /// when the cache did not hear of it.
    pub fn may_be_answered_from_cache(&self, seller: Uuid) -> bool {
        !self.moderator && self.account != Some(seller)
    }
}

/// A public page with the version it is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CachedPage {
    pub version: i64,
    pub body: String,
}

/// What one look into the cache found.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// The page as it was stored.
    pub page: Option<String>,
    /// The highest version that anybody was answered or has written.
    pub floor: Option<i64>,
    /// Ends when Redis loses its keys or restarts.
    pub epoch: String,
    /// Redis' clock, in milliseconds.
    pub at_ms: i64,
}

impl Look {
    /// The page, if this reader may be answered with it.
    pub fn hit(&self, reader: &Reader) -> Option<CachedPage> {
        let (header, body) = self.page.as_deref()?.split_once('\n')?;
        let mut header = header.split(' ');
        let version: i64 = header.next()?.parse().ok()?;
        let epoch = header.next()?;
        let seller: Uuid = header.next()?.parse().ok()?;
        let valid = !reader.fresh
            && reader.may_be_answered_from_cache(seller)
            && epoch == self.epoch
            && version >= self.floor?
            && reader.seen.is_none_or(|seen| version >= seen);
        valid.then(|| CachedPage {
            version,
            body: body.to_owned(),
        })
    }
}

/// A page as it is stored, for [`Look::hit`] to read.
pub fn stored(version: i64, epoch: &str, seller: Uuid, body: &str) -> String {
    format!("{version} {epoch} {seller}\n{body}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SELLER: Uuid = Uuid::from_u128(7);

    fn look(version: i64, floor: Option<i64>) -> Look {
        Look {
            page: Some(stored(version, "run:mark", SELLER, "{}\n")),
            floor,
            epoch: "run:mark".into(),
            at_ms: 0,
        }
    }

    #[test]
    fn a_page_comes_back_as_it_was_stored() {
        let hit = look(3, Some(3)).hit(&Reader::default());
        assert_eq!(
            hit,
            Some(CachedPage {
                version: 3,
                body: "{}\n".into()
            })
        );
    }

    #[test]
    fn a_page_below_the_floor_or_without_one_is_not_answered() {
        assert!(look(3, Some(2)).hit(&Reader::default()).is_some());
        assert_eq!(look(3, Some(4)).hit(&Reader::default()), None);
        assert_eq!(look(3, None).hit(&Reader::default()), None);
    }

    #[test]
    fn a_page_older_than_what_the_reader_saw_is_not_answered() {
        let reader = |seen| Reader {
            seen: Some(seen),
            ..Reader::default()
        };
        assert_eq!(look(3, Some(3)).hit(&reader(4)), None);
        assert!(look(3, Some(3)).hit(&reader(3)).is_some());
    }

    #[test]
    fn a_page_of_an_earlier_epoch_is_not_answered() {
        let look = Look {
            epoch: "run:other".into(),
            ..look(3, Some(3))
        };
        assert_eq!(look.hit(&Reader::default()), None);
    }

    #[test]
    fn the_seller_moderators_and_whoever_asks_for_it_read_the_truth() {
        for reader in [
            Reader {
                account: Some(SELLER),
                ..Reader::default()
            },
            Reader {
                moderator: true,
                ..Reader::default()
            },
            Reader {
                fresh: true,
                ..Reader::default()
            },
        ] {
            assert_eq!(look(3, Some(3)).hit(&reader), None);
        }
        let buyer = Reader {
            account: Some(Uuid::from_u128(8)),
            ..Reader::default()
        };
        assert!(look(3, Some(3)).hit(&buyer).is_some());
    }

    proptest! {
        #[test]
        fn rubbish_is_never_answered(page in "\\PC{0,40}\n?\\PC{0,40}") {
            let look = Look { page: Some(page), floor: Some(0), epoch: "run:mark".into(), at_ms: 0 };
            prop_assert_eq!(look.hit(&Reader::default()), None);
        }

        #[test]
        fn no_hit_is_older_than_the_floor_or_than_what_was_seen(
            version in 1_i64..9, floor in 1_i64..9, seen in proptest::option::of(1_i64..9),
        ) {
            let hit = look(version, Some(floor)).hit(&Reader { seen, ..Reader::default() });
            prop_assert_eq!(hit.is_some(), version >= floor && seen.is_none_or(|s| version >= s));
        }
    }
}
