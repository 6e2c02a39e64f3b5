//! Vectors into panels and tiles.

use super::TransposeFn;
use crate::Element;
use half::{bf16, f16};

/// Words between one unpacked vector and the next beyond the vector itself, so that vectors of 4 KiB do not all fall on the
/// same lines of a cache.
const APART: usize = 16;

/// How bytes of codes become words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bytes {
    /// Four as they are.
    Four,
    /// Four, 128 added to each.
    Offset,
    /// Two, widened to 16 bits each.
    Pairs,
}

#[derive(Clone, Copy, Debug)]
enum From {
    Numbers(Element),
    Codes(Bytes),
}

/// Packs vectors, a panel or a tile at a time.
#[derive(Clone, Debug)]
pub struct Packer {
    from: From,
    transpose: TransposeFn,
    lanes: usize,
    /// Words of a vector.
    steps: usize,
    unpacked: Vec<u32>,
}

impl Packer {
    pub(super) fn numbers(lanes: usize, transpose: TransposeFn, element: Element, dim: usize) -> Self {
        Self { from: From::Numbers(element), transpose, lanes, steps: dim, unpacked: Vec::new() }
    }

    pub(super) fn codes(lanes: usize, transpose: TransposeFn, bytes: Bytes, len: usize) -> Self {
        let steps = len.div_ceil(if bytes == Bytes::Pairs { 2 } else { 4 });
        Self { from: From::Codes(bytes), transpose, lanes, steps, unpacked: Vec::new() }
    }

    /// Vectors that are packed together.
    pub fn lanes(&self) -> usize {
        self.lanes
    }

    /// Words of a panel or tile.
    pub fn words(&self) -> usize {
        self.steps * self.lanes
    }

    /// Appends one panel or tile of the given vectors; those beyond [`Packer::lanes`] are left out, missing components are
    /// zero.
    pub fn pack<'a>(&mut self, vectors: impl Iterator<Item = &'a [u8]>, out: &mut Vec<u32>) {
        let stride = self.steps + APART;
        let nothing = if matches!(self.from, From::Codes(Bytes::Offset)) { 0x8080_8080 } else { 0 };
        self.unpacked.clear();
        for vector in vectors.take(self.lanes) {
            let end = self.unpacked.len() + stride;
            unpack(self.from, vector, self.steps, &mut self.unpacked);
            self.unpacked.resize(end, nothing);
        }
        self.unpacked.resize(self.lanes * stride, nothing);
        let begin = out.len();
        out.resize(begin + self.words(), 0);
        if let Some(panel) = out.get_mut(begin..) {
            (self.transpose)(&self.unpacked, stride, self.lanes, panel);
        }
    }
}

/// Appends the words of a vector, `most` of them at most.
fn unpack(from: From, vector: &[u8], most: usize, out: &mut Vec<u32>) {
    match from {
        From::Numbers(Element::F32) => {
            out.extend(vector.as_chunks().0.iter().take(most).map(|word| u32::from_le_bytes(*word)));
        }
        From::Numbers(Element::F16) => {
            let halves = vector.as_chunks().0.iter().take(most);
            out.extend(halves.map(|half| f16::from_le_bytes(*half).to_f32().to_bits()));
        }
        From::Numbers(Element::BF16) => {
            let halves = vector.as_chunks().0.iter().take(most);
            out.extend(halves.map(|half| bf16::from_le_bytes(*half).to_f32().to_bits()));
        }
        From::Numbers(Element::I8) => {
            out.extend(vector.iter().take(most).map(|byte| f32::from(*byte as i8).to_bits()));
        }
        From::Numbers(Element::Bit) => {
            let bits = vector.iter().flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1));
            out.extend(bits.take(most).map(|bit| f32::from(bit).to_bits()));
        }
        From::Codes(Bytes::Four) => words(vector, most, u32::from_le_bytes, out),
        From::Codes(Bytes::Offset) => {
            words(vector, most, |bytes| u32::from_le_bytes(bytes) ^ 0x8080_8080, out);
        }
        From::Codes(Bytes::Pairs) => words(
            vector,
            most,
            |[a, b]| u32::from(i16::from(a as i8) as u16) | u32::from(i16::from(b as i8) as u16) << 16,
            out,
        ),
    }
}

/// Words of `N` bytes each, zeros after the last byte.
fn words<const N: usize>(code: &[u8], most: usize, word: impl Fn([u8; N]) -> u32, out: &mut Vec<u32>) {
    let (whole, rest) = code.as_chunks::<N>();
    let mut last = [0u8; N];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let last = (!rest.is_empty()).then_some(last);
    out.extend(whole.iter().copied().chain(last).take(most).map(word));
}
