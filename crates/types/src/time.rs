//! Hybrid timestamps: 46 bits of Unix milliseconds, 18 bits of counter.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A hybrid timestamp; orders every change of a database.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(pub u64);

impl Timestamp {
    /// Before everything.
    pub const ZERO: Timestamp = Timestamp(0);
    /// After everything: reads the newest state.
    pub const MAX: Timestamp = Timestamp(u64::MAX);

    /// The first timestamp of a millisecond.
    pub const fn from_millis(millis: u64) -> Self {
        Timestamp(millis << 18)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> u64 {
        self.0 >> 18
    }

    /// The next timestamp.
    pub const fn next(self) -> Self {
        Timestamp(self.0.saturating_add(1))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
