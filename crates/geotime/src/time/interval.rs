//! Calendar intervals: `P1Y2M3DT4H5M6S`.

use super::{TimeError, civil, micros};
use jiff::Span;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A length of time. Months keep the day of the month, or take the last one where it is missing; days have 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    months: i64,
    micros: i64,
}

impl Interval {
    /// Reads an ISO 8601 duration: years, months, days, hours, minutes and seconds in this order, each in whole
    /// numbers and at most once, one of them at least.
    pub fn parse(text: &str) -> Result<Interval, TimeError> {
        Self::read(text).ok_or_else(|| TimeError::Interval(text.chars().take(100).collect()))
    }

    fn read(text: &str) -> Option<Interval> {
        let body = text.strip_prefix('P')?;
        let (date, time) = match body.split_once('T') {
            Some((_, "")) => return None,
            Some((date, time)) => (date, time),
            None => (body, ""),
        };
        if date.is_empty() && time.is_empty() {
            return None;
        }
        let [years, months, days] = units(date, *b"YMD")?;
        let [hours, minutes, seconds] = units(time, *b"HMS")?;
        let seconds =
            hours.checked_mul(3_600)?.checked_add(minutes.checked_mul(60)?)?.checked_add(seconds)?;
        Some(Interval {
            months: years.checked_mul(12)?.checked_add(months)?,
            micros: days.checked_mul(DAY)?.checked_add(seconds.checked_mul(SECOND)?)?,
        })
    }

    /// The same length back in time.
    pub fn negated(self) -> Interval {
        // Parts are never negative before, so that both have an opposite.
        Interval { months: -self.months, micros: -self.micros }
    }

    /// Its length in microseconds when it has neither months nor years, whose lengths differ.
    pub fn fixed(self) -> Option<i64> {
        (self.months == 0).then_some(self.micros)
    }

    /// The moment this much later, by the calendar of UTC: months first, then the rest. Beyond the calendar it is the
    /// end of time on that side.
    pub fn after(self, moment: i64) -> i64 {
        let end = if self.months < 0 || self.micros < 0 { i64::MIN } else { i64::MAX };
        if self.months == 0 {
            return moment.checked_add(self.micros).unwrap_or(end);
        }
        let start = civil(moment);
        if micros(start) != moment {
            // No moment of the calendar: there is nothing to count months from.
            return moment;
        }
        let months = Span::new().try_months(self.months);
        let moved = months.and_then(|months| start.checked_add(months));
        moved.ok().and_then(|moved| micros(moved).checked_add(self.micros)).unwrap_or(end)
    }
}

/// The numbers before some of `letters`, which come in this order.
fn units<const N: usize>(text: &str, letters: [u8; N]) -> Option<[i64; N]> {
    let mut left = text.as_bytes();
    let mut numbers = [0; N];
    for (number, letter) in numbers.iter_mut().zip(letters) {
        let digits = left.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (value, rest) = left.split_at(digits);
        if digits > 0 && rest.first() == Some(&letter) {
            *number = std::str::from_utf8(value).ok()?.parse().ok()?;
            left = rest.get(1..)?;
        }
    }
    left.is_empty().then_some(numbers)
}

#[cfg(test)]
mod tests;
