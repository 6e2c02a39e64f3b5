//! Tight loops over columns of one primitive type.

use crate::ast::Comparison;
use elanus_kernels::Bitmap;

/// One bit per value. The test runs over 64 values into 64 bytes, a loop the compiler turns into vector
/// instructions; the bytes are then packed, eight by one multiplication.
pub(crate) fn mask<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Bitmap {
    let (blocks, rest) = values.as_chunks::<64>();
    let mut words = Vec::with_capacity(blocks.len() + 1);
    words.extend(blocks.iter().map(|block| word(block, &test)));
    let bits = rest.iter().enumerate().map(|(bit, value)| u64::from(test(*value)) << bit);
    words.push(bits.fold(0, |word, bit| word | bit));
    Bitmap::from_words(words, values.len())
}

#[inline]
fn word<T: Copy>(block: &[T; 64], test: &impl Fn(T) -> bool) -> u64 {
    // The bits of a product of eight 0/1 bytes with this number that land in the top byte are those bytes in
    // order, and no two of the other partial products share a position, so nothing carries.
    const GATHER: u64 = 0x0102_0408_1020_4080;
    let mut bytes = [0_u8; 64];
    for (byte, value) in bytes.iter_mut().zip(block) {
        *byte = u8::from(test(*value));
    }
    let (groups, _) = bytes.as_chunks::<8>();
    let packed = groups.iter().map(|group| u64::from_le_bytes(*group).wrapping_mul(GATHER) >> 56);
    packed.enumerate().fold(0, |word, (number, byte)| word | byte << (8 * number))
}

/// An integer type of a column.
pub(super) trait Whole: Copy + Ord + Into<i64> + TryFrom<i64> {
    const MIN: Self;
    const MAX: Self;
}

macro_rules! whole {
    ($($name:ty),*) => {
        $(impl Whole for $name {
            const MIN: Self = <$name>::MIN;
            const MAX: Self = <$name>::MAX;
        })*
    };
}

whole!(i8, i16, i32, i64);

/// `low <= value <= high`, the bounds cut to what the type holds, so that the loop stays in it.
pub(super) fn within<T: Whole>(values: &[T], low: i64, high: i64) -> Bitmap {
    if low > high || low > T::MAX.into() || high < T::MIN.into() {
        return Bitmap::zeros(values.len());
    }
    let low = T::try_from(low).unwrap_or(T::MIN);
    let high = T::try_from(high).unwrap_or(T::MAX);
    mask(values, |value| (low <= value) & (value <= high))
}

/// `value comparison constant` as a closed range of integers; `None` = no integer. `!=` has none: the caller
/// inverts `==`.
pub(super) fn bounds(comparison: Comparison, constant: i64) -> Option<(i64, i64)> {
    match comparison {
        Comparison::Eq | Comparison::Ne => Some((constant, constant)),
        Comparison::Lt => constant.checked_sub(1).map(|high| (i64::MIN, high)),
        Comparison::Le => Some((i64::MIN, constant)),
        Comparison::Gt => constant.checked_add(1).map(|low| (low, i64::MAX)),
        Comparison::Ge => Some((constant, i64::MAX)),
    }
}

/// `value comparison constant` over integers.
pub(super) fn compare_whole<T: Whole>(values: &[T], comparison: Comparison, constant: i64) -> Bitmap {
    let mut map = match bounds(comparison, constant) {
        Some((low, high)) => within(values, low, high),
        None => Bitmap::zeros(values.len()),
    };
    if comparison == Comparison::Ne {
        map.invert();
    }
    map
}

/// `value comparison constant` over floats; NaN is unequal to everything.
pub(super) fn compare_float<T: Copy + PartialOrd>(
    values: &[T],
    comparison: Comparison,
    constant: T,
) -> Bitmap {
    match comparison {
        Comparison::Eq => mask(values, |value| value == constant),
        Comparison::Ne => mask(values, |value| value != constant),
        Comparison::Lt => mask(values, |value| value < constant),
        Comparison::Le => mask(values, |value| value <= constant),
        Comparison::Gt => mask(values, |value| value > constant),
        Comparison::Ge => mask(values, |value| value >= constant),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_every_length_and_bound() {
        let mut random = fastrand::Rng::with_seed(3);
        for length in 0..200 {
            let values: Vec<i8> = (0..length).map(|_| random.i8(..)).collect();
            let (low, high) = (random.i64(-200..200), random.i64(-200..200));
            let got = within(&values, low, high);
            assert_eq!(got.len(), length);
            for (row, value) in values.iter().enumerate() {
                assert_eq!(
                    got.get(row),
                    (low..=high).contains(&i64::from(*value)),
                    "{value} in {low}..={high}"
                );
            }
        }
    }

    #[test]
    fn extreme_constants_do_not_overflow() {
        let values = [i64::MIN, -1, 0, i64::MAX];
        let count = |comparison, constant| compare_whole(&values, comparison, constant).count();
        assert_eq!(count(Comparison::Lt, i64::MIN), 0);
        assert_eq!(count(Comparison::Gt, i64::MAX), 0);
        assert_eq!(count(Comparison::Ge, i64::MIN), 4);
        assert_eq!(count(Comparison::Ne, i64::MAX), 3);
        assert_eq!(compare_whole(&[1_i8, 2], Comparison::Ne, 300).count(), 2);
    }
}
