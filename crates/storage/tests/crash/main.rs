//! The log and versioned objects on a disk that loses power, fails and runs full.
//!
//! A failing round prints its seed: `ELANUS_SEED=17 cargo test -p elanus-storage --test crash` runs it alone,
//! `ELANUS_ROUNDS` says how many rounds there are.

mod damage;
mod versioned;
mod wal;

use elanus_storage::SimDisk;
use elanus_storage::sim::Operation;
use elanus_types::{Error, ErrorKind};
use fastrand::Rng;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

/// Runs rounds with seeds 0, 1, 2… or the one asked for.
fn rounds(default: u64, round: impl Fn(&mut Rng, SimDisk)) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("ELANUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ELANUS_ROUNDS").unwrap_or(default),
    };
    for seed in seeds {
        let run = || round(&mut Rng::with_seed(seed), SimDisk::new(seed));
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            eprintln!("replay with ELANUS_SEED={seed}");
            resume_unwind(panic);
        }
    }
}

/// Plans something that goes wrong soon, or nothing.
fn trouble(disk: &SimDisk, random: &mut Rng) {
    let soon = random.u64(..12);
    match random.u8(..10) {
        0 => disk.fail_next(Operation::Sync, ErrorKind::Io),
        1 => disk.fail_next(Operation::SyncDir, ErrorKind::Io),
        2 => disk.fail_after(soon, ErrorKind::Io),
        3 => disk.fail_after(soon, ErrorKind::DiskFull),
        4 => disk.set_capacity(disk.used() + random.u64(..600)),
        5 | 6 => disk.stop_after(soon),
        _ => {}
    }
}

/// Takes back what was planned, and gives space.
fn calm(disk: &SimDisk) {
    disk.heal();
    disk.set_capacity(64 << 20);
}

/// Trouble gives errors of these kinds only; nothing is ever called damaged that a crash may leave.
fn assert_honest(error: &Error) {
    assert!(matches!(error.kind(), ErrorKind::Io | ErrorKind::DiskFull), "{error:?}");
}
