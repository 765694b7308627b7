//! Single pieces: their serial numbers, their states, and what a seller may do with them by hand. The
//! table here is the only one in Rust; `store/piece_moves_v1.sql` says the same to Postgres, and the
//! README draws it.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Longest serial number.
const LONGEST: usize = 64;

/// Where a piece stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PieceState {
    /// On the shelf: one of `on_hand`.
    Available,
    /// Set aside by the seller.
    Reserved,
    /// An order got it.
    Sold,
    /// Came back from its buyer.
    Returned,
    /// Not for sale.
    Damaged,
}

/// Where a seller may bring a piece by hand: only an order sells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PieceTarget {
    Available,
    Reserved,
    Returned,
    Damaged,
}

/// One arrow of the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    pub from: PieceState,
    pub to: PieceTarget,
    /// By how much it changes what is on hand.
    pub on_hand: i8,
    /// As what it stands in the ledger, if it changes that.
    pub ledger: Option<&'static str>,
}

const fn row(from: PieceState, to: PieceTarget, on_hand: i8, ledger: Option<&'static str>) -> Move {
    Move {
        from,
        to,
        on_hand,
        ledger,
    }
}

/// Every move by hand. What was sold comes back first; only then is anything else done with it.
pub const MOVES: &[Move] = &[
    row(
        PieceState::Available,
        PieceTarget::Reserved,
        -1,
        Some("adjust"),
    ),
    row(
        PieceState::Available,
        PieceTarget::Damaged,
        -1,
        Some("adjust"),
    ),
    row(
        PieceState::Reserved,
        PieceTarget::Available,
        1,
        Some("adjust"),
    ),
    row(PieceState::Reserved, PieceTarget::Damaged, 0, None),
    row(PieceState::Sold, PieceTarget::Returned, 0, None),
    row(
        PieceState::Returned,
        PieceTarget::Available,
        1,
        Some("return"),
    ),
    row(PieceState::Returned, PieceTarget::Reserved, 0, None),
    row(PieceState::Returned, PieceTarget::Damaged, 0, None),
    row(
        PieceState::Damaged,
        PieceTarget::Available,
        1,
        Some("adjust"),
    ),
    row(PieceState::Damaged, PieceTarget::Reserved, 0, None),
];

impl PieceState {
    /// As in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Sold => "sold",
            Self::Returned => "returned",
            Self::Damaged => "damaged",
        }
    }
}

impl PieceTarget {
    /// As in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Reserved => "reserved",
            Self::Returned => "returned",
            Self::Damaged => "damaged",
        }
    }
}

/// Whether a text is a serial number: 1 to 64 letters, digits and `._/-`, a letter or digit first.
#[must_use]
pub fn is_serial(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-'))
}

/// What is wrong with the serial numbers of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misnumbered {
    /// They are named, and shall be generated too.
    Both,
    /// There are not as many as units.
    Count,
    /// The one at this position stands before.
    Repeated(usize),
}

/// Checks the serial numbers of a line of so many units; a line may have none.
#[must_use]
pub fn check_numbers(quantity: i32, serials: &[String], generate: bool) -> Vec<Misnumbered> {
    if serials.is_empty() {
        return Vec::new();
    }
    if generate {
        return vec![Misnumbered::Both];
    }
    if usize::try_from(quantity) != Ok(serials.len()) {
        return vec![Misnumbered::Count];
    }
    repeated(serials)
        .into_iter()
        .map(Misnumbered::Repeated)
        .collect()
}

/// Positions of serial numbers that stand in the list before.
#[must_use]
pub fn repeated(serials: &[String]) -> Vec<usize> {
    let mut seen = BTreeSet::new();
    serials
        .iter()
        .enumerate()
        .filter_map(|(position, serial)| (!seen.insert(serial)).then_some(position))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_has_the_same_table() {
        let sql = include_str!("../store/piece_moves_v1.sql");
        for m in MOVES {
            let ledger = m.ledger.map_or("NULL".to_owned(), |l| format!("'{l}'"));
            let row = format!(
                "('{}', '{}', {}, {ledger})",
                m.from.as_str(),
                m.to.as_str(),
                m.on_hand
            );
            assert_eq!(sql.matches(&row).count(), 1, "{row}");
        }
        assert_eq!(
            sql.matches("        ('").count(),
            MOVES.len(),
            "rows that are not in Rust"
        );
    }

    #[test]
    fn the_readme_draws_the_table() {
        let mut diagram = String::from(
            "```mermaid\nstateDiagram-v2\n    [*] --> available : import\n    available --> sold : commit\n    sold --> available : restock\n",
        );
        for m in MOVES {
            diagram += &format!("    {} --> {} : by hand\n", m.from.as_str(), m.to.as_str());
        }
        diagram += "```\n";
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&diagram),
            "the README needs this diagram:\n{diagram}"
        );
    }

    #[test]
    fn what_is_on_hand_is_what_is_available() {
        for m in MOVES {
            let available = |yes: bool| i8::from(yes);
            let delta = available(m.to == PieceTarget::Available)
                - available(m.from == PieceState::Available);
            assert_eq!(m.on_hand, delta, "{m:?}");
            assert_eq!(m.ledger.is_some(), delta != 0, "{m:?}");
            assert_ne!(m.from.as_str(), m.to.as_str());
        }
    }

    #[test]
    fn what_was_sold_can_only_come_back() {
        let after: Vec<_> = MOVES
            .iter()
            .filter(|m| m.from == PieceState::Sold)
            .map(|m| m.to)
            .collect();
        assert_eq!(after, [PieceTarget::Returned]);
    }

    #[test]
    fn the_names_are_those_of_the_api() {
        for m in MOVES {
            assert_eq!(serde_json::to_value(m.from).expect("JSON"), m.from.as_str());
            assert_eq!(serde_json::to_value(m.to).expect("JSON"), m.to.as_str());
        }
    }

    #[test]
    fn a_serial_number_is_as_the_table_wants_it() {
        let migration = include_str!("../../../../migrations/inventory/0002_warehouses.sql");
        assert!(migration.contains("'^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'"));
        for text in ["A", "0", "SN-2024/05_1.b", &"x".repeat(64)] {
            assert!(is_serial(text), "{text}");
        }
        for text in ["", "-1", ".a", "a b", "ü", "a\n", "a\u{0}", &"x".repeat(65)] {
            assert!(!is_serial(text), "{text:?}");
        }
    }

    #[test]
    fn a_line_has_no_numbers_or_one_for_each_unit() {
        let serials = |all: &[&str]| -> Vec<String> { all.iter().map(|s| (*s).into()).collect() };
        assert_eq!(check_numbers(3, &[], true), []);
        assert_eq!(check_numbers(3, &[], false), []);
        assert_eq!(check_numbers(2, &serials(&["a", "b"]), false), []);
        assert_eq!(
            check_numbers(2, &serials(&["a", "b"]), true),
            [Misnumbered::Both]
        );
        assert_eq!(
            check_numbers(3, &serials(&["a", "b"]), false),
            [Misnumbered::Count]
        );
        assert_eq!(
            check_numbers(4, &serials(&["a", "b", "a", "a"]), false),
            [Misnumbered::Repeated(2), Misnumbered::Repeated(3)]
        );
    }
}
