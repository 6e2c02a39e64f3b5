//! Sums of table entries for blocks of rows at once («fast scan»: André et al., "Cache locality is not enough", VLDB 2015;
//! "Quicker ADC", 2018).
//!
//! Where numbers have four bits at most, a table has sixteen entries, and one instruction looks up many rows' entries when
//! the table is bytes. Rows lie in blocks of sixteen: for each pair of names sixteen bytes, one per row, the first name
//! in the lower half. Tables are brought to bytes by one step for all, each from its own least entry on.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;
#[cfg(test)]
mod tests;

use super::Shape;
use crate::Level;

/// Rows of a block.
pub const ROWS: usize = 16;
/// Entries of a table.
const ENTRIES: usize = 16;
/// Names are taken so many at a time: four pairs.
const GROUP: usize = 8;
/// Bytes of a block and of the tables that belong to a group.
const GROUP_CODES: usize = GROUP / 2 * ROWS;
const GROUP_TABLES: usize = GROUP * ENTRIES;
/// Groups whose entries can be added in 16 bits, however they are spread over lanes.
const SAFE: usize = 64;

/// Blocks added up side by side: a group's tables are loaded once for all of them.
const LOT: usize = 4;

type BlockFn = fn(&[u8], [&[u8]; 1]) -> [[u32; ROWS]; 1];
type LotFn = fn(&[u8], [&[u8]; LOT]) -> [[u32; ROWS]; LOT];

/// Whether a quantizer's tables are small enough.
pub const fn fits(shape: &Shape) -> bool {
    shape.centres() <= ENTRIES
}

/// Bytes of a row's share of a block.
pub const fn width(shape: &Shape) -> usize {
    shape.names().div_ceil(GROUP) * GROUP / 2
}

/// Puts the code of a row, as [`super::Codebook::encode`] wrote it, into its place in a block.
pub fn put(code: &[u8], place: usize, block: &mut [u8]) {
    for (pair, byte) in code.iter().enumerate() {
        if let Some(to) = block.get_mut(pair * ROWS + place % ROWS) {
            *to = *byte;
        }
    }
}

/// The tables of a query as bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ByteTables {
    /// For each group the tables of the first names of its pairs, then those of the second ones.
    bytes: Vec<u8>,
    step: f32,
    least: f32,
}

impl ByteTables {
    /// Makes them of a query's tables, see [`super::Codebook::tables`]. A shape of more than four bits gives none.
    pub fn fill(&mut self, shape: &Shape, table: &[f32]) {
        let each = shape.centres();
        self.bytes.clear();
        (self.step, self.least) = (0.0, 0.0);
        if !fits(shape) || table.len() != shape.names() * each {
            return;
        }
        self.bytes.resize(shape.names().div_ceil(GROUP) * GROUP_TABLES, 0);
        let spread = |table: &[f32]| {
            let start = (f32::INFINITY, f32::NEG_INFINITY);
            table.iter().fold(start, |(low, high), v| (low.min(*v), high.max(*v)))
        };
        let widest = table.chunks_exact(each).map(spread).map(|(low, high)| high - low).fold(0.0, f32::max);
        let inverse = 255.0 / widest;
        let legal = widest > 0.0 && widest.is_finite() && inverse.is_finite();
        self.step = if legal { widest / 255.0 } else { 0.0 };
        for (name, table) in table.chunks_exact(each).enumerate() {
            let (low, _) = spread(table);
            self.least += low;
            let start =
                name / GROUP * GROUP_TABLES + (name % 2) * GROUP_TABLES / 2 + name % GROUP / 2 * ENTRIES;
            if legal && let Some(bytes) = self.bytes.get_mut(start..start + each) {
                bytes.iter_mut().zip(table).for_each(|(byte, v)| *byte = ((v - low) * inverse + 0.5) as u8);
            }
        }
        if !self.least.is_finite() {
            self.least = 0.0;
        }
    }

    /// Bytes of a block.
    pub fn block(&self) -> usize {
        self.bytes.len() / 2
    }

    /// What sums of entries say; they fit 31 bits, which are sooner floats than 32.
    #[inline(always)]
    fn products(&self, sums: [u32; ROWS]) -> [f32; ROWS] {
        sums.map(|sum| self.least + self.step * (sum as i32) as f32)
    }
}

/// Adds up entries; the instruction set is chosen once, when it is made.
#[derive(Clone, Copy, Debug)]
pub struct BlockSums {
    one: BlockFn,
    lot: LotFn,
}

impl Default for BlockSums {
    fn default() -> Self {
        Self::at(Level::chosen())
    }
}

impl BlockSums {
    /// The version of a level, or of the highest one below it that this processor has.
    pub fn at(level: Level) -> Self {
        match level.or_below() {
            #[cfg(target_arch = "x86_64")]
            Level::Avx512 => Self { one: avx512::sums, lot: avx512::sums },
            #[cfg(target_arch = "x86_64")]
            Level::Avx2 => Self { one: avx2::sums, lot: avx2::sums },
            #[cfg(target_arch = "aarch64")]
            Level::Neon => Self { one: neon::sums, lot: neon::sums },
            _ => Self { one: scalar::sums, lot: scalar::sums },
        }
    }

    /// The inner products of a query with the rows of a block of [`ByteTables::block`] bytes; zeros for any other.
    #[inline]
    pub fn dots(&self, tables: &ByteTables, block: &[u8]) -> [f32; ROWS] {
        if block.len() != tables.block() || block.is_empty() {
            return [0.0; ROWS];
        }
        let [sums] = (self.one)(&tables.bytes, [block]);
        tables.products(sums)
    }

    /// Appends the inner products of a query with the rows of some blocks, [`ByteTables::block`] bytes each; a last one
    /// that is not whole is left out.
    pub fn run(&self, tables: &ByteTables, blocks: &[u8], out: &mut Vec<f32>) {
        let bytes = tables.block();
        if bytes == 0 {
            return;
        }
        let lots = blocks.chunks_exact(LOT * bytes);
        let rest = lots.remainder();
        for lot in lots {
            let sums = (self.lot)(&tables.bytes, std::array::from_fn(|at| &lot[at * bytes..][..bytes]));
            out.extend(sums.into_iter().flat_map(|sums| tables.products(sums)));
        }
        for block in rest.chunks_exact(bytes) {
            out.extend_from_slice(&self.dots(tables, block));
        }
    }
}

/// Tables of up to [`SAFE`] groups at a time, and those groups of every block.
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
#[inline(always)]
fn safe<'a, const N: usize>(
    tables: &'a [u8],
    blocks: [&'a [u8]; N],
) -> impl Iterator<Item = (&'a [[u8; GROUP_TABLES]], [&'a [[u8; GROUP_CODES]]; N])> {
    let tables = tables.as_chunks::<GROUP_TABLES>().0.chunks(SAFE);
    tables.enumerate().map(move |(at, tables)| {
        let groups = |block: &'a [u8]| {
            let groups = block.as_chunks::<GROUP_CODES>().0;
            groups.get(at * SAFE..at * SAFE + tables.len()).unwrap_or(&[])
        };
        (tables, blocks.map(groups))
    })
}
