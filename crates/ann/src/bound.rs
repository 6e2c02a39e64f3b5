//! Limits on keys, for range search and for pages of an iterator.

/// Keeps hits with `low ≤ key < high`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Smallest key to keep.
    pub low: f32,
    /// Smallest key not to keep.
    pub high: f32,
}

impl Bound {
    /// Keeps everything.
    pub const ALL: Bound = Bound { low: f32::NEG_INFINITY, high: f32::INFINITY };

    /// Whether a key is kept; one that is infinite because it is not a number only by [`Bound::ALL`].
    #[inline]
    pub fn keeps(&self, key: f32) -> bool {
        self.low <= key && (key < self.high || self.high == f32::INFINITY)
    }
}

impl From<(f32, f32)> for Bound {
    fn from((low, high): (f32, f32)) -> Self {
        Self { low, high }
    }
}
