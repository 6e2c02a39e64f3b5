//! Exact search of many queries, or with several threads.

use super::batch::{BatchRoom, ExactBatch};
use crate::{Bound, SearchStats, VectorsView};
use elanus_kernels::{Bitmap, Metric, TopK};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of rows that a thread takes at a time.
const PART_BYTES: usize = 8 << 20;

/// What [`exact_search`](crate::exact_search) does, for several queries at once and by several threads: `outs` are their
/// collectors in order, and the answers are the same to the last bit.
pub fn exact_search_batch(
    vectors: &VectorsView<'_>,
    metric: Metric,
    queries: &[&[u8]],
    filter: Option<&Bitmap>,
    bound: Option<Bound>,
    outs: &mut [TopK],
    threads: usize,
) -> SearchStats {
    let Some(batch) = ExactBatch::new(metric, vectors.element, vectors.dim, queries, bound) else {
        return SearchStats::default();
    };
    let part = (PART_BYTES / vectors.width().max(1)).max(1);
    let parts = vectors.rows.div_ceil(part);
    let next = AtomicUsize::new(0);
    let work = |outs: &mut [TopK]| {
        let (mut room, mut exact) = (BatchRoom::default(), 0);
        loop {
            let begin = next.fetch_add(1, Ordering::Relaxed).saturating_mul(part);
            if begin >= vectors.rows {
                return exact;
            }
            let end = begin.saturating_add(part).min(vectors.rows);
            exact += offer(&batch, vectors, filter, begin..end, &mut room, outs);
        }
    };
    let threads = threads.clamp(1, parts.max(1));
    let exact = match threads {
        1 => work(outs),
        _ => std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads)
                .map(|_| {
                    let mut outs: Vec<TopK> = outs.iter().map(|out| TopK::new(out.k())).collect();
                    let work = &work;
                    scope.spawn(move || (work(&mut outs), outs))
                })
                .collect();
            let mut exact = work(outs);
            for other in others {
                let (more, theirs) = other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
                exact += more;
                outs.iter_mut().zip(theirs).for_each(|(out, theirs)| out.merge(theirs));
            }
            exact
        }),
    };
    SearchStats { exact, scanned: true, ..SearchStats::default() }
}

/// Offers the rows of a range that the filter allows.
fn offer(
    batch: &ExactBatch<'_>,
    vectors: &VectorsView<'_>,
    filter: Option<&Bitmap>,
    range: std::ops::Range<usize>,
    room: &mut BatchRoom,
    outs: &mut [TopK],
) -> u64 {
    let all = range.start as u32..range.end as u32;
    match filter {
        None => batch.offer(vectors, 0, all, room, outs),
        Some(filter) => batch.offer(vectors, 0, filter.iter_in(range).map(|row| row as u32), room, outs),
    }
}
