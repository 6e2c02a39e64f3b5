//! Distributions of durations.

use super::{Series, line};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Upper bounds in microseconds: three steps per factor of ten, from 50 µs to 50 s.
const BOUNDS: [u64; 19] = [
    50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000,
    2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000,
];

/// Counts durations by size; rendered in seconds.
#[derive(Debug, Default)]
pub struct Histogram {
    /// One per bound, each without those below; the last counts what is longer than all bounds.
    buckets: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

impl Histogram {
    /// Counts one duration.
    pub fn observe(&self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let place = BOUNDS.partition_point(|bound| *bound < micros);
        if let Some(bucket) = self.buckets.get(place) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Series for Histogram {
    const TYPE: &'static str = "histogram";

    fn render(&self, name: &str, labels: &str, out: &mut String) {
        let comma = if labels.is_empty() { "" } else { "," };
        let mut total = 0;
        for (place, bucket) in self.buckets.iter().enumerate() {
            total += bucket.load(Ordering::Relaxed);
            let bound =
                BOUNDS.get(place).map_or("+Inf".to_owned(), |micros| (*micros as f64 / 1e6).to_string());
            line(out, &format!("{name}_bucket"), &format!("{labels}{comma}le=\"{bound}\""), total as f64);
        }
        line(out, &format!("{name}_sum"), labels, self.micros.load(Ordering::Relaxed) as f64 / 1e6);
        line(out, &format!("{name}_count"), labels, total as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up() {
        let histogram = Histogram::default();
        for micros in [1, 50, 51, 3_000, 90_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let mut out = String::new();
        histogram.render("t_seconds", "rpc=\"Query\"", &mut out);
        for expected in [
            "t_seconds_bucket{rpc=\"Query\",le=\"0.00005\"} 2\n",
            "t_seconds_bucket{rpc=\"Query\",le=\"0.0001\"} 3\n",
            "t_seconds_bucket{rpc=\"Query\",le=\"0.005\"} 4\n",
            "t_seconds_bucket{rpc=\"Query\",le=\"50\"} 4\n",
            "t_seconds_bucket{rpc=\"Query\",le=\"+Inf\"} 5\n",
            "t_seconds_sum{rpc=\"Query\"} 90.003102\n",
            "t_seconds_count{rpc=\"Query\"} 5\n",
        ] {
            assert!(out.contains(expected), "{expected} not in\n{out}");
        }
    }
}
