//! What is clustered: codes of vectors, or bits. Centres have the same form as rows.

use super::assign::{AssignRoom, CentreBlock};
use crate::VectorsView;
use crate::space::codes::{CodeSpace, NUMBERS, squared_length};
use crate::space::encode::{Codes, inverse_length};
use crate::space::{Keys, Space};
use elanus_kernels::{CodeDot, Distance, Hit, Metric, TopK, code};

/// Rows compared at a time.
const BLOCK: u32 = 256;

/// Centres, one after the other.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Centres {
    /// Codes or bits.
    pub bytes: Vec<u8>,
    /// Scale and squared length of codes; none for bits.
    pub numbers: Vec<[u8; NUMBERS]>,
}

impl Centres {
    /// Codes as vectors of `dim` components.
    pub(super) fn floats(&self, dim: usize) -> impl Iterator<Item = Vec<f32>> + '_ {
        let width = code::stride(dim);
        self.bytes.chunks_exact(width.max(1)).zip(&self.numbers).map(move |(code, [a, b, c, d, ..])| {
            let scale = f32::from_le_bytes([*a, *b, *c, *d]);
            code.iter().take(dim).map(|byte| f32::from(*byte as i8) * scale).collect()
        })
    }
}

/// Working memory of one thread.
#[derive(Debug, Default)]
pub(super) struct Room {
    pub keys: Keys,
    pub rows: Vec<u32>,
    pub assign: AssignRoom,
}

/// Rows that can be clustered.
pub(super) trait Points: Sync {
    /// Appends the centre of some rows.
    fn centre(&self, members: &[u32], out: &mut Centres);

    /// Centres in the form that rows are compared with.
    type Prepared<'c>: Sync
    where
        Self: 'c;

    /// Prepares centres.
    fn prepare<'c>(&'c self, centres: &'c Centres) -> Self::Prepared<'c>;

    /// Appends the nearest centre of each row, for assigning it to that.
    fn assign(&self, rows: &[u32], centres: &Self::Prepared<'_>, room: &mut Room, out: &mut Vec<u32>);

    /// The rows nearest to a row, itself left out.
    fn nearest(&self, row: u32, count: usize, room: &mut Room) -> Vec<Hit>;
}

/// Vectors by their codes.
pub(super) struct CodePoints<'a> {
    pub metric: Metric,
    pub dim: usize,
    pub dot: CodeDot,
    pub codes: &'a Codes,
}

impl CodePoints<'_> {
    pub(super) fn space(&self) -> CodeSpace<'_> {
        let width = code::stride(self.dim);
        CodeSpace {
            metric: self.metric,
            dot: self.dot,
            width,
            codes: &self.codes.codes,
            numbers: &self.codes.numbers,
        }
    }
}

/// Centres as rows that a query can be compared with.
pub(super) fn centre_space<'a>(
    metric: Metric,
    dot: CodeDot,
    dim: usize,
    codes: &'a [u8],
    numbers: &'a [[u8; NUMBERS]],
) -> CodeSpace<'a> {
    CodeSpace { metric, dot, width: code::stride(dim), codes, numbers }
}

impl Points for CodePoints<'_> {
    fn centre(&self, members: &[u32], out: &mut Centres) {
        let rows = self.space();
        let mut sums = vec![0.0f32; self.dim];
        for member in members {
            let scale = rows.numbers(*member).0;
            let scale =
                if self.metric == Metric::Cosine { unit_scale(&self.dot, rows.code(*member)) } else { scale };
            sums.iter_mut()
                .zip(rows.code(*member))
                .for_each(|(sum, byte)| *sum += f32::from(*byte as i8) * scale);
        }
        let share = match self.metric {
            Metric::Cosine => inverse_length(sums.iter().map(|sum| sum * sum).sum()),
            _ => 1.0 / members.len().max(1) as f32,
        };
        sums.iter_mut().for_each(|sum| *sum *= share);
        let begin = out.bytes.len();
        let scale = code::quantize(&sums, &mut out.bytes);
        let square = squared_length(&self.dot, out.bytes.get(begin..).unwrap_or(&[]), scale);
        let ([a, b, c, d], [e, f, g, h]) = (scale.to_le_bytes(), square.to_le_bytes());
        out.numbers.push([a, b, c, d, e, f, g, h]);
    }

    type Prepared<'c>
        = CentreBlock
    where
        Self: 'c;

    /// By inner product long centres would draw all rows; so rows are grouped by distance.
    fn prepare<'c>(&'c self, centres: &'c Centres) -> CentreBlock {
        let metric = if self.metric == Metric::Ip { Metric::L2 } else { self.metric };
        CentreBlock::new(centre_space(metric, self.dot, self.dim, &centres.bytes, &centres.numbers))
    }

    fn assign(&self, rows: &[u32], centres: &CentreBlock, room: &mut Room, out: &mut Vec<u32>) {
        centres.nearest(&self.space(), rows, &mut room.assign, out);
    }

    fn nearest(&self, row: u32, count: usize, room: &mut Room) -> Vec<Hit> {
        let space = self.space();
        let (probe, mut top) = (space.row_as_query(row), TopK::new(count));
        let rows = self.codes.numbers.len() as u32;
        for start in (0..rows).step_by(BLOCK as usize) {
            room.rows.clear();
            room.rows.extend(start..rows.min(start + BLOCK));
            space.keys(probe, &room.rows, &mut room.keys);
            for (key, other) in room.keys.keys.iter().zip(&room.rows) {
                if *other != row && *key <= top.threshold() {
                    top.push(*key, *other);
                }
            }
        }
        top.into_sorted()
    }
}

/// What makes a code a vector of length one.
fn unit_scale(dot: &CodeDot, code: &[u8]) -> f32 {
    inverse_length(squared_length(dot, code, 1.0))
}

/// Binary vectors.
pub(super) struct BitPoints<'a> {
    pub distance: Distance,
    pub vectors: VectorsView<'a>,
}

impl BitPoints<'_> {
    /// Computes the keys between a row and all centres into `room.keys`.
    fn query_keys(&self, row: u32, centres: &Centres, room: &mut Room) {
        room.keys.keys.clear();
        self.distance.keys(self.vectors.row(row as usize), &centres.bytes, &mut room.keys.keys);
    }
}

impl Points for BitPoints<'_> {
    /// Every bit as most of the rows have it.
    fn centre(&self, members: &[u32], out: &mut Centres) {
        let mut counts = vec![0u32; self.vectors.width() * 8];
        for member in members {
            let bytes = self.vectors.row(*member as usize);
            for (counts, byte) in counts.chunks_exact_mut(8).zip(bytes) {
                counts.iter_mut().enumerate().for_each(|(bit, count)| *count += u32::from(byte >> bit & 1));
            }
        }
        out.bytes.extend(counts.chunks_exact(8).map(|counts| {
            let bits = counts.iter().enumerate();
            bits.fold(0u8, |byte, (bit, count)| byte | u8::from(2 * *count as usize > members.len()) << bit)
        }));
    }

    type Prepared<'c>
        = &'c Centres
    where
        Self: 'c;

    fn prepare<'c>(&'c self, centres: &'c Centres) -> &'c Centres {
        centres
    }

    fn assign(&self, rows: &[u32], centres: &&Centres, room: &mut Room, out: &mut Vec<u32>) {
        for row in rows {
            self.query_keys(*row, centres, room);
            let keys = room.keys.keys.iter().zip(0..);
            out.push(keys.min_by(|a, b| a.0.total_cmp(b.0)).map_or(0, |(_, list)| list));
        }
    }

    fn nearest(&self, row: u32, count: usize, _: &mut Room) -> Vec<Hit> {
        let mut top = TopK::new(count + 1);
        crate::exact_search(
            &self.vectors,
            self.distance.metric(),
            self.vectors.row(row as usize),
            None,
            None,
            &mut top,
        );
        let mut hits = top.into_sorted();
        hits.retain(|hit| hit.row != row);
        hits.truncate(count);
        hits
    }
}

/// The numbers below `count`.
pub(super) fn all(rows: &mut Vec<u32>, count: usize) {
    rows.clear();
    rows.extend(0..count as u32);
}
