//! The centres of a piece side by side, for tables.

/// Centres brought to whole so many.
const LANES: usize = 16;

/// Centres of one piece and stage, component by component, so that one component is multiplied with many at once.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Rounded up to whole lanes.
    count: usize,
    floats: Vec<f32>,
}

impl Columns {
    /// Centres given one after the other, `width` floats each.
    pub(super) fn new(centres: &[f32], width: usize) -> Self {
        let centres = centres.chunks_exact(width.max(1));
        let count = centres.len().next_multiple_of(LANES);
        let mut floats = vec![0.0; count * width];
        for (number, centre) in centres.enumerate() {
            centre.iter().enumerate().for_each(|(at, value)| floats[at * count + number] = *value);
        }
        Self { count, floats }
    }

    /// Adds to `table` the inner products of the centres with a vector.
    #[inline]
    pub(super) fn dots(&self, vector: &[f32], table: &mut [f32]) {
        for (value, column) in vector.iter().zip(self.floats.chunks_exact(self.count.max(1))) {
            table.iter_mut().zip(column).for_each(|(sum, centre)| *sum += value * centre);
        }
    }
}
