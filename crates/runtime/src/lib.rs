//! Seams to the world: clock, timestamps, CPU pool, cancellation, progress, settings, metrics.
//!
//! Whatever a test may want to replace or observe lives here. Nothing here knows about files, schemas or
//! protocols.

pub mod cancel;
pub mod clock;
pub mod memory;
pub mod metrics;
pub mod oracle;
pub mod pool;
pub mod progress;
pub mod settings;

pub use cancel::Cancel;
pub use clock::{Clock, ManualClock, SystemClock};
pub use oracle::TimestampOracle;
pub use pool::Pool;
pub use progress::Progress;
pub use settings::Settings;
