//! Many searches on several threads.

use elanus_kernels::TopK;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Most queries a thread takes at a time.
const MOST: usize = 256;

/// Stands for a hit that there is not.
const NONE: u32 = u32::MAX;

/// Searches all queries, several at a time; `k` row numbers for each, in the queries' order.
pub(crate) fn run(
    queries: &[&[u8]],
    k: usize,
    threads: usize,
    nearest: impl Fn(&[&[u8]], &mut [TopK]) + Sync,
) -> Vec<u8> {
    let next = AtomicUsize::new(0);
    let share = queries.len().div_ceil(threads.max(1)).clamp(1, MOST);
    let chunks: Vec<&[&[u8]]> = queries.chunks(share).collect();
    let work = || {
        let mut parts = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(chunk) = chunks.get(at) else { return parts };
            let mut outs = vec![TopK::new(k); chunk.len()];
            nearest(chunk, &mut outs);
            let mut rows = Vec::with_capacity(chunk.len() * k * 4);
            outs.into_iter().for_each(|found| append(&mut rows, k, found));
            parts.push((at, rows));
        }
    };
    let others = threads.clamp(1, chunks.len().max(1)) - 1;
    let mut parts = std::thread::scope(|scope| {
        let others: Vec<_> = (0..others).map(|_| scope.spawn(work)).collect();
        let mut parts = work();
        for other in others {
            match other.join() {
                Ok(rest) => parts.extend(rest),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        parts
    });
    parts.sort_unstable_by_key(|(at, _)| *at);
    parts.into_iter().map(|(_, rows)| rows).collect::<Vec<_>>().concat()
}

/// Appends `k` row numbers, nearest first.
pub(crate) fn append(rows: &mut Vec<u8>, k: usize, found: TopK) {
    let hits = found.into_sorted().into_iter().map(|hit| hit.row);
    rows.extend(hits.chain(std::iter::repeat(NONE)).take(k).flat_map(u32::to_le_bytes));
}
