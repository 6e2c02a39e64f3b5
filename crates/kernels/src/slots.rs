//! MinHash signatures: rows of bits that are arrays of equally wide slots.

use std::fmt;
use std::ops::Range;

/// How a row of bits is divided into slots, and what counts as alike.
///
/// Broder, «On the resemblance and containment of documents», 1997: the share of equal slots estimates the Jaccard
/// similarity of the sets that were hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slots {
    bytes: u8,
    bands: u16,
    /// Rows that share a band are alike by their slots.
    scored: bool,
}

impl Slots {
    /// The narrowest slots: bytes.
    pub const BYTES: Slots = Slots { bytes: 1, bands: 0, scored: false };

    /// Slots of so many bits; whole bytes, 32 at most.
    pub fn new(bits: usize) -> Option<Self> {
        let bytes = u8::try_from(bits / 8).ok()?;
        (bits.is_multiple_of(8) && (1..=32).contains(&bytes)).then_some(Self {
            bytes,
            bands: 0,
            scored: false,
        })
    }

    /// Bits of a slot.
    pub const fn bits(self) -> usize {
        self.bytes as usize * 8
    }

    /// Bytes of a slot.
    pub const fn bytes(self) -> usize {
        self.bytes as usize
    }

    /// Slots of a row of `dim` bits; `None` when they do not fill it.
    pub fn count(self, dim: usize) -> Option<usize> {
        (dim > 0 && dim.is_multiple_of(self.bits())).then(|| dim / self.bits())
    }

    /// Rows are alike when all slots of one of so many bands are equal, and not at all otherwise; 0: by their slots.
    pub fn by_band(self, bands: usize) -> Self {
        Self { bands: bands.min(usize::from(u16::MAX)) as u16, scored: self.scored && bands > 0, ..self }
    }

    /// Rows of which a band is equal are as alike as their slots; those without one still not at all.
    pub const fn scored(self) -> Self {
        Self { scored: true, ..self }
    }

    /// The bands of which one must be equal; 0 where the share of equal slots counts.
    pub const fn bands(self) -> usize {
        self.bands as usize
    }

    /// Where a band's slots lie in a row of `width` bytes: bands differ in length by one slot at most, and there are
    /// never more of them than slots.
    pub fn band(self, width: usize, bands: usize, band: usize) -> Range<usize> {
        let slots = width / self.bytes();
        let bands = bands.clamp(1, slots.max(1));
        let start = |band: usize| slots * band.min(bands) / bands * self.bytes();
        start(band)..start(band + 1)
    }

    /// How alike two rows of equal width are: 0 to 1.
    #[inline]
    pub(crate) fn alike(self, a: &[u8], b: &[u8]) -> f32 {
        match self.bands > 0 {
            true if !self.shares_band(a, b) => return 0.0,
            true if !self.scored => return 1.0,
            _ => {}
        }
        let slots = a.len() / self.bytes();
        self.equal(a, b) as f32 / slots.max(1) as f32
    }

    fn shares_band(self, a: &[u8], b: &[u8]) -> bool {
        let bands = self.bands().min(a.len() / self.bytes());
        (0..bands).map(|band| self.band(a.len(), bands, band)).any(|band| {
            match (a.get(band.clone()), b.get(band)) {
                (Some(a), Some(b)) => a == b,
                _ => false,
            }
        })
    }

    #[inline]
    fn equal(self, a: &[u8], b: &[u8]) -> usize {
        match self.bytes {
            1 => fixed::<1>(a, b),
            2 => fixed::<2>(a, b),
            4 => fixed::<4>(a, b),
            8 => fixed::<8>(a, b),
            bytes => {
                let bytes = usize::from(bytes);
                a.chunks_exact(bytes).zip(b.chunks_exact(bytes)).filter(|(a, b)| a == b).count()
            }
        }
    }
}

#[inline]
fn fixed<const N: usize>(a: &[u8], b: &[u8]) -> usize {
    a.as_chunks::<N>().0.iter().zip(b.as_chunks::<N>().0).map(|(a, b)| usize::from(a == b)).sum()
}

impl fmt::Display for Slots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.bits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_bytes_make_slots() {
        let legal: Vec<usize> = (0..400).filter(|bits| Slots::new(*bits).is_some()).collect();
        assert_eq!(legal, (1..=32).map(|bytes| bytes * 8).collect::<Vec<_>>());
        let slots = Slots::new(24).expect("legal");
        assert_eq!((slots.count(72), slots.count(64), slots.count(0)), (Some(3), None, None));
    }

    #[test]
    fn likeness_is_the_share_of_equal_slots() {
        for bits in (8..=256).step_by(8) {
            let slots = Slots::new(bits).expect("legal");
            let a = vec![7u8; bits / 8 * 5];
            let mut b = a.clone();
            b[0] = 1;
            b[bits / 8 * 2 - 1] = 1;
            assert_eq!(slots.alike(&a, &b), 0.6, "{bits}");
            assert_eq!(slots.alike(&a, &a), 1.0);
        }
    }

    #[test]
    fn bands_cover_every_slot_once() {
        for (slots, bands) in [(1, 1), (7, 3), (8, 4), (5, 9), (128, 20)] {
            let ranges: Vec<Range<usize>> =
                (0..bands.min(slots)).map(|band| Slots::BYTES.band(slots, bands, band)).collect();
            let all: Vec<usize> = ranges.iter().cloned().flatten().collect();
            assert_eq!(all, (0..slots).collect::<Vec<_>>());
            assert!(ranges.iter().all(|range| !range.is_empty()));
            assert!(Slots::BYTES.band(slots, bands, bands).is_empty());
        }
    }

    #[test]
    fn a_shared_band_is_all_or_nothing() {
        let slots = Slots::BYTES.by_band(2);
        assert_eq!(slots.alike(&[1, 2, 3, 4], &[1, 2, 9, 4]), 1.0);
        assert_eq!(slots.alike(&[1, 2, 3, 4], &[1, 9, 9, 4]), 0.0);
        assert_eq!(slots.scored().alike(&[1, 2, 3, 4], &[1, 2, 9, 4]), 0.75);
        assert_eq!(slots.scored().alike(&[1, 2, 3, 4], &[1, 9, 9, 4]), 0.0);
        assert_eq!(slots.by_band(9).alike(&[1, 2, 3, 4], &[0, 0, 0, 4]), 1.0);
    }
}
