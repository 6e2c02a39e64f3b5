//! Building the tables and writing their file.

use super::format::Head;
use super::hash::{hash, place};
use crate::header::Header;
use crate::{BuildRequest, VectorsView};
use elanus_kernels::{Distance, Slots};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};

/// Rows hashed between looks at the flag of cancellation.
const BLOCK: usize = 1 << 14;

/// The parts of a file that one band fills.
struct Table<'a> {
    band: usize,
    starts: &'a mut [u8],
    tags: &'a mut [u8],
    rows: &'a mut [u8],
}

/// Builds the file. Every band is on its own, so the number of threads does not show.
pub(crate) fn build(
    request: &BuildRequest<'_>,
    distance: Distance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    let BuildRequest { kind, metric, vectors, threads, .. } = *request;
    let wrong = || Error::internal(format!("MINHASH_LSH compares slots of bits, not {metric}"));
    let slots = distance.metric().slots().ok_or_else(wrong)?;
    let count = slots.count(vectors.dim).ok_or_else(wrong)?;
    let head = Head::new(Header::of(kind, metric, &vectors), slots.bands().clamp(1, count));
    let too_large = || Error::internal(format!("an index over {} rows is too large", vectors.rows));
    let sections = head.sections().ok_or_else(too_large)?;
    progress.set_total((vectors.rows * head.bands) as u64);
    let mut body = head.bytes();
    body.resize(sections.len, 0);
    let (front, rows) = body.split_at_mut(sections.rows.start);
    let (front, tags) = front.split_at_mut(sections.tags.start);
    let starts = front.get_mut(sections.starts.clone()).unwrap_or(&mut []);
    let mut tables: Vec<Table<'_>> = starts
        .chunks_mut(head.starts() * 4)
        .zip(tags.chunks_mut((vectors.rows * 2).max(1)).map(Some).chain(std::iter::repeat_with(|| None)))
        .zip(rows.chunks_mut((vectors.rows * 4).max(1)).map(Some).chain(std::iter::repeat_with(|| None)))
        .enumerate()
        .map(|(band, ((starts, tags), rows))| Table {
            band,
            starts,
            tags: tags.unwrap_or(&mut []),
            rows: rows.unwrap_or(&mut []),
        })
        .collect();
    let share = tables.len().div_ceil(threads.max(1)).max(1);
    std::thread::scope(|scope| {
        for tables in tables.chunks_mut(share) {
            let head = &head;
            scope.spawn(move || {
                let mut entries = Vec::with_capacity(vectors.rows);
                for table in tables {
                    fill(head, slots, &vectors, table, &mut entries, (progress, cancel));
                }
            });
        }
    });
    cancel.check()?;
    Ok(body)
}

/// Fills one band's table; gives up once cancelled.
fn fill(
    head: &Head,
    slots: Slots,
    vectors: &VectorsView<'_>,
    table: &mut Table<'_>,
    entries: &mut Vec<(u32, u16, u32)>,
    (progress, cancel): (&Progress, &Cancel),
) {
    let band = slots.band(vectors.width(), head.bands, table.band);
    entries.clear();
    for first in (0..vectors.rows).step_by(BLOCK) {
        if cancel.is_cancelled() {
            return;
        }
        let last = vectors.rows.min(first + BLOCK);
        entries.extend((first..last).map(|row| {
            let (bucket, tag) = place(hash(vectors.row(row).get(band.clone()).unwrap_or(&[])), head.bits);
            (bucket as u32, tag, row as u32)
        }));
        progress.add((last - first) as u64);
    }
    entries.sort_unstable();
    let mut at = 0;
    for (bucket, start) in table.starts.as_chunks_mut::<4>().0.iter_mut().enumerate() {
        at += entries.iter().skip(at).take_while(|(other, ..)| (*other as usize) < bucket).count();
        *start = (at as u32).to_le_bytes();
    }
    for ((_, tag, row), (to_tag, to_row)) in entries
        .iter()
        .zip(table.tags.as_chunks_mut::<2>().0.iter_mut().zip(table.rows.as_chunks_mut::<4>().0))
    {
        *to_tag = tag.to_le_bytes();
        *to_row = row.to_le_bytes();
    }
}
