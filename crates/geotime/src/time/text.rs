//! RFC 3339, and the same without an offset.

use super::{TimeError, Zone, civil, micros};
use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Offsets in use on Earth, in minutes.
const OFFSETS: std::ops::RangeInclusive<i32> = -12 * 60..=14 * 60;

/// Reads `2025-01-02T03:04:05[.678]` with `Z`, an offset, or neither, in which case it is a local time of `zone`. A
/// blank may stand for the `T`. Digits beyond microseconds are dropped.
pub fn parse(text: &str, zone: &Zone) -> Result<i64, TimeError> {
    let sent = || text.chars().take(100).collect::<String>();
    let mut left = Digits(text.as_bytes());
    let fields = left.date_time().ok_or_else(|| TimeError::Format(sent()))?;
    let offset = left.offset().ok_or_else(|| TimeError::Format(sent()))?;
    let local = fields.check().ok_or_else(|| TimeError::Range(sent()))?;
    let seconds = match offset {
        Some(minutes) if OFFSETS.contains(&minutes) => minutes * 60,
        Some(_) => return Err(TimeError::Offset(sent())),
        None => zone.seconds_of_local(local),
    };
    let utc = local.checked_sub(SignedDuration::from_secs(i64::from(seconds)));
    utc.map(micros).map_err(|_| TimeError::Range(sent()))
}

/// Writes a moment as RFC 3339 in a zone: as many digits after the point as it needs, `Z` for no offset.
pub fn format(micros: i64, zone: &Zone) -> String {
    let Some((local, minutes)) = zone.local(micros) else { return format!("{}Z", civil(micros)) };
    match minutes {
        0 => format!("{local}Z"),
        _ => {
            let sign = if minutes < 0 { '-' } else { '+' };
            let minutes = minutes.abs();
            format!("{local}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
        }
    }
}

/// What is left of a text.
struct Digits<'t>(&'t [u8]);

/// The numbers of a date and time as written.
struct Fields {
    date: [u32; 3],
    time: [u32; 3],
    nanos: u32,
}

impl Digits<'_> {
    fn accept(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// Exactly `count` digits.
    fn number(&mut self, count: usize) -> Option<u32> {
        let (head, tail) = self.0.split_at_checked(count)?;
        self.0 = tail;
        head.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u32::from(digit - b'0'))
        })
    }

    fn date_time(&mut self) -> Option<Fields> {
        let year = self.number(4)?;
        self.accept(b"-")?;
        let month = self.number(2)?;
        self.accept(b"-")?;
        let day = self.number(2)?;
        self.accept(b"Tt ")?;
        let hour = self.number(2)?;
        self.accept(b":")?;
        let minute = self.number(2)?;
        self.accept(b":")?;
        let second = self.number(2)?;
        let nanos = if self.accept(b".").is_some() { self.fraction()? } else { 0 };
        Some(Fields { date: [year, month, day], time: [hour, minute, second], nanos })
    }

    /// One digit or more after the point, as nanoseconds.
    fn fraction(&mut self) -> Option<u32> {
        let digits = self.0.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (head, tail) = self.0.split_at_checked(digits).filter(|_| digits > 0)?;
        self.0 = tail;
        let padded = head.iter().copied().chain(std::iter::repeat(b'0')).take(9);
        Some(padded.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    }

    /// Minutes of the offset at the end, `Some(None)` when none is there.
    fn offset(&mut self) -> Option<Option<i32>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let minutes = match self.accept(b"Zz+-")? {
            sign @ (b'+' | b'-') => {
                let hours = self.number(2)?;
                self.accept(b":")?;
                let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
                let minutes = i32::try_from(hours * 60 + minutes).ok()?;
                if sign == b'-' { -minutes } else { minutes }
            }
            _ => 0,
        };
        self.0.is_empty().then_some(Some(minutes))
    }
}

impl Fields {
    /// The date and time, when the calendar has it.
    fn check(&self) -> Option<DateTime> {
        let [year, month, day] = self.date;
        let [hour, minute, second] = self.time.map(i8::try_from);
        DateTime::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            hour.ok()?,
            minute.ok()?,
            second.ok()?,
            i32::try_from(self.nanos / 1_000 * 1_000).ok()?,
        )
        .ok()
    }
}

#[cfg(test)]
mod tests;
