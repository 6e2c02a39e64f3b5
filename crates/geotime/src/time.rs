//! Moments in time: microseconds since the Unix epoch, in UTC.
//!
//! Dates of the years −9999 to 9999 can be read, written and calculated with; a number beyond them, which no text can
//! bring in, is written as the nearest of these.

mod interval;
mod text;
mod zone;

pub use interval::Interval;
pub use text::{format, parse};
pub use zone::Zone;

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Why a text is no moment, interval or time zone.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimeError {
    /// Not a timestamp at all.
    #[error("invalid timestamp string: '{0}'. Does not match any known format")]
    Format(String),
    /// The offset lies outside what is in use anywhere on Earth.
    #[error("invalid timestamp string: '{0}'. UTC offset must be between -12:00 and +14:00")]
    Offset(String),
    /// A date that does not exist, or in UTC falls outside the calendar.
    #[error("invalid timestamp string: '{0}'. There is no such date or time")]
    Range(String),
    /// Not an ISO 8601 duration in whole numbers.
    #[error("invalid ISO 8601 duration: {0}, expected for example P1Y2M3DT4H5M6S")]
    Interval(String),
    /// Not in the database of time zones.
    #[error("unknown or invalid IANA Time Zone ID: {0}")]
    Zone(String),
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The date and time in UTC, the nearest representable one when there is none.
fn civil(micros: i64) -> DateTime {
    let nearest = if micros < 0 { DateTime::MIN } else { DateTime::MAX };
    EPOCH.checked_add(SignedDuration::from_micros(micros)).unwrap_or(nearest)
}

/// The microsecond that a date and time in UTC begins; dates that exist always have one.
fn micros(date_time: DateTime) -> i64 {
    let since = date_time.duration_since(EPOCH).as_nanos().div_euclid(1_000);
    i64::try_from(since).unwrap_or(i64::MAX)
}
