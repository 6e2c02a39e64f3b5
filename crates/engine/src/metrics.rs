//! What the engine counts.

use crate::collection::{BLOCKS, DAMAGE};
use elanus_runtime::metrics::Metric;

/// All counters, for [`elanus_runtime::metrics::render`].
pub static ALL: [&dyn Metric; 2] = [&BLOCKS, &DAMAGE];
