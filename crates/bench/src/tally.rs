//! What the clients of one combination saw.

use elanus_types::{Error, Result};
use hdrhistogram::Histogram;
use std::time::Duration;

/// Longest latency told apart, in microseconds.
const LONGEST: u64 = 600_000_000;

/// Latencies, failures and recall.
pub(crate) struct Tally {
    /// Latencies in microseconds.
    pub latency: Histogram<u64>,
    /// Searches that failed, with the first complaint.
    pub errors: u64,
    pub complaint: Option<String>,
    /// True neighbours among the hits, and how many there could have been.
    pub found: u64,
    pub wanted: u64,
    /// From the first search measured to the last answer.
    pub elapsed: Duration,
}

impl Tally {
    pub fn new() -> Result<Self> {
        let latency = Histogram::new_with_bounds(1, LONGEST, 3)
            .map_err(|error| Error::internal(format!("the histogram of latencies: {error}")))?;
        Ok(Tally { latency, errors: 0, complaint: None, found: 0, wanted: 0, elapsed: Duration::ZERO })
    }

    /// A search that was answered.
    pub fn answered(&mut self, latency: Duration) {
        self.latency.saturating_record(latency.as_micros().clamp(1, u128::from(LONGEST)) as u64);
    }

    /// A search that failed.
    pub fn failed(&mut self, error: &Error) {
        self.errors += 1;
        self.complaint.get_or_insert_with(|| error.to_string());
    }

    /// The hits of one query against its true neighbours.
    pub fn judged(&mut self, hits: &[i64], truth: &[i64]) {
        self.found += hits.iter().filter(|id| truth.contains(id)).count() as u64;
        self.wanted += truth.len() as u64;
    }

    /// Adds what another client saw.
    pub fn add(&mut self, other: Tally) -> Result<()> {
        let merged = self.latency.add(&other.latency);
        merged.map_err(|error| Error::internal(format!("the histogram of latencies: {error}")))?;
        self.errors += other.errors;
        self.complaint = self.complaint.take().or(other.complaint);
        self.found += other.found;
        self.wanted += other.wanted;
        self.elapsed = self.elapsed.max(other.elapsed);
        Ok(())
    }

    /// Share of the true neighbours found; `None` when they are not known.
    pub fn recall(&self) -> Option<f64> {
        (self.wanted > 0).then(|| self.found as f64 / self.wanted as f64)
    }

    /// Answered searches per second.
    pub fn rate(&self) -> f64 {
        self.latency.len() as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tallies_add_up() {
        let (mut a, mut b) = (Tally::new().unwrap(), Tally::new().unwrap());
        a.answered(Duration::from_millis(2));
        a.judged(&[1, 2, 9], &[1, 2, 3]);
        a.elapsed = Duration::from_secs(1);
        b.answered(Duration::from_millis(4));
        b.failed(&Error::invalid("first"));
        b.failed(&Error::invalid("second"));
        b.elapsed = Duration::from_secs(2);
        a.add(b).unwrap();
        assert_eq!((a.latency.len(), a.errors, a.complaint.as_deref()), (2, 2, Some("first")));
        assert!((a.recall().unwrap() - 2.0 / 3.0).abs() < 1e-9);
        assert!((a.rate() - 1.0).abs() < 1e-9);
        assert_eq!(Tally::new().unwrap().recall(), None);
    }
}
