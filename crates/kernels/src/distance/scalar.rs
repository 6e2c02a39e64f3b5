//! Plain versions: the reference that the fast ones are tested against, and the fallback for every processor.
//!
//! Sums run in eight lanes, which compilers turn into vector code where the target allows.

use half::{bf16, f16};

const LANES: usize = 8;

/// Dot product and both squared norms.
pub(super) type Sums = [f32; 3];

/// Reads the element that occupies exactly these bytes.
pub(super) trait Decode<const W: usize> {
    fn decode(bytes: [u8; W]) -> f32;
}

pub(super) struct F32;
pub(super) struct F16;
pub(super) struct BF16;

impl Decode<4> for F32 {
    #[inline(always)]
    fn decode(bytes: [u8; 4]) -> f32 {
        f32::from_le_bytes(bytes)
    }
}

impl Decode<2> for F16 {
    #[inline(always)]
    fn decode(bytes: [u8; 2]) -> f32 {
        f16::from_le_bytes(bytes).to_f32()
    }
}

impl Decode<2> for BF16 {
    #[inline(always)]
    fn decode(bytes: [u8; 2]) -> f32 {
        bf16::from_le_bytes(bytes).to_f32()
    }
}

#[inline(always)]
fn each<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8], mut add: impl FnMut(usize, f32, f32)) {
    for (i, (x, y)) in a.as_chunks::<W>().0.iter().zip(b.as_chunks::<W>().0).enumerate() {
        add(i % LANES, D::decode(*x), D::decode(*y));
    }
}

pub(super) fn l2<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    each::<W, D>(a, b, |lane, x, y| lanes[lane] += (x - y) * (x - y));
    lanes.iter().sum()
}

pub(super) fn dot<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    each::<W, D>(a, b, |lane, x, y| lanes[lane] += x * y);
    lanes.iter().sum()
}

pub(super) fn sums<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8]) -> Sums {
    let mut lanes = [[0.0f32; LANES]; 3];
    each::<W, D>(a, b, |lane, x, y| {
        lanes[0][lane] += x * y;
        lanes[1][lane] += x * x;
        lanes[2][lane] += y * y;
    });
    lanes.map(|lane| lane.iter().sum())
}

/// [`sums`] without the squares of the first row.
pub(super) fn half<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8]) -> [f32; 2] {
    let mut lanes = [[0.0f32; LANES]; 2];
    each::<W, D>(a, b, |lane, x, y| {
        lanes[0][lane] += x * y;
        lanes[1][lane] += y * y;
    });
    lanes.map(|lane| lane.iter().sum())
}

/// The same sums in double precision, for vectors whose norms leave the range of floats.
pub(super) fn wide_sums<const W: usize, D: Decode<W>>(a: &[u8], b: &[u8]) -> [f64; 3] {
    let mut out = [0.0f64; 3];
    each::<W, D>(a, b, |_, x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        out[0] += x * y;
        out[1] += x * x;
        out[2] += y * y;
    });
    out
}

fn integers(a: &[u8], b: &[u8], term: impl Fn(i32, i32) -> i32) -> f32 {
    let sum: i64 =
        a.iter().zip(b).map(|(x, y)| i64::from(term(i32::from(*x as i8), i32::from(*y as i8)))).sum();
    sum as f32
}

pub(super) fn l2_i8(a: &[u8], b: &[u8]) -> f32 {
    integers(a, b, |x, y| (x - y) * (x - y))
}

pub(super) fn dot_i8(a: &[u8], b: &[u8]) -> f32 {
    integers(a, b, |x, y| x * y)
}

pub(super) fn sums_i8(a: &[u8], b: &[u8]) -> Sums {
    [dot_i8(a, b), dot_i8(a, a), dot_i8(b, b)]
}

pub(super) fn half_i8(a: &[u8], b: &[u8]) -> [f32; 2] {
    [dot_i8(a, b), dot_i8(b, b)]
}

#[inline(always)]
fn words(a: &[u8], b: &[u8], term: impl Fn(u64, u64) -> u32) -> u32 {
    let ((x, x_tail), (y, y_tail)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let body: u32 = x.iter().zip(y).map(|(x, y)| term(u64::from_le_bytes(*x), u64::from_le_bytes(*y))).sum();
    body + x_tail.iter().zip(y_tail).map(|(x, y)| term(u64::from(*x), u64::from(*y))).sum::<u32>()
}

#[inline(always)]
pub(super) fn hamming(a: &[u8], b: &[u8]) -> f32 {
    words(a, b, |x, y| (x ^ y).count_ones()) as f32
}

#[inline(always)]
pub(super) fn jaccard(a: &[u8], b: &[u8]) -> f32 {
    let both = words(a, b, |x, y| (x & y).count_ones());
    let any = words(a, b, |x, y| (x | y).count_ones());
    unlike(both, any)
}

/// How unlike two sets are that have so many members in common and in all. Two empty sets count as unlike, as clients of the
/// protocol expect.
#[inline(always)]
pub(super) fn unlike(both: u32, any: u32) -> f32 {
    if any == 0 { 1.0 } else { 1.0 - both as f32 / any as f32 }
}

/// Sums over bytes are exact; this only gives them the type the others have.
pub(super) fn wide_sums_i8(a: &[u8], b: &[u8]) -> [f64; 3] {
    sums_i8(a, b).map(f64::from)
}
