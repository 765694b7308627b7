//! What somebody wants to be told, and by which way.

use garde::Validate;
use serde::{Deserialize, Serialize};

/// By which ways something is told; by all, unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = NotificationChannels)]
pub struct Channels {
    in_app: bool,
    email: bool,
    sms: bool,
    push: bool,
}

impl Default for Channels {
    fn default() -> Self {
        Self {
            in_app: true,
            email: true,
            sms: true,
            push: true,
        }
    }
}

/// What is told, and by which ways. What is left out is told by all of them. Security is not among it: letters
/// about that always come.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, Validate, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields, default)]
#[garde(allow_unvalidated)]
#[schema(as = NotificationPreferences)]
pub struct Preferences {
    /// What happens to orders, bought and sold.
    orders: Channels,
    /// Payments, refunds, payouts and withdrawals.
    money: Channels,
    /// Carts and checkouts that were left.
    reminders: Channels,
    /// Stock that runs low, promotions that are used up.
    selling: Channels,
    /// What sellers list whom one follows.
    follows: Channels,
}

impl Preferences {
    fn cells(&mut self) -> impl Iterator<Item = (&'static str, &'static str, &mut bool)> {
        [
            ("orders", &mut self.orders),
            ("money", &mut self.money),
            ("reminders", &mut self.reminders),
            ("selling", &mut self.selling),
            ("follows", &mut self.follows),
        ]
        .into_iter()
        .flat_map(|(category, channels)| {
            [
                (category, "in_app", &mut channels.in_app),
                (category, "email", &mut channels.email),
                (category, "sms", &mut channels.sms),
                (category, "push", &mut channels.push),
            ]
        })
    }

    /// As the store and the event know them: what is switched off, `category:channel`, always in one order.
    #[must_use]
    pub fn switched_off(mut self) -> Vec<String> {
        self.cells()
            .filter(|(_, _, on)| !**on)
            .map(|(category, channel, _)| format!("{category}:{channel}"))
            .collect()
    }

    /// Read from that; what is not known is passed over.
    #[must_use]
    pub fn of(switched_off: &[String]) -> Self {
        let mut preferences = Self::default();
        for (category, channel, on) in preferences.cells() {
            *on = !switched_off
                .iter()
                .any(|off| off.split_once(':') == Some((category, channel)));
        }
        preferences
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn everything_is_told_unless_it_is_switched_off() {
        assert!(Preferences::default().switched_off().is_empty());
        let preferences: Preferences =
            serde_json::from_str(r#"{"orders": {"email": false}, "follows": {"in_app": false}}"#)
                .unwrap();
        assert_eq!(
            preferences.switched_off(),
            ["orders:email", "follows:in_app"]
        );
        for unknown in [r#"{"security": {}}"#, r#"{"orders": {"fax": false}}"#] {
            assert!(serde_json::from_str::<Preferences>(unknown).is_err());
        }
    }

    proptest! {
        #[test]
        fn what_is_kept_is_read_again(cells in prop::collection::vec(any::<bool>(), 20)) {
            let mut preferences = Preferences::default();
            for ((_, _, on), cell) in preferences.cells().zip(cells) {
                *on = cell;
            }
            let off = preferences.clone().switched_off();
            prop_assert_eq!(Preferences::of(&off), preferences);
        }
    }
}
