//! The codings there are, and how they are written down.

use elanus_kernels::pq::{MOST_BITS, Shape, scan};
use elanus_kernels::{Element, grid};

/// How the vectors of an index are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Coding {
    /// A signed byte per component and a scale.
    Bytes,
    /// `bits` (1 to 8) per component; with `mixed` after a random rotation (RaBitQ).
    Grid {
        /// Bits per component.
        bits: usize,
        /// Whether components are mixed first.
        mixed: bool,
    },
    /// Half-precision floats, or the upper halves of singles.
    Half {
        /// The latter.
        brain: bool,
    },
    /// Numbers of centres: `pieces` of the vector, `stages` each, `bits` per number.
    Product {
        /// Pieces a vector is cut into.
        pieces: usize,
        /// Centres named per piece.
        stages: usize,
        /// Bits of a centre's number.
        bits: usize,
    },
}

impl Coding {
    /// The coding with its numbers brought into what there is for vectors of `dim` components.
    pub fn fit(self, dim: usize) -> Self {
        match self {
            Coding::Grid { bits, mixed } => Coding::Grid { bits: bits.clamp(1, grid::MOST_BITS), mixed },
            Coding::Product { pieces, stages, bits } => {
                let Shape { pieces, stages, bits, .. } = Shape::new(dim, pieces, stages, bits);
                Coding::Product { pieces, stages, bits }
            }
            other => other,
        }
    }

    /// Bytes of a code of `dim` components, without the two floats that go with it.
    pub fn width(self, dim: usize) -> usize {
        match self {
            Coding::Bytes => elanus_kernels::code::stride(dim),
            Coding::Grid { bits, .. } => grid::Layout::new(bits, dim).width(),
            Coding::Half { .. } => dim * 2,
            Coding::Product { pieces, stages, bits } => Shape::new(dim, pieces, stages, bits).width(),
        }
    }

    /// Bytes of a row's share of a block, where lists keep codes in blocks of rows.
    pub(crate) fn block_width(self, dim: usize) -> Option<usize> {
        match self {
            Coding::Product { pieces, stages, bits } => {
                let shape = Shape::new(dim, pieces, stages, bits);
                scan::fits(&shape).then(|| scan::width(&shape))
            }
            _ => None,
        }
    }

    /// Bytes of the codes of `rows` rows in lists.
    pub(crate) fn listed_bytes(self, rows: usize, dim: usize) -> Option<usize> {
        match self.block_width(dim) {
            Some(width) => rows.checked_next_multiple_of(scan::ROWS)?.checked_mul(width),
            None => rows.checked_mul(self.width(dim)),
        }
    }

    /// Bytes of what must be kept beside the codes.
    pub fn model_bytes(self, dim: usize) -> usize {
        match self {
            Coding::Product { pieces, stages, bits } => 4 * Shape::new(dim, pieces, stages, bits).floats(),
            _ => 0,
        }
    }

    /// Whether codes say less than a byte per component does.
    pub(crate) fn is_coarse(self) -> bool {
        matches!(self, Coding::Grid { .. } | Coding::Product { .. })
    }

    /// Four numbers for the head of a file.
    pub(crate) fn words(self) -> [u32; 4] {
        match self {
            Coding::Bytes => [0; 4],
            Coding::Grid { bits, mixed } => [1, bits as u32, u32::from(mixed), 0],
            Coding::Half { brain } => [2, u32::from(brain), 0, 0],
            Coding::Product { pieces, stages, bits } => [3, pieces as u32, stages as u32, bits as u32],
        }
    }

    /// The inverse of [`Coding::words`]; `None` for what it never says.
    pub(crate) fn of_words(words: [u32; 4]) -> Option<Self> {
        let [tag, a, b, c] = words.map(|word| word as usize);
        match tag {
            0 => Some(Coding::Bytes),
            1 if (1..=grid::MOST_BITS).contains(&a) => Some(Coding::Grid { bits: a, mixed: b != 0 }),
            2 => Some(Coding::Half { brain: a != 0 }),
            3 if (1..=1 << 18).contains(&a) && (1..=16).contains(&b) && (1..=MOST_BITS).contains(&c) => {
                Some(Coding::Product { pieces: a, stages: b, bits: c })
            }
            _ => None,
        }
    }

    pub(crate) fn half(brain: bool) -> Element {
        if brain { Element::BF16 } else { Element::F16 }
    }
}

impl std::fmt::Display for Coding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Coding::Bytes => f.write_str("one-byte codes"),
            Coding::Grid { bits, mixed: false } => write!(f, "{bits}-bit codes"),
            Coding::Grid { bits, mixed: true } => write!(f, "{bits}-bit RaBitQ codes"),
            Coding::Half { brain } => write!(f, "{} copies", Coding::half(*brain).name()),
            Coding::Product { pieces, stages: 1, bits } => {
                write!(f, "product codes of {pieces} x {bits} bits")
            }
            Coding::Product { pieces, stages, bits } => {
                write!(f, "residual product codes of {pieces} x {stages} x {bits} bits")
            }
        }
    }
}
