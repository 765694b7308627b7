//! Lists of variants in requests.

use std::collections::BTreeSet;

use uuid::Uuid;

/// Most variants whose availability is asked for at once.
pub const MOST_VARIANTS: usize = 100;

/// Reads `a,b,c`: 1 to 100 ids. One named twice counts once.
#[must_use]
pub fn read_list(text: &str) -> Option<Vec<Uuid>> {
    let mut ids = BTreeSet::new();
    for part in text.split(',') {
        ids.insert(Uuid::try_parse(part.trim()).ok()?);
        if ids.len() > MOST_VARIANTS {
            return None;
        }
    }
    Some(ids.into_iter().collect())
}

/// Positions of ids that stand in the list before.
pub fn repeated(ids: impl IntoIterator<Item = Uuid>) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    ids.into_iter()
        .enumerate()
        .filter_map(|(position, id)| (!seen.insert(id)).then_some(position))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_ids_is_read_once_each() {
        let (a, b) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(read_list(&format!("{b}, {a},{b}")), Some(vec![a, b]));
    }

    #[test]
    fn rubbish_nothing_and_too_many_are_no_list() {
        let many: Vec<String> = (0..101).map(|i| Uuid::from_u128(i).to_string()).collect();
        for text in ["", ",", "x", &format!("{},", Uuid::nil()), &many.join(",")] {
            assert_eq!(read_list(text), None, "{text}");
        }
        assert!(read_list(&many[..100].join(",")).is_some());
    }

    #[test]
    fn repetitions_are_found_where_they_stand() {
        let [a, b] = [1, 2].map(Uuid::from_u128);
        assert_eq!(repeated([a, b, a, b, b]), [2, 3, 4]);
        assert!(repeated([a, b]).is_empty());
    }
}
