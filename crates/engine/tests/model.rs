//! Random changes, reads, crashes and failures: the engine against a tiny exact reference.
//!
//! A failing round prints its seed: `ELANUS_SEED=17 cargo test -p elanus-engine --test model` runs it alone;
//! `ELANUS_ROUNDS` says how many rounds there are.

#[path = "model/calls.rs"]
mod calls;
#[path = "model/generate.rs"]
mod generate;
#[path = "model/reference.rs"]
mod reference;
#[path = "model/round.rs"]
mod round;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

#[test]
fn agrees_with_the_reference_through_crashes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("ELANUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ELANUS_ROUNDS").unwrap_or(4_000),
    };
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    for seed in seeds {
        let run = || runtime.block_on(round::Round::new(seed).run());
        if let Err(panic) = catch_unwind(AssertUnwindSafe(run)) {
            eprintln!("replay with ELANUS_SEED={seed}");
            resume_unwind(panic);
        }
    }
}
