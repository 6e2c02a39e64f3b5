//! A plain bit set over row numbers, 64 rows a word, least significant bit first (the bit order of
//! Arrow validity buffers).

/// A growable set of row numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// `len` bits, all clear.
    pub fn zeros(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// `len` bits, all set.
    pub fn ones(len: usize) -> Self {
        let mut map = Self { words: vec![u64::MAX; len.div_ceil(64)], len };
        map.clear_tail();
        map
    }

    /// One bit per element of `bits`.
    pub fn from_bools(bits: &[bool]) -> Self {
        let mut map = Self::zeros(bits.len());
        for (row, _) in bits.iter().enumerate().filter(|(_, bit)| **bit) {
            map.set(row);
        }
        map
    }

    /// Takes words as they are; bits at and above `len` are cleared, missing words are zero.
    pub fn from_words(mut words: Vec<u64>, len: usize) -> Self {
        words.resize(len.div_ceil(64), 0);
        let mut map = Self { words, len };
        map.clear_tail();
        map
    }

    /// Number of bits, set or not.
    pub fn len(&self) -> usize {
        self.len
    }

    /// True when the set has no bits at all (length 0).
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The underlying words; bits at and above `len` are zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// Whether `row` is set; rows at and above `len` are not.
    #[inline]
    pub fn get(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Sets `row`, growing the map when needed.
    #[inline]
    pub fn set(&mut self, row: usize) {
        if row >= self.len {
            self.resize(row + 1);
        }
        self.words[row / 64] |= 1 << (row % 64);
    }

    /// Clears `row`; rows outside the map are clear already.
    #[inline]
    pub fn clear(&mut self, row: usize) {
        if let Some(word) = self.words.get_mut(row / 64) {
            *word &= !(1 << (row % 64));
        }
    }

    /// Inverts `row`; rows outside the map stay clear.
    #[inline]
    pub fn toggle(&mut self, row: usize) {
        if row < self.len
            && let Some(word) = self.words.get_mut(row / 64)
        {
            *word ^= 1 << (row % 64);
        }
    }

    /// Calls `change` with every word and the word at its place in `other`; bits at and above the length stay clear.
    pub fn combine_words(&mut self, other: &[u64], change: impl Fn(&mut u64, u64)) {
        self.words.iter_mut().zip(other).for_each(|(word, other)| change(word, *other));
        self.clear_tail();
    }

    /// Appends one bit.
    pub fn push(&mut self, bit: bool) {
        let row = self.len;
        self.resize(row + 1);
        if bit {
            self.words[row / 64] |= 1 << (row % 64);
        }
    }

    /// Changes the length; new bits are clear.
    pub fn resize(&mut self, len: usize) {
        self.words.resize(len.div_ceil(64), 0);
        self.len = len;
        self.clear_tail();
    }

    /// Number of set bits.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Keeps only the bits that `other` has too; a shorter `other` counts as clear beyond its end.
    pub fn and(&mut self, other: &Bitmap) {
        for (i, word) in self.words.iter_mut().enumerate() {
            *word &= other.words.get(i).copied().unwrap_or(0);
        }
    }

    /// Adds the bits of `other`; bits of `other` beyond this map's length are dropped.
    pub fn or(&mut self, other: &Bitmap) {
        for (word, theirs) in self.words.iter_mut().zip(&other.words) {
            *word |= theirs;
        }
        self.clear_tail();
    }

    /// Removes the bits of `other`.
    pub fn and_not(&mut self, other: &Bitmap) {
        for (word, theirs) in self.words.iter_mut().zip(&other.words) {
            *word &= !theirs;
        }
    }

    /// Inverts every bit.
    pub fn invert(&mut self) {
        self.words.iter_mut().for_each(|word| *word = !*word);
        self.clear_tail();
    }

    /// Set rows in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.iter_in(0..self.len)
    }

    /// Set rows of a range in ascending order.
    pub fn iter_in(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = usize> + '_ {
        let first = (range.start / 64).min(self.words.len());
        let last = range.end.div_ceil(64).clamp(first, self.words.len());
        let words = self.words[first..last].iter().zip(first..);
        words.flat_map(move |(&word, i)| {
            let (from, to) = (range.start.saturating_sub(i * 64).min(64), (range.end - i * 64).min(64));
            let word = word & ones(to) & !ones(from);
            std::iter::successors((word != 0).then_some(word), |w| {
                let rest = w & (w - 1);
                (rest != 0).then_some(rest)
            })
            .map(move |w| i * 64 + w.trailing_zeros() as usize)
        })
    }

    fn clear_tail(&mut self) {
        if !self.len.is_multiple_of(64)
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << (self.len % 64)) - 1;
        }
    }
}

/// A word whose lowest `count` bits are set.
fn ones(count: usize) -> u64 {
    if count >= 64 { u64::MAX } else { (1 << count) - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_vector_of_bools(a in prop::collection::vec(any::<bool>(), 0..300), b in prop::collection::vec(any::<bool>(), 0..300)) {
            let (ma, mb) = (Bitmap::from_bools(&a), Bitmap::from_bools(&b));
            let at = |v: &[bool], i: usize| v.get(i).copied().unwrap_or(false);
            prop_assert_eq!(ma.count(), a.iter().filter(|x| **x).count());
            prop_assert_eq!(ma.iter().collect::<Vec<_>>(), (0..a.len()).filter(|&i| a[i]).collect::<Vec<_>>());
            let check = |op: fn(&mut Bitmap, &Bitmap), f: fn(bool, bool) -> bool| {
                let mut got = ma.clone();
                op(&mut got, &mb);
                (0..a.len()).all(|i| got.get(i) == f(a[i], at(&b, i))) && got.len() == a.len()
            };
            prop_assert!(check(Bitmap::and, |x, y| x && y));
            prop_assert!(check(Bitmap::or, |x, y| x || y));
            prop_assert!(check(Bitmap::and_not, |x, y| x && !y));
            let mut inverted = ma.clone();
            inverted.invert();
            prop_assert_eq!(inverted.count(), a.len() - ma.count());
        }
    }

    #[test]
    fn rows_of_a_range() {
        let map = Bitmap::from_bools(&(0..200).map(|i| i % 7 != 3).collect::<Vec<_>>());
        for range in [0..0, 0..200, 1..64, 63..65, 64..128, 70..71, 73..74, 150..1000, 300..400] {
            let want: Vec<usize> = map.iter().filter(|row| range.contains(row)).collect();
            assert_eq!(map.iter_in(range.clone()).collect::<Vec<_>>(), want, "{range:?}");
        }
    }

    #[test]
    fn pushes_and_resizes() {
        let mut map = Bitmap::default();
        (0..130).for_each(|i| map.push(i % 3 == 0));
        assert_eq!((map.len(), map.count()), (130, 44));
        map.resize(1);
        map.resize(130);
        assert_eq!(map.count(), 1, "shrinking forgets the dropped bits");
        (0..200).for_each(|row| map.toggle(row));
        map.combine_words(&[1, 0, u64::MAX], |word, other| *word ^= other);
        assert_eq!((map.len(), map.count(), map.get(0)), (130, 128, true), "no bit beyond the length");
    }
}
