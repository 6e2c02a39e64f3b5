//! What values a setting takes, and how they are written.

use std::fmt;

/// The legal values of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// true or false.
    Flag,
    /// A whole number.
    Count {
        /// Smallest.
        least: u64,
        /// Largest.
        most: u64,
    },
    /// A size: bytes, or with KiB, MiB, GiB, TiB.
    Bytes {
        /// Smallest.
        least: u64,
        /// Largest.
        most: u64,
    },
    /// A time: with ms, s, m, h or d.
    Time {
        /// Smallest in milliseconds.
        least: u64,
        /// Largest in milliseconds.
        most: u64,
    },
    /// Any text.
    Text,
    /// One of a few words.
    Choice(&'static [&'static str]),
}

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of [`Kind::Flag`].
    Flag(bool),
    /// Of [`Kind::Count`].
    Count(u64),
    /// Of [`Kind::Bytes`].
    Bytes(u64),
    /// Of [`Kind::Time`].
    Millis(u64),
    /// Of [`Kind::Text`] and [`Kind::Choice`].
    Text(String),
}

const SIZES: &[(&str, u64)] =
    &[("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)];
const TIMES: &[(&str, u64)] = &[("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];

impl Kind {
    /// Reads a value, or says what is expected.
    pub fn parse(&self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match self {
            Kind::Flag => match text {
                "true" => Some(Value::Flag(true)),
                "false" => Some(Value::Flag(false)),
                _ => None,
            },
            Kind::Count { least, most } => {
                text.parse().ok().filter(|number| (least..=most).contains(&number)).map(Value::Count)
            }
            Kind::Bytes { least, most } => {
                with_unit(text, SIZES, 1).filter(|size| (least..=most).contains(&size)).map(Value::Bytes)
            }
            Kind::Time { least, most } => {
                with_unit(text, TIMES, 0).filter(|time| (least..=most).contains(&time)).map(Value::Millis)
            }
            Kind::Text => Some(Value::Text(text.to_owned())),
            Kind::Choice(words) => words.contains(&text).then(|| Value::Text(text.to_owned())),
        };
        value.ok_or_else(|| self.to_string())
    }
}

/// A number with a unit; one without counts `plain` times, 0 = a unit is required (0 itself needs none).
fn with_unit(text: &str, units: &[(&str, u64)], plain: u64) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(end)?;
    let (number, unit) = (number.parse::<u64>().ok()?, unit.trim());
    let factor = match unit {
        "" if plain > 0 || number == 0 => plain,
        _ => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.checked_mul(factor)
}

/// Written with the largest unit that divides it.
fn unit_of(number: u64, units: &[(&str, u64)], smallest: &str) -> String {
    let fits = |(_, factor): &&(&str, u64)| number >= *factor && number.is_multiple_of(*factor);
    let (unit, factor) = units.iter().find(fits).copied().unwrap_or((smallest, 1));
    format!("{}{unit}", number / factor)
}

fn size(bytes: u64) -> String {
    unit_of(bytes, SIZES, "B")
}

fn time(millis: u64) -> String {
    unit_of(millis, TIMES, "ms")
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Flag => f.write_str("true or false"),
            Kind::Count { least, most } => write!(f, "a number from {least} to {most}"),
            Kind::Bytes { least, most } => write!(f, "a size from {} to {}", size(*least), size(*most)),
            Kind::Time { least, most } => write!(f, "a time from {} to {}", time(*least), time(*most)),
            Kind::Text => f.write_str("any text"),
            Kind::Choice(words) => write!(f, "one of {}", words.join(", ")),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Flag(flag) => flag.fmt(f),
            Value::Count(count) => count.fmt(f),
            Value::Bytes(bytes) => f.write_str(&size(*bytes)),
            Value::Millis(millis) => f.write_str(&time(*millis)),
            Value::Text(text) => f.write_str(text),
        }
    }
}
