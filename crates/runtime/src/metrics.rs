//! Metrics: typed statics next to the code that they measure, rendered in Prometheus's text format.
//!
//! A family has a name, a help text and label names; every combination of label values is a series of its own.

mod histogram;

pub use histogram::Histogram;

use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Something that appears in the metrics text.
pub trait Metric: Sync {
    /// Appends help, type and all series.
    fn render(&self, out: &mut String);
}

/// All metrics as one text.
pub fn render(metrics: &[&dyn Metric]) -> String {
    let mut out = String::new();
    metrics.iter().for_each(|metric| metric.render(&mut out));
    out
}

/// One value that can be rendered.
pub trait Series: Default + Send + Sync {
    /// The word after `# TYPE`.
    const TYPE: &'static str;

    /// Appends its lines; `labels` is `a="1",b="2"` or empty.
    fn render(&self, name: &str, labels: &str, out: &mut String);
}

/// Series of one name by label values.
pub struct Family<S> {
    name: &'static str,
    help: &'static str,
    labels: &'static [&'static str],
    series: RwLock<BTreeMap<Vec<String>, Arc<S>>>,
}

/// A number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

/// A number that goes up and down.
#[derive(Debug, Default)]
pub struct Gauge(AtomicU64);

impl<S: Series> Family<S> {
    /// A family; `name` ends in its unit (`_seconds`, `_bytes`, `_total` for counts).
    pub const fn new(name: &'static str, help: &'static str, labels: &'static [&'static str]) -> Self {
        Self { name, help, labels, series: RwLock::new(BTreeMap::new()) }
    }

    /// The series with these label values, one per label name. Keep it where speed matters.
    pub fn with(&self, values: &[&str]) -> Arc<S> {
        let key: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
        if let Some(series) = self.series.read().get(&key) {
            return Arc::clone(series);
        }
        Arc::clone(self.series.write().entry(key).or_default())
    }

    /// Forgets every series, for families that are filled anew each time they are read.
    pub fn clear(&self) {
        self.series.write().clear();
    }
}

impl<S: Series> Metric for Family<S> {
    fn render(&self, out: &mut String) {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "# HELP {} {}\n# TYPE {0} {}", self.name, self.help, S::TYPE);
        for (values, series) in self.series.read().iter() {
            let pairs = self.labels.iter().zip(values);
            let pairs: Vec<String> =
                pairs.map(|(label, value)| format!("{label}=\"{}\"", escape(value))).collect();
            series.render(self.name, &pairs.join(","), out);
        }
    }
}

fn escape(value: &str) -> String {
    value.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n")
}

fn line(out: &mut String, name: &str, labels: &str, value: f64) {
    let _ = match labels {
        "" => writeln!(out, "{name} {value}"),
        labels => writeln!(out, "{name}{{{labels}}} {value}"),
    };
}

impl Counter {
    /// Counts `more`.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    /// The count so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

impl Series for Counter {
    const TYPE: &'static str = "counter";

    fn render(&self, name: &str, labels: &str, out: &mut String) {
        line(out, name, labels, self.get() as f64);
    }
}

impl Gauge {
    /// Sets the value.
    pub fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    /// Adds to the value; a negative number takes away.
    pub fn add(&self, more: f64) {
        let sum = |bits: u64| Some((f64::from_bits(bits) + more).to_bits());
        // The closure never answers None, so the update always happens.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, sum);
    }

    /// The value.
    pub fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

impl Series for Gauge {
    const TYPE: &'static str = "gauge";

    fn render(&self, name: &str, labels: &str, out: &mut String) {
        line(out, name, labels, self.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_help_type_and_every_series() {
        static CALLS: Family<Counter> = Family::new("calls_total", "Calls by name.", &["rpc", "code"]);
        static OPEN: Family<Gauge> = Family::new("open", "Open connections.", &[]);
        CALLS.with(&["Search", "0"]).add(2);
        CALLS.with(&["Say \"hi\"\n", "5"]).add(1);
        CALLS.with(&["Search", "0"]).add(1);
        OPEN.with(&[]).set(1.5);
        OPEN.with(&[]).add(-0.5);
        let expected = "# HELP calls_total Calls by name.\n# TYPE calls_total counter\n\
                        calls_total{rpc=\"Say \\\"hi\\\"\\n\",code=\"5\"} 1\n\
                        calls_total{rpc=\"Search\",code=\"0\"} 3\n\
                        # HELP open Open connections.\n# TYPE open gauge\nopen 1\n";
        assert_eq!(render(&[&CALLS, &OPEN]), expected);
        CALLS.clear();
        assert!(!render(&[&CALLS]).contains("Search"));
    }

    #[test]
    fn threads_lose_no_counts() {
        let family: Family<Counter> = Family::new("n", "Numbers.", &["kind"]);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..1000).for_each(|_| family.with(&["a"]).add(1)));
            }
        });
        assert_eq!(family.with(&["a"]).get(), 4000);
    }
}
