//! Columns of many rows, some rows at a time.

use crate::local::World;
use elanus_kernels::Bitmap;
use elanus_segment::Segment;
use elanus_types::{Column, FieldId, Result};

/// Rows in memory at once: few enough for the processor's cache, enough for the loops over them.
const ROWS: usize = 4096;

/// Shows columns of a segment's rows to `visit`, in ascending order of rows. Ends with an error when the database closes.
pub fn each_batch(
    world: &World,
    segment: &dyn Segment,
    rows: &Bitmap,
    fields: &[FieldId],
    mut visit: impl FnMut(&[u32], Vec<Column>) -> Result<()>,
) -> Result<()> {
    let mut numbers = rows.iter().map(|row| row as u32);
    let mut batch: Vec<u32> = Vec::with_capacity(ROWS);
    loop {
        batch.clear();
        batch.extend(numbers.by_ref().take(ROWS));
        if batch.is_empty() {
            return Ok(());
        }
        world.closing.check()?;
        visit(&batch, segment.take(&batch, fields)?)?;
    }
}
