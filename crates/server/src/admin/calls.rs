//! Counts and durations of the protocol's calls.

use elanus_runtime::metrics::{Counter, Family, Histogram};
use std::time::Duration;

/// Calls by name and by the code of their answer (0 = success).
pub static CALLS: Family<Counter> = Family::new(
    "elanus_calls_total",
    "Calls of the Milvus protocol by the code of their answer, 0 is success.",
    &["call", "code"],
);

/// Time from a call's arrival to its answer.
pub static DURATIONS: Family<Histogram> =
    Family::new("elanus_call_duration_seconds", "Time from a call's arrival to its answer.", &["call"]);

/// Counts one answered call.
pub fn observe(call: &str, code: i32, took: Duration) {
    CALLS.with(&[call, &code.to_string()]).add(1);
    DURATIONS.with(&[call]).observe(took);
}
