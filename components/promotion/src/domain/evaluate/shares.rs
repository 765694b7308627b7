//! Parts of amounts, to the minor unit.

use crate::domain::rule::WHOLE;

/// `amount × part ÷ whole`, half to even. A part is at most its whole, and the result at most the
/// amount; none of them is below zero.
pub fn portion(amount: i64, part: i64, whole: i64) -> i64 {
    if amount <= 0 || part <= 0 || whole <= 0 {
        return 0;
    }
    if part >= whole {
        return amount;
    }
    // Two factors of 63 bits fit 126, and what is rounded up is below the amount.
    let product = i128::from(amount).saturating_mul(i128::from(part));
    let whole = i128::from(whole);
    let (down, rest) = (product.div_euclid(whole), product.rem_euclid(whole));
    let twice = rest.saturating_mul(2);
    let up = twice > whole || (twice == whole && down.rem_euclid(2) == 1);
    let rounded = down.saturating_add(i128::from(up));
    i64::try_from(rounded).unwrap_or(amount).min(amount)
}

/// So many hundredths of a percent of an amount, half to even.
pub fn percent(amount: i64, basis_points: u32) -> i64 {
    portion(amount, i64::from(basis_points), i64::from(WHOLE))
}

/// Splits a total over weights, none below zero, by largest remainder; of equal remainders the first
/// gets the minor unit. The parts sum to the total, or to the sum of the weights when that is less,
/// and none is larger than its weight.
pub fn split(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let total = i128::from(total.max(0));
    if total >= sum {
        return weights.to_vec();
    }
    let mut left = total;
    let mut parts = Vec::with_capacity(weights.len());
    let mut rests = Vec::with_capacity(weights.len());
    for (position, weight) in weights.iter().enumerate() {
        let product = i128::from(*weight).saturating_mul(total);
        // The sum is more than the total, so it is not zero.
        let down = product.checked_div_euclid(sum).unwrap_or(0);
        left = left.saturating_sub(down);
        rests.push((
            std::cmp::Reverse(product.checked_rem_euclid(sum).unwrap_or(0)),
            position,
        ));
        parts.push(i64::try_from(down).unwrap_or(*weight));
    }
    rests.sort_unstable();
    // What is left is fewer units than there are remainders.
    for (_, position) in rests.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        if let Some(part) = parts.get_mut(position) {
            *part = part.saturating_add(1);
        }
    }
    parts
}

/// Lowers amounts in proportion so that together they are at most `maximum`.
pub fn at_most(amounts: Vec<i64>, maximum: Option<i64>) -> Vec<i64> {
    match maximum {
        Some(maximum) => split(maximum, &amounts),
        None => amounts,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (amount, part) in [(5, 2), (15, 8), (25, 12), (35, 18), (4, 2), (6, 3), (1, 0)] {
            assert_eq!(portion(amount, 1, 2), part, "{amount}");
        }
        assert_eq!(percent(1005, 1000), 100);
        assert_eq!(percent(1015, 1000), 102);
        assert_eq!(percent(1006, 1000), 101);
        assert_eq!(portion(i64::MAX, i64::MAX - 1, i64::MAX), i64::MAX - 1);
        assert_eq!(percent(i64::MAX, 9_999), 9_222_449_699_651_090_329);
    }

    #[test]
    fn what_does_not_divide_goes_to_the_largest_remainders() {
        assert_eq!(split(100, &[333, 333, 334]), [33, 33, 34]);
        assert_eq!(split(10, &[1, 1, 1_000]), [0, 0, 10]);
        assert_eq!(split(2, &[5, 5, 5]), [1, 1, 0]);
        assert_eq!(split(7, &[1, 2]), [1, 2]);
        assert_eq!(split(7, &[]), [0; 0]);
        assert_eq!(split(-1, &[3]), [0]);
        assert_eq!(split(5, &[0, 0]), [0, 0]);
    }

    proptest! {
        #[test]
        fn a_split_is_exact_and_within_its_weights(
            total in prop_oneof![0..1_000_i64, 0..=i64::MAX],
            weights in prop::collection::vec(prop_oneof![0..10_i64, 0..=i64::MAX / 20], 0..20),
        ) {
            let parts = split(total, &weights);
            let sum: i64 = weights.iter().sum();
            prop_assert_eq!(parts.iter().sum::<i64>(), total.min(sum));
            prop_assert!(parts.iter().zip(&weights).all(|(p, w)| (0..=*w).contains(p)));
        }

        #[test]
        fn a_portion_and_the_rest_are_the_whole(
            amount in 0..=i64::MAX,
            part in 0..=1_000_i64,
            more in 0..=1_000_i64,
        ) {
            let share = portion(amount, part, part.saturating_add(more));
            prop_assert!((0..=amount).contains(&share));
        }
    }
}
