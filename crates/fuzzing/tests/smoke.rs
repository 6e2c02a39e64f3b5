//! Thousands of wrong inputs for every decoder and parser: each answers or refuses, none panics.
//!
//! `ELANUS_ROUNDS` says how many inputs there are for the cheapest target, `ELANUS_SEED` with which one they begin.

use elanus_fuzzing::{mutate, target};
use fastrand::Rng;
use std::panic::catch_unwind;

const ROUNDS: u64 = 12_000;

fn feed(name: &str) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let target = target(name);
    let samples = (target.samples)();
    assert!(!samples.is_empty());
    samples.iter().for_each(|sample| (target.run)(sample));
    let rounds = number("ELANUS_ROUNDS").unwrap_or(ROUNDS) / target.cost as u64;
    let first = number("ELANUS_SEED").unwrap_or(0);
    for seed in first..first + rounds {
        let input = mutate::mutated(&mut Rng::with_seed(seed), &samples);
        if catch_unwind(|| (target.run)(&input)).is_err() {
            let text = String::from_utf8_lossy(&input);
            panic!("{name} panics, replay with ELANUS_SEED={seed}: {input:?} {text}");
        }
    }
}

macro_rules! targets {
    ($($name:ident)*) => {$(
        #[test]
        fn $name() {
            feed(stringify!($name));
        }
    )*};
}

targets! { filter record log object segment index message settings database }

#[test]
fn every_target_is_fed_and_has_a_program() {
    let programs = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/fuzz_targets");
    let text = include_str!("smoke.rs");
    for target in elanus_fuzzing::TARGETS {
        assert!(
            text.lines().any(|line| line.starts_with("targets!") && line.contains(target.name)),
            "{}",
            target.name
        );
        let program = std::path::Path::new(programs).join(format!("{}.rs", target.name));
        assert!(program.exists(), "{} is missing", program.display());
    }
}
