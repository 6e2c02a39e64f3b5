//! What an index compares: rows by number, with keys that are cheap.

pub(crate) mod codes;
pub(crate) mod encode;
pub(crate) mod raw;

use std::ops::Range;

/// Room that computing keys needs; kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    /// Dot products of codes.
    pub dots: Vec<i32>,
    /// The keys, one per row asked for.
    pub keys: Vec<f32>,
    /// Rows one after the other, where they must be spelt out.
    run: Vec<u32>,
}

impl Keys {
    /// Calls `work` with rows that follow each other spelt out.
    pub fn spelt_out(&mut self, rows: Range<u32>, work: impl FnOnce(&[u32], &mut Self)) {
        let mut run = std::mem::take(&mut self.run);
        run.clear();
        run.extend(rows);
        work(&run, self);
        self.run = run;
    }
}

/// Rows and the keys between them. A row that does not exist has some key, never a panic.
pub(crate) trait Space: Sync {
    /// What rows are compared with.
    type Probe<'a>: Copy
    where
        Self: 'a;

    /// Computes the keys between `probe` and `rows` into `out.keys`.
    fn keys(&self, probe: Self::Probe<'_>, rows: &[u32], out: &mut Keys);

    /// The same for rows that follow each other.
    fn run(&self, probe: Self::Probe<'_>, rows: Range<u32>, out: &mut Keys) {
        out.spelt_out(rows, |rows, out| self.keys(probe, rows, out));
    }

    /// Asks the processor for what [`Space::keys`] will read of a row.
    fn prefetch(&self, row: u32);
}

/// Rows that can be compared with each other, as building needs.
pub(crate) trait Pairs: Space {
    /// A row as the other side of comparisons.
    fn row(&self, row: u32) -> Self::Probe<'_>;
}
