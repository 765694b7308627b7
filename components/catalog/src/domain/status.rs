//! The states of a product and the ways between them.

use serde::Deserialize;

/// State of a product in the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProductStatus {
    /// Being written; its seller's alone.
    Draft,
    /// On sale, for everybody to see.
    Active,
    /// Withdrawn by its seller, for a while or for good.
    Hidden,
    /// Withdrawn by a moderator.
    TakenDown,
}

impl ProductStatus {
    /// As it is stored and sent.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Active => "active",
            Self::Hidden => "hidden",
            Self::TakenDown => "taken_down",
        }
    }
}

/// What somebody does to a product's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// By the seller.
    Publish,
    /// By the seller.
    Hide,
    /// By a moderator, with a reason.
    TakeDown,
    /// By a moderator; whether it is on sale again is then the seller's decision.
    Restore,
}

impl Transition {
    /// The table: from which states, to which.
    const fn row(self) -> (&'static [ProductStatus], ProductStatus) {
        use ProductStatus::{Active, Draft, Hidden, TakenDown};
        match self {
            Self::Publish => (&[Draft, Hidden], Active),
            Self::Hide => (&[Active], Hidden),
            Self::TakeDown => (&[Active, Hidden], TakenDown),
            Self::Restore => (&[TakenDown], Hidden),
        }
    }

    /// The states that allow it.
    pub const fn from(self) -> &'static [ProductStatus] {
        self.row().0
    }

    /// The state that it leads to.
    pub const fn to(self) -> ProductStatus {
        self.row().1
    }

    /// Whether it is a moderator's to do, and not the seller's.
    pub const fn is_moderators(self) -> bool {
        matches!(self, Self::TakeDown | Self::Restore)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProductStatus::{Active, Draft, Hidden, TakenDown};
    use Transition::{Hide, Publish, Restore, TakeDown};

    const STATES: [ProductStatus; 4] = [Draft, Active, Hidden, TakenDown];
    const TRANSITIONS: [Transition; 4] = [Publish, Hide, TakeDown, Restore];

    #[test]
    fn the_table_is_the_one_that_the_readme_draws() {
        let allowed: Vec<_> = TRANSITIONS
            .iter()
            .flat_map(|t| t.from().iter().map(move |from| (*from, *t, t.to())))
            .collect();
        assert_eq!(
            allowed,
            [
                (Draft, Publish, Active),
                (Hidden, Publish, Active),
                (Active, Hide, Hidden),
                (Active, TakeDown, TakenDown),
                (Hidden, TakeDown, TakenDown),
                (TakenDown, Restore, Hidden),
            ]
        );
    }

    #[test]
    fn nothing_leads_where_it_is_already_or_back_to_a_draft() {
        for transition in TRANSITIONS {
            assert!(!transition.from().contains(&transition.to()));
            assert_ne!(transition.to(), Draft);
        }
    }

    #[test]
    fn a_seller_cannot_undo_a_moderators_decision() {
        for transition in TRANSITIONS.into_iter().filter(|t| !t.is_moderators()) {
            assert!(!transition.from().contains(&TakenDown));
        }
    }

    #[test]
    fn states_are_read_as_they_are_written() {
        for status in STATES {
            let read: ProductStatus = serde_json::from_value(status.as_str().into()).unwrap();
            assert_eq!(read, status);
        }
    }
}
