//! Time zones by name.

use super::{TimeError, civil};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A time zone; cheap to copy.
#[derive(Clone, Debug, PartialEq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub const UTC: Zone = Zone(TimeZone::UTC);

    /// Finds a zone by its IANA name, such as `Asia/Shanghai`.
    pub fn find(name: &str) -> Result<Zone, TimeError> {
        TimeZone::get(name).map(Zone).map_err(|_| TimeError::Zone(name.to_owned()))
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Seconds to add to UTC at a moment.
    pub(super) fn seconds_at(&self, micros: i64) -> i32 {
        // The library's moments end a day before its calendar does; no zone changes there.
        let nearest = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
        let moment = Timestamp::from_microsecond(micros).unwrap_or(nearest);
        self.0.to_offset(moment).seconds()
    }

    /// Seconds between UTC and a local time. Where a clock is set forward, a time that it skips is read as if it had
    /// not been set yet; where it is set back, a time that comes twice is the earlier one.
    pub(super) fn seconds_of_local(&self, local: DateTime) -> i32 {
        let offset: Offset = match self.0.to_ambiguous_timestamp(local).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => before,
        };
        offset.seconds()
    }

    /// The local time at a moment with the offset it is written with, in whole minutes; `None` beyond the calendar.
    pub(super) fn local(&self, micros: i64) -> Option<(DateTime, i32)> {
        // Offsets before standard time had seconds, which RFC 3339 cannot write.
        let minutes = self.seconds_at(micros) / 60;
        let local = civil(micros).checked_add(SignedDuration::from_mins(i64::from(minutes))).ok()?;
        Some((local, minutes))
    }
}
