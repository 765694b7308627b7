//! What a request to mark notifications read asks for.

use stoa_kit::{Error, Result};
use uuid::Uuid;

/// Which notifications to mark.
#[derive(Debug, PartialEq, Eq)]
pub enum Selection {
    /// These.
    Named(Vec<Uuid>),
    /// Every one, up to and with this one when it is given.
    UpTo(Option<Uuid>),
}

impl Selection {
    /// Reads the members of a body: either `ids`, or `all` with perhaps `up_to`.
    ///
    /// # Errors
    /// Validation errors that point at the member that does not fit.
    pub fn of(ids: Option<Vec<Uuid>>, all: Option<bool>, up_to: Option<Uuid>) -> Result<Self> {
        match (ids, all) {
            (Some(_), Some(true)) => Err(Error::invalid(
                "/all",
                "conflicting_fields",
                "Send either ids or all, not both.",
            )),
            (Some(_), _) if up_to.is_some() => Err(Error::invalid(
                "/up_to",
                "conflicting_fields",
                "up_to goes with all, not with ids.",
            )),
            (Some(ids), _) => Ok(Self::Named(ids)),
            (None, Some(true)) => Ok(Self::UpTo(up_to)),
            // Saying "all" has to be meant: an empty body must not mark everything.
            (None, _) => Err(Error::invalid(
                "/ids",
                "missing_field",
                "Send ids, or all: true.",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pointer(result: Result<Selection>) -> String {
        match result {
            Err(Error::Invalid(errors)) => errors[0].pointer.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn either_names_or_all() {
        let id = Uuid::now_v7();
        assert_eq!(
            Selection::of(Some(vec![id]), None, None).unwrap(),
            Selection::Named(vec![id])
        );
        assert_eq!(
            Selection::of(Some(vec![id]), Some(false), None).unwrap(),
            Selection::Named(vec![id])
        );
        assert_eq!(
            Selection::of(None, Some(true), Some(id)).unwrap(),
            Selection::UpTo(Some(id))
        );
        assert_eq!(
            Selection::of(None, Some(true), None).unwrap(),
            Selection::UpTo(None)
        );
    }

    #[test]
    fn anything_else_is_pointed_at() {
        let id = Uuid::now_v7();
        assert_eq!(
            pointer(Selection::of(Some(vec![id]), Some(true), None)),
            "/all"
        );
        assert_eq!(
            pointer(Selection::of(Some(vec![id]), None, Some(id))),
            "/up_to"
        );
        assert_eq!(pointer(Selection::of(None, None, None)), "/ids");
        assert_eq!(pointer(Selection::of(None, Some(false), Some(id))), "/ids");
    }
}
