//! Random changes, reads, crashes and failures: the engine against a tiny exact reference.
//!
//! A failing round prints its seed: `ELANUS_SEED=17 cargo test -p elanus-engine --test model` runs it alone;
//! `ELANUS_ROUNDS` says how many rounds there are, `ELANUS_FIRST` with which seed they begin.

#[path = "model/beside.rs"]
mod beside;
#[path = "model/calls.rs"]
mod calls;
#[path = "model/compare.rs"]
mod compare;
#[path = "model/disk.rs"]
mod disk;
#[path = "model/encode.rs"]
mod encode;
#[path = "model/filter.rs"]
mod filter;
#[path = "model/generate.rs"]
mod generate;
#[path = "model/race.rs"]
mod race;
#[path = "model/reads.rs"]
mod reads;
#[path = "model/reference.rs"]
mod reference;
#[path = "model/round.rs"]
mod round;
#[path = "model/shape.rs"]
mod shape;
#[path = "model/table.rs"]
mod table;

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// No more rounds after so many failures.
const MOST_FAILURES: usize = 10;

#[test]
fn agrees_with_the_reference_through_crashes() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    rounds(3_000, |seed| runtime().block_on(round::Round::new(seed).run()));
}

/// A failing seed need not fail again: who comes first is not drawn from it.
#[test]
fn writers_at_once_leave_what_some_order_leaves() {
    rounds(200, race::run);
}

/// Runs rounds on several threads; `most` is how many there are in the gate, for every 3,000 of the first test.
fn rounds(most: u64, round: impl Fn(u64) + Sync) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let first = number("ELANUS_FIRST").unwrap_or(0);
    let seeds = match number("ELANUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => first..first + number("ELANUS_ROUNDS").map_or(most, |rounds| rounds * most / 3_000),
    };
    let (next, failed) = (AtomicU64::new(seeds.start), Mutex::new(BTreeSet::new()));
    let work = || {
        while failed.lock().is_ok_and(|failed| failed.len() < MOST_FAILURES) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if !seeds.contains(&seed) {
                break;
            }
            if catch_unwind(AssertUnwindSafe(|| round(seed))).is_err() {
                eprintln!("replay with ELANUS_SEED={seed}");
                failed.lock().expect("no panic here").insert(seed);
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(4);
    std::thread::scope(|scope| {
        (0..threads).for_each(|_| drop(scope.spawn(work)));
    });
    let failed = failed.into_inner().expect("no panic here");
    assert!(failed.is_empty(), "failing seeds {failed:?}: replay one with ELANUS_SEED");
}
