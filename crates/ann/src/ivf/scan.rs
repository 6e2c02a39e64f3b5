//! Looking through a list by codes.

use super::open::Ivf;
use super::search::Work;
use super::shortlist::Shortlist;
use crate::space::Space;
use elanus_kernels::Bitmap;
use std::ops::Range;

/// Rows of a list looked at together.
const BLOCK: usize = 256;
/// Keys looked at together: most groups hold none that matters.
const GROUP: usize = 16;

/// Which rows of a list count.
pub(super) struct Among<'a> {
    /// Where the list's rows are.
    pub list: Range<usize>,
    /// Rows with smaller keys do not.
    pub low: f32,
    /// Only these do.
    pub filter: Option<&'a Bitmap>,
}

impl Ivf {
    /// Offers `near` the rows of a list that count, with their keys on codes.
    pub(super) fn scan<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: S::Probe<'p>,
        among: &Among<'_>,
        work: &mut Work,
        near: &mut Shortlist,
    ) {
        let list = &among.list;
        for start in list.clone().step_by(BLOCK) {
            let block = start..list.end.min(start + BLOCK);
            match among.filter {
                None => self.scan_all(codes, probe, block, among.low, work, near),
                Some(filter) => self.scan_some(codes, probe, block, (among.low, filter), work, near),
            }
        }
    }

    fn scan_all<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: S::Probe<'p>,
        block: Range<usize>,
        low: f32,
        work: &mut Work,
        near: &mut Shortlist,
    ) {
        let rows = self.rows().get(block.clone()).unwrap_or(&[]);
        codes.run(probe, block.start as u32..block.end as u32, &mut work.keys);
        work.stats.approximate += rows.len() as u64;
        work.seen += rows.len();
        if low > f32::NEG_INFINITY {
            work.below += work.keys.keys.iter().filter(|key| **key < work.low).count();
        }
        for (keys, rows) in work.keys.keys.chunks(GROUP).zip(rows.chunks(GROUP)) {
            let threshold = near.threshold();
            if keys.iter().all(|key| *key > threshold) {
                continue;
            }
            for (key, row) in keys.iter().zip(rows) {
                // A damaged list may name a row that does not exist; comparing finds it infinitely far.
                if *key <= near.threshold() && *key >= low {
                    near.push(*key, u32::from_le_bytes(*row));
                }
            }
        }
    }

    fn scan_some<'p, S: Space + 'p>(
        &self,
        codes: &'p S,
        probe: S::Probe<'p>,
        block: Range<usize>,
        (low, filter): (f32, &Bitmap),
        work: &mut Work,
        near: &mut Shortlist,
    ) {
        work.places.clear();
        work.rows.clear();
        for (place, row) in block.clone().zip(self.rows().get(block).unwrap_or(&[])) {
            let row = u32::from_le_bytes(*row);
            if filter.get(row as usize) {
                work.places.push(place as u32);
                work.rows.push(row);
            }
        }
        codes.keys(probe, &work.places, &mut work.keys);
        work.stats.approximate += work.places.len() as u64;
        work.seen += work.places.len();
        for (key, row) in work.keys.keys.iter().zip(&work.rows) {
            work.below += usize::from(*key < work.low);
            if *key <= near.threshold() && *key >= low {
                near.push(*key, *row);
                if work.nearest.as_mut().is_some_and(|nearest| nearest.push(*key, *row)) {
                    work.still = 0;
                }
            }
        }
    }
}
