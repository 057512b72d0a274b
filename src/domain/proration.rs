//! Shares of an amount that sum to it exactly: over lines by the largest remainder, over the units of a line by what is left.

use super::money::{Money, MoneyError};

/// Splits a total in proportion to weights. Everyone gets the whole units of their share; the units that are left go to those
/// with the largest remainders, and among equals to the first. When all weights are zero, so are all shares.
///
/// Total and weights are not below zero, and the total is not above the sum of the weights: no share is above its weight.
#[must_use]
pub fn prorate(total: i64, weights: &[i64]) -> Vec<i64> {
    let sum: i128 = weights.iter().copied().map(i128::from).sum();
    if sum == 0 {
        return vec![0; weights.len()];
    }
    let products: Vec<i128> = weights.iter().map(|weight| i128::from(total) * i128::from(*weight)).collect();
    let mut shares: Vec<i128> = products.iter().map(|product| product / sum).collect();
    let left = i128::from(total) - shares.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..weights.len()).collect();
    // Stable, so that equals stay in their order.
    order.sort_by_key(|place| std::cmp::Reverse(products[*place] % sum));
    for place in order.into_iter().take(usize::try_from(left).unwrap_or(0)) {
        shares[place] += 1;
    }
    shares.into_iter().map(|share| i64::try_from(share).unwrap_or(i64::MAX)).collect()
}

/// What the first `units` of `of` units make of a total. The share of the units from one count to another is the difference of
/// the two: such shares sum to the whole in whatever pieces it is taken, and the last piece has what rounding left.
///
/// # Errors
/// Never for 0 ≤ `units` ≤ `of`; beyond that when the amount leaves its range.
pub fn part_of(total: Money, units: i32, of: i32) -> Result<Money, MoneyError> {
    if of == 0 {
        return Ok(Money::zero(total.currency()));
    }
    let part = (i128::from(total.minor_units()) * i128::from(units)).div_euclid(i128::from(of));
    Money::new(total.currency(), i64::try_from(part).map_err(|_| MoneyError::OutOfRange)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::money::{Currency, MAX_MINOR_UNITS};

    #[test]
    fn parts_sum_to_the_whole_and_the_last_has_the_remainder() {
        let money = |units| Money::new(Currency::parse("GBP").expect("a currency"), units).expect("in range");
        let parts: Vec<_> = (0..=3).map(|units| part_of(money(100), units, 3)).collect();
        assert_eq!(parts, [0, 33, 66, 100].map(|part| Ok(money(part))));
        assert_eq!(part_of(money(MAX_MINOR_UNITS), 1_000_000, 1_000_000), Ok(money(MAX_MINOR_UNITS)));
        assert_eq!(part_of(money(5), 0, 0), Ok(money(0)));
    }

    #[test]
    fn remainders_go_to_the_largest() {
        for (total, weights, expected) in [
            (100, vec![1, 1, 1], vec![34, 33, 33]),
            (1, vec![50, 50], vec![1, 0]),
            (5, vec![10, 20, 30], vec![1, 2, 2]),
            (7, vec![0, 10], vec![0, 7]),
            (0, vec![3, 4], vec![0, 0]),
            (0, vec![0, 0], vec![0, 0]),
            (0, vec![], vec![]),
            (60, vec![10, 20, 30], vec![10, 20, 30]),
            (MAX_MINOR_UNITS, vec![MAX_MINOR_UNITS], vec![MAX_MINOR_UNITS]),
        ] {
            assert_eq!(prorate(total, &weights), expected, "{total} over {weights:?}");
        }
    }

    #[test]
    fn shares_sum_to_the_total_and_stay_below_their_weights() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut next = |end: i64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            i64::try_from(state >> 33).unwrap_or(0) % end
        };
        for _ in 0..5_000 {
            let weights: Vec<_> = (0..=next(40)).map(|_| next(1_000_000)).collect();
            let sum: i64 = weights.iter().sum();
            let total = next(sum + 1);
            let shares = prorate(total, &weights);
            assert_eq!(shares.iter().sum::<i64>(), total, "{weights:?}");
            assert!(shares.iter().zip(&weights).all(|(share, weight)| (0..=*weight).contains(share)), "{weights:?}");
        }
    }
}
