//! Orders, groups and aggregates of random rows, compared with a plain evaluation over values.
//!
//! A failing round prints its seed: `ELANUS_SEED=17 cargo test -p elanus-engine --test answers` runs it alone;
//! `ELANUS_ROUNDS` says how many rounds there are.

#[path = "answers/aggregates.rs"]
mod aggregates;
#[path = "answers/groups.rs"]
mod groups;
#[path = "answers/orders.rs"]
mod orders;
#[path = "answers/rows.rs"]
mod rows;
#[path = "answers/values.rs"]
mod values;

use elanus_engine::DuplicateKey;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Rounds in the gate; each asks many questions of one collection.
const ROUNDS: u64 = 24;
/// Questions of each kind in a round.
const QUESTIONS: usize = 12;

#[test]
fn answers_are_those_of_a_plain_evaluation() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seeds = match number("ELANUS_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("ELANUS_ROUNDS").unwrap_or(ROUNDS),
    };
    let failed: Vec<u64> = seeds
        .filter(|seed| {
            let failed = catch_unwind(AssertUnwindSafe(|| round(*seed))).is_err();
            if failed {
                eprintln!("replay with ELANUS_SEED={seed}");
            }
            failed
        })
        .collect();
    assert!(failed.is_empty(), "failing seeds {failed:?}");
}

fn round(seed: u64) {
    let mut random = fastrand::Rng::with_seed(seed);
    let duplicates = if seed % 3 == 2 { DuplicateKey::Keep } else { DuplicateKey::Replace };
    let mut round = rows::Round::new(&mut random, duplicates);
    for _ in 0..random.usize(1..5) {
        round.change(&mut random);
        for _ in 0..QUESTIONS {
            orders::query(&round, &mut random);
            aggregates::query(&round, &mut random);
            if duplicates == DuplicateKey::Replace {
                orders::search(&round, &mut random);
                groups::search(&round, &mut random);
                groups::hybrid(&round, &mut random);
            }
        }
    }
}
