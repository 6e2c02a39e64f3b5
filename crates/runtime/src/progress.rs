//! How far a long job is, readable from anywhere while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Steps done out of a total; clones share the counts.
#[derive(Clone, Debug, Default)]
pub struct Progress(Arc<Counts>);

#[derive(Debug, Default)]
struct Counts {
    done: AtomicU64,
    total: AtomicU64,
}

impl Progress {
    /// A job whose size is not known yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets how many steps there are.
    pub fn set_total(&self, total: u64) {
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// Adds finished steps.
    pub fn add(&self, steps: u64) {
        self.0.done.fetch_add(steps, Ordering::Relaxed);
    }

    /// Sets the number of finished steps.
    pub fn set_done(&self, done: u64) {
        self.0.done.store(done, Ordering::Relaxed);
    }

    /// Steps finished.
    pub fn done(&self) -> u64 {
        self.0.done.load(Ordering::Relaxed)
    }

    /// Steps in all; 0 until known.
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    /// Between 0 (nothing done, or the total is not known yet) and 1.
    pub fn fraction(&self) -> f64 {
        match self.total() {
            0 => 0.0,
            total => (self.done() as f64 / total as f64).min(1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fraction_stays_between_zero_and_one() {
        let progress = Progress::new();
        assert_eq!(progress.fraction(), 0.0);
        progress.set_total(4);
        progress.clone().add(1);
        assert_eq!((progress.fraction(), progress.done(), progress.total()), (0.25, 1, 4));
        progress.set_done(9);
        assert_eq!(progress.fraction(), 1.0);
    }
}
