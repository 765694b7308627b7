//! States of an order, and who may move it from which to which. This table is the only one in
//! Rust; `store/transitions_v1.sql` says the same to Postgres, and the README draws it.

use serde::{Deserialize, Serialize};

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OrderStatus {
    /// The seller has until `confirm_by` to confirm or decline.
    AwaitingConfirmation,
    /// The seller will send it.
    Confirmed,
    /// On its way.
    Shipped,
    /// Arrived.
    Delivered,
    /// Done for good.
    Completed,
    /// Ended before it was sent.
    Cancelled,
    /// Ended with the money given back.
    Refunded,
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Buyer,
    Seller,
    /// Nobody: a deadline passed.
    System,
}

/// What is done with an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Confirm,
    Decline,
    Cancel,
    /// The seller's time to answer is over.
    Expire,
    /// The seller has sent it.
    Ship,
    /// The seller says that it arrived.
    Deliver,
    /// The buyer says that it arrived.
    Receive,
    /// The buyer is content, or the time to object is over.
    Complete,
}

/// One arrow of the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transition {
    pub side: Side,
    pub action: Action,
    pub from: OrderStatus,
    pub to: OrderStatus,
    /// The event that is published.
    pub event: &'static str,
}

const fn row(
    side: Side,
    action: Action,
    from: OrderStatus,
    to: OrderStatus,
    event: &'static str,
) -> Transition {
    Transition {
        side,
        action,
        from,
        to,
        event,
    }
}

/// Every move there is.
pub const TRANSITIONS: &[Transition] = &[
    row(
        Side::Seller,
        Action::Confirm,
        OrderStatus::AwaitingConfirmation,
        OrderStatus::Confirmed,
        "order.confirmed",
    ),
    row(
        Side::Seller,
        Action::Decline,
        OrderStatus::AwaitingConfirmation,
        OrderStatus::Cancelled,
        "order.declined",
    ),
    row(
        Side::Seller,
        Action::Cancel,
        OrderStatus::AwaitingConfirmation,
        OrderStatus::Cancelled,
        "order.cancelled",
    ),
    row(
        Side::Seller,
        Action::Cancel,
        OrderStatus::Confirmed,
        OrderStatus::Cancelled,
        "order.cancelled",
    ),
    row(
        Side::Buyer,
        Action::Cancel,
        OrderStatus::AwaitingConfirmation,
        OrderStatus::Cancelled,
        "order.cancelled",
    ),
    row(
        Side::Buyer,
        Action::Cancel,
        OrderStatus::Confirmed,
        OrderStatus::Cancelled,
        "order.cancelled",
    ),
    row(
        Side::System,
        Action::Expire,
        OrderStatus::AwaitingConfirmation,
        OrderStatus::Cancelled,
        "order.cancelled",
    ),
    row(
        Side::Seller,
        Action::Ship,
        OrderStatus::Confirmed,
        OrderStatus::Shipped,
        "order.shipped",
    ),
    row(
        Side::Seller,
        Action::Deliver,
        OrderStatus::Shipped,
        OrderStatus::Delivered,
        "order.delivered",
    ),
    row(
        Side::Buyer,
        Action::Receive,
        OrderStatus::Shipped,
        OrderStatus::Delivered,
        "order.delivered",
    ),
    row(
        Side::Buyer,
        Action::Complete,
        OrderStatus::Delivered,
        OrderStatus::Completed,
        "order.completed",
    ),
    row(
        Side::System,
        Action::Complete,
        OrderStatus::Delivered,
        OrderStatus::Completed,
        "order.completed",
    ),
];

/// The row of the table that a side's action on an order in some state stands in, if any.
#[must_use]
pub fn transition(side: Side, action: Action, from: OrderStatus) -> Option<&'static Transition> {
    TRANSITIONS
        .iter()
        .find(|t| (t.side, t.action, t.from) == (side, action, from))
}

/// Whether an action of a side ends the order, so that its goods go back on the shelf.
#[must_use]
pub fn gives_goods_back(side: Side, action: Action) -> bool {
    TRANSITIONS
        .iter()
        .any(|t| t.side == side && t.action == action && t.to == OrderStatus::Cancelled)
}

impl OrderStatus {
    /// Every state, in the order of an order's life.
    pub const ALL: [Self; 7] = [
        Self::AwaitingConfirmation,
        Self::Confirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Completed,
        Self::Cancelled,
        Self::Refunded,
    ];

    /// As in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingConfirmation => "awaiting_confirmation",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
        }
    }
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Buyer, Self::Seller, Self::System];

    /// As in the API and the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::Seller => "seller",
            Self::System => "system",
        }
    }
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 8] = [
        Self::Confirm,
        Self::Decline,
        Self::Cancel,
        Self::Expire,
        Self::Ship,
        Self::Deliver,
        Self::Receive,
        Self::Complete,
    ];

    /// As in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Decline => "decline",
            Self::Cancel => "cancel",
            Self::Expire => "expire",
            Self::Ship => "ship",
            Self::Deliver => "deliver",
            Self::Receive => "receive",
            Self::Complete => "complete",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn postgres_has_the_same_table() {
        let sql = include_str!("../store/transitions_v1.sql");
        for t in TRANSITIONS {
            let row = format!(
                "('{}', '{}', '{}', '{}', '{}')",
                t.side.as_str(),
                t.action.as_str(),
                t.from.as_str(),
                t.to.as_str(),
                t.event
            );
            assert_eq!(sql.matches(&row).count(), 1, "{row}");
        }
        assert_eq!(
            sql.matches("        ('").count(),
            TRANSITIONS.len(),
            "rows that are not in Rust"
        );
    }

    #[test]
    fn the_readme_draws_the_table() {
        let mut diagram = String::from(
            "```mermaid\nstateDiagram-v2\n    [*] --> awaiting_confirmation : checkout\n",
        );
        let mut drawn: Vec<(OrderStatus, OrderStatus)> = Vec::new();
        for t in TRANSITIONS {
            if drawn.contains(&(t.from, t.to)) {
                continue;
            }
            drawn.push((t.from, t.to));
            let labels: Vec<String> = TRANSITIONS
                .iter()
                .filter(|o| (o.from, o.to) == (t.from, t.to))
                .map(|o| format!("{} {}", o.side.as_str(), o.action.as_str()))
                .collect();
            diagram += &format!(
                "    {} --> {} : {}\n",
                t.from.as_str(),
                t.to.as_str(),
                labels.join(", ")
            );
        }
        for last in [OrderStatus::Completed, OrderStatus::Cancelled] {
            diagram += &format!("    {} --> [*]\n", last.as_str());
        }
        diagram += "```\n";
        let readme = include_str!("../../README.md");
        assert!(
            readme.contains(&diagram),
            "the README needs this diagram:\n{diagram}"
        );
    }

    #[test]
    fn the_names_are_those_of_the_api() {
        for status in OrderStatus::ALL {
            assert_eq!(serde_json::to_value(status).expect("JSON"), status.as_str());
        }
    }

    #[test]
    fn the_desk_counts_every_state() {
        let sql = include_str!("../store/sales_summary_v1.sql");
        let names = OrderStatus::ALL.map(|status| format!("'{}'", status.as_str()));
        let list: String = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(list.contains(&format!("ARRAY[{}]", names.join(", "))));
    }

    #[test]
    fn the_lists_name_everything_there_is() {
        for t in TRANSITIONS {
            assert!(Side::ALL.contains(&t.side) && Action::ALL.contains(&t.action));
            assert!(OrderStatus::ALL.contains(&t.from) && OrderStatus::ALL.contains(&t.to));
        }
        for action in Action::ALL {
            assert!(
                TRANSITIONS.iter().any(|t| t.action == action),
                "{action:?} does nothing"
            );
        }
    }

    #[test]
    fn a_row_is_found_by_side_action_and_state() {
        for t in TRANSITIONS {
            assert_eq!(
                transition(t.side, t.action, t.from),
                Some(t),
                "{t:?} stands twice"
            );
        }
        assert_eq!(
            transition(Side::Buyer, Action::Ship, OrderStatus::Confirmed),
            None
        );
    }

    #[test]
    fn an_order_only_goes_forward_and_ends() {
        let place = |status: OrderStatus| OrderStatus::ALL.iter().position(|s| *s == status);
        for t in TRANSITIONS {
            assert!(place(t.from) < place(t.to), "{t:?}");
        }
        for last in [
            OrderStatus::Completed,
            OrderStatus::Cancelled,
            OrderStatus::Refunded,
        ] {
            assert!(
                TRANSITIONS.iter().all(|t| t.from != last),
                "{last:?} is the end"
            );
        }
    }

    #[test]
    fn an_order_can_be_cancelled_until_it_is_shipped() {
        for side in [Side::Buyer, Side::Seller] {
            for status in OrderStatus::ALL {
                let early = matches!(
                    status,
                    OrderStatus::AwaitingConfirmation | OrderStatus::Confirmed
                );
                assert_eq!(transition(side, Action::Cancel, status).is_some(), early);
            }
        }
    }

    #[test]
    fn what_ends_an_order_gives_its_goods_back() {
        assert!(
            gives_goods_back(Side::Buyer, Action::Cancel)
                && gives_goods_back(Side::Seller, Action::Decline)
        );
        assert!(
            !gives_goods_back(Side::Seller, Action::Confirm)
                && !gives_goods_back(Side::Buyer, Action::Confirm)
                && !gives_goods_back(Side::Buyer, Action::Complete)
        );
    }
}
