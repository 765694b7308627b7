//! Choices that look random and are the same everywhere.

/// A sequence of numbers that follows from what it is about (splitmix64).
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice of the `n`th thing of a kind.
    pub fn of(kind: &str, n: u64) -> Dice {
        // FNV-1a: spreads the few letters of a kind over the state.
        let state = kind.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        Dice(state ^ n.wrapping_mul(0xd6e8_feb8_6659_fd93))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        low + (self.next() % high.abs_diff(low).saturating_add(1)).cast_signed()
    }

    /// One of several, of which there is at least one.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len() as u64) as usize]
    }

    /// Whether something happens that happens so many times in a hundred.
    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_the_same_everywhere_and_within_their_limits() {
        let roll = |kind, n| {
            let mut dice = Dice::of(kind, n);
            [
                dice.between(-3, 3),
                dice.between(-3, 3),
                dice.between(-3, 3),
            ]
        };
        assert_eq!(roll("price", 1), roll("price", 1));
        let rolls: Vec<_> = (0..200).flat_map(|n| roll("price", n)).collect();
        assert!(rolls.iter().all(|r| (-3..=3).contains(r)));
        assert!((-3..=3).all(|r| rolls.contains(&r)), "every side comes up");
        assert_eq!(Dice::of("price", 7).below(1000), 739);
    }
}
