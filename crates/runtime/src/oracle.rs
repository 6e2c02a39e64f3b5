//! Hybrid timestamps that never repeat and never go back.

use crate::Clock;
use elanus_types::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Hands out timestamps: the clock's millisecond when it has moved on, else one more than the last.
pub struct TimestampOracle {
    clock: Arc<dyn Clock>,
    last: AtomicU64,
}

impl TimestampOracle {
    /// Every timestamp given out will be above `floor`, the newest that was ever used.
    pub fn new(clock: Arc<dyn Clock>, floor: Timestamp) -> Self {
        Self { clock, last: AtomicU64::new(floor.0) }
    }

    /// A timestamp above all given out before.
    #[allow(clippy::should_implement_trait)]
    pub fn next(&self) -> Timestamp {
        self.block(1)
    }

    /// The first of `count` consecutive timestamps above all given out before.
    pub fn block(&self, count: u64) -> Timestamp {
        let now = Timestamp::from_millis(self.clock.now_millis()).0;
        let first = |last: u64| now.max(last.saturating_add(1));
        let newest = |last: u64| first(last).saturating_add(count.max(1) - 1);
        let update = self.last.fetch_update(Ordering::AcqRel, Ordering::Acquire, |last| Some(newest(last)));
        Timestamp(update.map_or_else(first, first))
    }

    /// The newest timestamp given out, or the floor.
    pub fn last(&self) -> Timestamp {
        Timestamp(self.last.load(Ordering::Acquire))
    }

    /// Makes sure that every later timestamp is above `floor`.
    pub fn raise(&self, floor: Timestamp) {
        self.last.fetch_max(floor.0, Ordering::AcqRel);
    }

    /// The clock behind it.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }
}

impl fmt::Debug for TimestampOracle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TimestampOracle").field("last", &self.last()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    #[test]
    fn follows_the_clock_and_never_goes_back() {
        let clock = Arc::new(ManualClock::new(1_000));
        let oracle = TimestampOracle::new(clock.clone(), Timestamp::from_millis(900));
        assert_eq!(oracle.next(), Timestamp::from_millis(1_000));
        assert_eq!(oracle.next(), Timestamp::from_millis(1_000).next());
        clock.set(5);
        assert_eq!(oracle.next().millis(), 1_000, "a clock set back does not set timestamps back");
        clock.set(2_000);
        assert_eq!(oracle.next(), Timestamp::from_millis(2_000));
        oracle.raise(Timestamp::from_millis(9_000));
        assert_eq!(oracle.next(), Timestamp::from_millis(9_000).next());
        assert_eq!(oracle.last(), Timestamp::from_millis(9_000).next());
    }

    #[test]
    fn threads_never_share_a_timestamp() {
        let oracle = TimestampOracle::new(Arc::new(ManualClock::new(7)), Timestamp::ZERO);
        let mut all: Vec<Timestamp> = std::thread::scope(|scope| {
            let take = || (0..2_000).map(|_| oracle.next()).collect::<Vec<_>>();
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            workers.into_iter().flat_map(|worker| worker.join().expect("no panic")).collect()
        });
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
