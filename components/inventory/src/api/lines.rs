//! Lines of imports and transfers.

use stoa_kit::error::FieldError;
use stoa_kit::{Error, Result};
use uuid::Uuid;

use crate::domain::piece::{Misnumbered, check_numbers};
use crate::domain::variants::repeated;

/// What a line says, as far as it is checked here.
pub struct LineFacts<'a> {
    pub variant: Uuid,
    pub quantity: i32,
    pub serials: &'a [String],
    pub generate: bool,
}

/// Checks what no single field shows: no variant twice, and serial numbers that fit their line.
///
/// # Errors
/// 422 with every fault.
pub fn check(lines: &[LineFacts]) -> Result<()> {
    let mut faults: Vec<FieldError> = repeated(lines.iter().map(|l| l.variant))
        .into_iter()
        .map(|position| FieldError {
            pointer: format!("/lines/{position}/variant_id"),
            code: "duplicate".into(),
            detail: "This variant stands in a line before.".into(),
        })
        .collect();
    for (position, line) in lines.iter().enumerate() {
        let numbers = check_numbers(line.quantity, line.serials, line.generate);
        faults.extend(
            numbers
                .into_iter()
                .map(|fault| misnumbered(position, fault)),
        );
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Error::Invalid(faults))
    }
}

fn misnumbered(position: usize, fault: Misnumbered) -> FieldError {
    let (field, code, detail) = match fault {
        Misnumbered::Both => (
            "generate_serials".to_owned(),
            "not_both",
            "Either name the serial numbers or let them be generated.",
        ),
        Misnumbered::Count => (
            "serials".to_owned(),
            "wrong_count",
            "There are to be as many serial numbers as units.",
        ),
        Misnumbered::Repeated(at) => (format!("serials/{at}"), DUPLICATE.0, DUPLICATE.1),
    };
    FieldError {
        pointer: format!("/lines/{position}/{field}"),
        code: code.into(),
        detail: detail.into(),
    }
}

/// Code and text of a serial number that stands in its list before.
pub const DUPLICATE: (&str, &str) = ("duplicate", "This serial number stands in the list before.");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_pointed_at() {
        let variant = Uuid::from_u128(1);
        let serials: Vec<String> = ["a", "a"].map(Into::into).into();
        let line = |variant, quantity, generate| LineFacts {
            variant,
            quantity,
            serials: &serials,
            generate,
        };
        let other = |n| Uuid::from_u128(n);
        let lines = [
            line(variant, 2, false),
            line(variant, 3, false),
            line(other(2), 2, true),
        ];
        let Err(Error::Invalid(faults)) = check(&lines) else {
            panic!("not refused")
        };
        let found: Vec<_> = faults
            .iter()
            .map(|f| (f.pointer.as_str(), f.code.as_str()))
            .collect();
        assert_eq!(
            found,
            [
                ("/lines/1/variant_id", "duplicate"),
                ("/lines/0/serials/1", "duplicate"),
                ("/lines/1/serials", "wrong_count"),
                ("/lines/2/generate_serials", "not_both"),
            ]
        );
    }
}
