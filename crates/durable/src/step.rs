//! Steps: the places of a workflow at which something happens.

/// The steps of one kind of workflow: an enum, so that they can be listed. See [`steps!`].
pub trait Step: Copy + Eq + 'static {
    /// All of them, undos and waits included.
    const ALL: &'static [Self];

    /// As it stands in the journal, for ever: a renamed step is another step.
    fn name(self) -> &'static str;

    /// How often it is tried.
    fn policy(self) -> Policy {
        Policy::DEFAULT
    }
}

/// How often a step is tried, and after which pauses: exponential, with a little jitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Pause after the first failure, milliseconds; it doubles with each.
    pub first_ms: u32,
    /// Longest pause.
    pub cap_ms: u32,
    /// Failures after which it is given up. An undo has at least 70.
    pub limit: u32,
    /// What then; an undo is always left to a person.
    pub after_limit: AfterLimit,
}

/// What becomes of a workflow whose step failed too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AfterLimit {
    /// As if the step had been refused, with the code `unavailable`.
    Undo,
    /// A person has to look.
    Stuck,
}

impl Policy {
    /// 0.3 s, 0.6 s … up to a minute, for about a quarter of an hour.
    pub const DEFAULT: Self = Self {
        first_ms: 300,
        cap_ms: 60_000,
        limit: 20,
        after_limit: AfterLimit::Undo,
    };

    /// The pause after so many failures; `spread`, 0 to 1, is the jitter of up to a fifth.
    #[must_use]
    pub fn pause_ms(self, failures: u32, spread: f64) -> u32 {
        let doubled = u64::from(self.first_ms)
            .checked_shl(failures.saturating_sub(1).min(31))
            .unwrap_or(u64::MAX)
            .min(u64::from(self.cap_ms));
        let pause = u32::try_from(doubled).unwrap_or(self.cap_ms);
        let jitter = f64::from(pause) * 0.2 * spread.clamp(0.0, 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between zero and a fifth of a u32"
        )]
        let jitter = jitter as u32;
        pause.saturating_add(jitter)
    }
}

/// Makes the enum of a workflow's steps and what [`Step`] asks of it.
///
/// ```
/// stoa_durable::steps! {
///     /// What a purchase does.
///     pub enum PurchaseStep {
///         /// Takes the goods off the shelf.
///         Reserve => "reserve",
///         /// Puts them back.
///         Release => "release",
///     }
/// }
/// use stoa_durable::Step as _;
/// assert_eq!(PurchaseStep::ALL.len(), 2);
/// assert_eq!(PurchaseStep::Release.name(), "release");
/// ```
#[macro_export]
macro_rules! steps {
    ($(#[$meta:meta])* $vis:vis enum $name:ident {
        $($(#[$of:meta])* $step:ident => $text:literal),+ $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $vis enum $name { $($(#[$of])* $step),+ }

        impl $crate::Step for $name {
            const ALL: &'static [Self] = &[$(Self::$step),+];
            fn name(self) -> &'static str {
                match self { $(Self::$step => $text),+ }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn pauses_double_up_to_the_cap() {
        let pauses: Vec<u32> = (1..=10).map(|n| Policy::DEFAULT.pause_ms(n, 0.0)).collect();
        assert_eq!(pauses[..4], [300, 600, 1_200, 2_400]);
        assert_eq!(pauses[9], 60_000);
        assert_eq!(Policy::DEFAULT.pause_ms(u32::MAX, 1.0), 72_000);
    }
}
