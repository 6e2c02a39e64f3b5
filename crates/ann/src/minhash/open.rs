//! Open tables and their parts.

use super::format::{Head, Sections};
use super::hash::{hash, place};
use crate::header::Header;
use crate::{Body, Index};
use elanus_kernels::{Distance, Slots};
use elanus_types::{Error, Result};

/// Tables in their file.
pub(super) struct MinHashLsh {
    pub head: Head,
    pub distance: Distance,
    pub slots: Slots,
    pub body: Body,
    sections: Sections,
}

/// Opens a file that must have been built on this column.
pub(crate) fn open(column: &Header, body: Body) -> Result<Box<dyn Index>> {
    let (head, sections) = Head::read((*body).as_ref())?;
    head.column.expect(column)?;
    // By slots: whether bands count is a search's to say.
    let distance = Distance::new(column.metric, column.element, column.dim as usize);
    let (Some(distance), Some(slots)) = (distance, column.metric.slots()) else {
        return Err(Error::internal(format!("there is no {column}")));
    };
    Ok(Box::new(MinHashLsh { head, distance, slots, body, sections }))
}

impl MinHashLsh {
    /// Rows of a band whose hash is that of the query's band, ascending; little-endian.
    pub(super) fn rows(&self, query: &[u8], band: usize) -> &[[u8; 4]] {
        let bytes = query.get(self.slots.band(query.len(), self.head.bands, band)).unwrap_or(&[]);
        let (bucket, tag) = place(hash(bytes), self.head.bits);
        self.tagged(band, bucket, tag).unwrap_or(&[])
    }

    fn tagged(&self, band: usize, bucket: usize, tag: u16) -> Option<&[[u8; 4]]> {
        let body = (*self.body).as_ref();
        let starts = body.get(self.sections.starts.clone())?.as_chunks::<4>().0;
        let starts = starts.chunks_exact(self.head.starts()).nth(band)?;
        let start = |bucket: usize| Some(u32::from_le_bytes(*starts.get(bucket)?) as usize);
        let (start, end) = (start(bucket)?, start(bucket + 1)?);
        let rows = self.head.column.rows as usize;
        let first = band.checked_mul(rows)?;
        let tags = body
            .get(self.sections.tags.clone())?
            .as_chunks::<2>()
            .0
            .get(first..first + rows)?
            .get(start..end)?;
        let low = tags.partition_point(|other| u16::from_le_bytes(*other) < tag);
        let high = low + tags.get(low..)?.partition_point(|other| u16::from_le_bytes(*other) <= tag);
        let all = body.get(self.sections.rows.clone())?.as_chunks::<4>().0.get(first..first + rows)?;
        all.get(start + low..start + high)
    }
}
