//! Keys between raw vectors: one function per metric and element, the fastest this processor runs.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

use crate::{Element, Level, Metric, Slots};
use scalar::{BF16, F16, F32, Sums};

type PairFn = fn(&[u8], &[u8]) -> f32;
type SumsFn = fn(&[u8], &[u8]) -> Sums;
type HalfFn = fn(&[u8], &[u8]) -> [f32; 2];
type WideFn = fn(&[u8], &[u8]) -> [f64; 3];

/// The widest dense row, in elements: the protocol's limit for bits, far above the one for numbers.
pub const MAX_DIM: usize = 1 << 18;

/// Squared norms outside this range have lost bits in single precision.
const SAFE_NORMS: std::ops::Range<f32> = 1e-30..1e30;

#[derive(Clone, Copy, Debug)]
enum Kernel {
    /// The key is the function's value.
    Direct(PairFn),
    /// The key is the function's negated value.
    Negated(PairFn),
    /// The key is the negated cosine, from the sums; in double precision where floats do not reach. The second function
    /// gives the same sums without the squares of the first row.
    Cosine(SumsFn, HalfFn, WideFn),
    /// The key is the negated likeness.
    Slots(Slots),
}

/// Computes keys (smaller = nearer) between rows given as raw little-endian bytes without alignment.
///
/// The instruction set is chosen once, when it is made.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    kernel: Kernel,
    width: usize,
    metric: Metric,
    element: Element,
}

impl Distance {
    /// The version of the level in use (see [`crate::isa`]); `None` when the metric does not fit the element or the
    /// dimension is 0 or above [`MAX_DIM`].
    pub fn new(metric: Metric, element: Element, dim: usize) -> Option<Self> {
        Self::at(Level::chosen(), metric, element, dim)
    }

    /// The version of a level, or of the highest one below it that this processor has.
    pub fn at(level: Level, metric: Metric, element: Element, dim: usize) -> Option<Self> {
        let kernel = match (metric, element) {
            (Metric::MhJaccard(slots), Element::Bit) => slots.count(dim).map(|_| Kernel::Slots(slots))?,
            _ => kernel(level.or_below(), metric, element)?,
        };
        Self::with(kernel, metric, element, dim)
    }

    /// The plain version that every processor runs.
    pub fn scalar(metric: Metric, element: Element, dim: usize) -> Option<Self> {
        Self::at(Level::Scalar, metric, element, dim)
    }

    fn with(kernel: Kernel, metric: Metric, element: Element, dim: usize) -> Option<Self> {
        (1..=MAX_DIM).contains(&dim).then_some(Self { kernel, width: element.width(dim), metric, element })
    }

    /// Bytes of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The metric.
    pub fn metric(&self) -> Metric {
        self.metric
    }

    /// The element type.
    pub fn element(&self) -> Element {
        self.element
    }

    /// The key between two rows; +∞ when it is not a number or a row has the wrong width.
    #[inline]
    pub fn key(&self, a: &[u8], b: &[u8]) -> f32 {
        if a.len() != self.width || b.len() != self.width {
            return f32::INFINITY;
        }
        let key = match self.kernel {
            Kernel::Direct(f) => f(a, b),
            Kernel::Negated(f) => -f(a, b),
            Kernel::Cosine(f, _, wide) => -cosine(f(a, b), || wide(a, b)),
            Kernel::Slots(slots) => -slots.alike(a, b),
        };
        number(key)
    }

    /// Appends the keys between `query` and every row of a contiguous block.
    pub fn keys(&self, query: &[u8], rows: &[u8], out: &mut Vec<f32>) {
        if query.len() != self.width {
            out.extend(rows.chunks_exact(self.width).map(|_| f32::INFINITY));
            return;
        }
        let each = rows.chunks_exact(self.width);
        match self.kernel {
            Kernel::Direct(f) => out.extend(each.map(|row| number(f(query, row)))),
            Kernel::Negated(f) => out.extend(each.map(|row| number(-f(query, row)))),
            Kernel::Slots(slots) => out.extend(each.map(|row| number(-slots.alike(query, row)))),
            Kernel::Cosine(f, half, wide) => {
                let [_, square, _] = f(query, query);
                out.extend(each.map(|row| {
                    let [dot, other] = half(query, row);
                    number(-cosine([dot, square, other], || wide(query, row)))
                }));
            }
        }
    }
}

/// A key that is not a number is infinitely far.
#[inline(always)]
fn number(key: f32) -> f32 {
    if key.is_nan() { f32::INFINITY } else { key }
}

#[inline]
fn cosine(sums: Sums, wide: impl Fn() -> [f64; 3]) -> f32 {
    let [dot, a, b] = sums;
    if SAFE_NORMS.contains(&a) && SAFE_NORMS.contains(&b) {
        return (dot / (a.sqrt() * b.sqrt())).clamp(-1.0, 1.0);
    }
    let [dot, a, b] = wide();
    if a == 0.0 || b == 0.0 { 0.0 } else { (dot / (a.sqrt() * b.sqrt())).clamp(-1.0, 1.0) as f32 }
}

fn plain_kernel(metric: Metric, element: Element) -> Option<Kernel> {
    Some(match (metric, element) {
        (Metric::L2, Element::F32) => Kernel::Direct(scalar::l2::<4, F32>),
        (Metric::L2, Element::F16) => Kernel::Direct(scalar::l2::<2, F16>),
        (Metric::L2, Element::BF16) => Kernel::Direct(scalar::l2::<2, BF16>),
        (Metric::L2, Element::I8) => Kernel::Direct(scalar::l2_i8),
        (Metric::Ip, Element::F32) => Kernel::Negated(scalar::dot::<4, F32>),
        (Metric::Ip, Element::F16) => Kernel::Negated(scalar::dot::<2, F16>),
        (Metric::Ip, Element::BF16) => Kernel::Negated(scalar::dot::<2, BF16>),
        (Metric::Ip, Element::I8) => Kernel::Negated(scalar::dot_i8),
        (Metric::Cosine, Element::F32) => {
            Kernel::Cosine(scalar::sums::<4, F32>, scalar::half::<4, F32>, scalar::wide_sums::<4, F32>)
        }
        (Metric::Cosine, Element::F16) => {
            Kernel::Cosine(scalar::sums::<2, F16>, scalar::half::<2, F16>, scalar::wide_sums::<2, F16>)
        }
        (Metric::Cosine, Element::BF16) => {
            Kernel::Cosine(scalar::sums::<2, BF16>, scalar::half::<2, BF16>, scalar::wide_sums::<2, BF16>)
        }
        (Metric::Cosine, Element::I8) => {
            Kernel::Cosine(scalar::sums_i8, scalar::half_i8, scalar::wide_sums_i8)
        }
        (Metric::Hamming, Element::Bit) => Kernel::Direct(scalar::hamming),
        (Metric::Jaccard, Element::Bit) => Kernel::Direct(scalar::jaccard),
        (Metric::L2 | Metric::Ip | Metric::Cosine, Element::Bit) => return None,
        (Metric::Hamming | Metric::Jaccard | Metric::MhJaccard(_), _) => return None,
    })
}

fn kernel(level: Level, metric: Metric, element: Element) -> Option<Kernel> {
    match level {
        #[cfg(target_arch = "x86_64")]
        Level::Avx512 => avx512::kernel(metric, element),
        #[cfg(target_arch = "x86_64")]
        Level::Avx2 => avx2::kernel(metric, element),
        #[cfg(target_arch = "aarch64")]
        Level::Neon => neon::kernel(metric, element),
        _ => plain_kernel(metric, element),
    }
}
