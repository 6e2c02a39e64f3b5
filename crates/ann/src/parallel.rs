//! Work on many items by several threads, with results in the items' order.

use elanus_runtime::Cancel;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Items a thread takes at a time.
const CHUNK: usize = 16;

/// Calls `work` for every item below `items`, which appends what it finds; all of it, in the items' order, is the
/// result. One thread works per scratch. Once cancelled the rest is left out.
pub(crate) fn collect<S: Default + Send, T: Send>(
    scratches: &mut [S],
    items: usize,
    cancel: &Cancel,
    work: impl Fn(usize, &mut S, &mut Vec<T>) + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = |scratch: &mut S| {
        let mut parts = Vec::new();
        loop {
            let start = next.fetch_add(CHUNK, Ordering::Relaxed);
            if start >= items {
                return parts;
            }
            let mut part = Vec::new();
            for item in start..items.min(start + CHUNK) {
                if cancel.is_cancelled() {
                    return parts;
                }
                work(item, scratch, &mut part);
            }
            parts.push((start, part));
        }
    };
    let useful = items.div_ceil(CHUNK).clamp(1, scratches.len().max(1));
    let mut parts = match scratches.get_mut(..useful) {
        None | Some([]) => run(&mut S::default()),
        Some([one]) => run(one),
        Some(many) => std::thread::scope(|scope| {
            let run = &run;
            let threads: Vec<_> = many.iter_mut().map(|scratch| scope.spawn(move || run(scratch))).collect();
            let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                Ok(parts) => parts,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            threads.into_iter().flat_map(join).collect()
        }),
    };
    parts.sort_unstable_by_key(|(start, _)| *start);
    parts.into_iter().flat_map(|(_, part)| part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_keep_the_order_of_items() {
        for threads in [0, 1, 3] {
            let mut scratches: Vec<()> = vec![(); threads];
            let twice = collect(&mut scratches, 100, &Cancel::new(), |item, _, out| out.extend([item; 2]));
            assert!(twice.iter().copied().eq((0..200).map(|i| i / 2)));
        }
    }
}
