//! Rows that outlived their collection's time to live: nobody sees them, and merging removes them.

use crate::local::World;
use crate::validate::properties;
use elanus_kernels::Bitmap;
use elanus_segment::Segment;
use elanus_types::{CollectionMeta, Timestamp};

/// Rows committed at or before this moment are gone; zero where the collection keeps rows for ever.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry(Timestamp);

impl Expiry {
    /// What `collection.ttl.seconds` says at this moment.
    pub fn now(world: &World, meta: &CollectionMeta) -> Self {
        let Some(seconds) = properties::ttl_seconds(&meta.properties) else { return Self::default() };
        let oldest = world.clock.now_millis().saturating_sub(seconds.saturating_mul(1000));
        Self(Timestamp(Timestamp::from_millis(oldest).0.saturating_sub(1)))
    }

    /// Whether a row committed at `at` is gone.
    pub fn covers(self, at: Timestamp) -> bool {
        at <= self.0
    }

    /// Rows of a segment that are gone, besides those that were deleted before; `None` = none.
    pub fn rows(self, segment: &dyn Segment) -> Option<Bitmap> {
        if !self.covers(segment.min_timestamp()) {
            return None;
        }
        Some(segment.visible(self.0).unwrap_or_else(|| Bitmap::ones(segment.rows())))
    }

    /// Takes the rows that are gone out of `rows`.
    pub fn take_out(self, segment: &dyn Segment, rows: &mut Bitmap) {
        if let Some(gone) = self.rows(segment) {
            rows.and_not(&gone);
        }
    }
}
