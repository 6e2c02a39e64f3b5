//! Literals: what a token's text means.

use crate::error::{Outcome, invalid};

/// A string literal between its quotes, escapes still in it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quoted<'t> {
    /// The text between the quotes.
    pub(crate) raw: &'t str,
    /// `r"…"`: backslashes mean themselves.
    pub(crate) verbatim: bool,
}

impl Quoted<'_> {
    /// The string meant.
    pub(crate) fn unescape(&self) -> Outcome<String> {
        if self.verbatim || !self.raw.contains('\\') {
            return Ok(self.raw.to_owned());
        }
        let problem = || crate::error::Cause::Invalid(format!("invalid string literal: {}", self.raw));
        let bytes = unescape(self.raw.as_bytes()).ok_or_else(problem)?;
        String::from_utf8(bytes).map_err(|_| problem())
    }

    /// The pattern meant, for LIKE or for a regular expression: escapes unknown to strings are left to it.
    pub(crate) fn pattern(&self, regex: bool) -> Outcome<String> {
        if self.verbatim || !self.raw.contains('\\') {
            return Ok(self.raw.to_owned());
        }
        // `\b` is a word boundary in a regular expression and a backspace in a string.
        let kept: &[u8] = if regex { b"b" } else { b"" };
        String::from_utf8(unescape_pattern(self.raw.as_bytes(), kept))
            .map_err(|_| crate::error::Cause::Invalid(format!("invalid string literal: {}", self.raw)))
    }
}

/// Go's escapes; `None` for an unknown one.
fn unescape(raw: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match *first {
            b'\\' => rest = rest.get(escape(&mut out, rest)?..)?,
            plain => out.push(plain),
        }
    }
    Some(out)
}

/// Go's escapes, where anything else after a backslash stands for itself with its backslash: patterns have
/// escapes of their own. `kept` are letters whose meaning in the pattern wins.
fn unescape_pattern(raw: &[u8], kept: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = tail;
        let before = out.len();
        let used = match *first == b'\\' && !rest.first().is_some_and(|letter| kept.contains(letter)) {
            true => escape(&mut out, rest),
            false => None,
        };
        match used {
            Some(used) => rest = rest.get(used..).unwrap_or(&[]),
            None => {
                out.truncate(before);
                out.push(*first);
            }
        }
    }
    out
}

/// Reads one escape after its backslash; answers how many bytes it used.
fn escape(out: &mut Vec<u8>, rest: &[u8]) -> Option<usize> {
    let (&kind, tail) = rest.split_first()?;
    let digits = match kind {
        b'n' => plain(out, b'\n'),
        b't' => plain(out, b'\t'),
        b'r' => plain(out, b'\r'),
        b'a' => plain(out, 7),
        b'b' => plain(out, 8),
        b'f' => plain(out, 12),
        b'v' => plain(out, 11),
        b'\\' | b'"' | b'\'' => plain(out, kind),
        b'x' => byte_or_char(out, tail, 16, 2, false)?,
        b'u' => byte_or_char(out, tail, 16, 4, true)?,
        b'U' => byte_or_char(out, tail, 16, 8, true)?,
        b'0'..=b'7' => byte_or_char(out, rest, 8, 3, false)? - 1,
        _ => return None,
    };
    Some(1 + digits)
}

fn plain(out: &mut Vec<u8>, byte: u8) -> usize {
    out.push(byte);
    0
}

/// Reads exactly `digits` digits as a byte or as a character; answers how many it used.
fn byte_or_char(out: &mut Vec<u8>, from: &[u8], radix: u32, digits: usize, is_char: bool) -> Option<usize> {
    let text = std::str::from_utf8(from.get(..digits)?).ok()?;
    if !text.chars().all(|c| c.is_digit(radix)) {
        return None;
    }
    let number = u32::from_str_radix(text, radix).ok()?;
    if is_char {
        let character = char::from_u32(number)?;
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    } else {
        out.push(u8::try_from(number).ok()?);
    }
    Some(digits)
}

/// The magnitude of an integer literal: decimal, `0x`, `0b`, or octal by a leading zero.
pub(crate) fn integer(text: &str) -> Outcome<u64> {
    let (digits, radix) = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => (&text[2..], 16),
        [b'0', b'b' | b'B', ..] => (&text[2..], 2),
        [b'0', _, ..] => (&text[1..], 8),
        _ => (text, 10),
    };
    match u64::from_str_radix(digits, radix) {
        Ok(number) if number <= 1 << 63 => Ok(number),
        Err(error) if *error.kind() == std::num::IntErrorKind::InvalidDigit => {
            invalid(format!("{text} is not an octal integer; drop the leading zero"))
        }
        _ => out_of_range(text),
    }
}

/// The refusal of an integer beyond 64 bits.
pub(crate) fn out_of_range<T>(text: &str) -> Outcome<T> {
    invalid(format!("integer {text} is out of the range of int64"))
}

/// The value of a float literal, decimal or hexadecimal.
pub(crate) fn float(text: &str) -> Outcome<f64> {
    let value = match text.as_bytes() {
        [b'0', b'x' | b'X', ..] => hexadecimal_float(&text[2..]),
        _ => text.parse().ok(),
    };
    match value {
        Some(value) if value.is_finite() => Ok(value),
        _ => invalid(format!("float {text} is out of the range of double")),
    }
}

/// `1.8p3`: hexadecimal digits scaled by a power of two. Digits beyond a double's precision are dropped.
fn hexadecimal_float(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut mantissa = 0.0_f64;
    for digit in whole.chars().chain(fraction.chars()) {
        mantissa = mantissa * 16.0 + f64::from(digit.to_digit(16)?);
    }
    let exponent: i32 = exponent.parse().ok()?;
    let shift = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let power = exponent.checked_sub(shift)?;
    // Two steps, so that a subnormal result is reached without an infinite or zero factor on the way.
    let half = power / 2;
    Some(mantissa * 2.0_f64.powi(half) * 2.0_f64.powi(power - half))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unescapes_as_go_does() {
        let cases = [
            (r"a\n\t\\", Some("a\n\t\\")),
            (r#"\"\'"#, Some("\"'")),
            (r"\101\x42\u4e2d\U0001F600", Some("AB中😀")),
            (r"\d", None),
            (r"\x4", None),
            (r"\xff", None),
            (r"\ud800", None),
            ("plain 中", Some("plain 中")),
        ];
        for (raw, expected) in cases {
            let got = Quoted { raw, verbatim: false }.unescape().ok();
            assert_eq!(got.as_deref(), expected, "{raw}");
        }
        assert_eq!(Quoted { raw: r"\d", verbatim: true }.unescape(), Ok(r"\d".to_owned()));
    }

    #[test]
    fn patterns_keep_escapes_that_strings_do_not_know() {
        let pattern = |raw, regex| Quoted { raw, verbatim: false }.pattern(regex).ok();
        assert_eq!(pattern(r"50\%", false).as_deref(), Some(r"50\%"));
        assert_eq!(pattern(r"50\\%\n", false).as_deref(), Some("50\\%\n"));
        assert_eq!(pattern(r"\d+\b\x4", true).as_deref(), Some(r"\d+\b\x4"));
        assert_eq!(pattern(r"\b", false).as_deref(), Some("\u{8}"));
    }

    #[test]
    fn reads_numbers() {
        assert_eq!(integer("0x1F").ok(), Some(31));
        assert_eq!(integer("0b101").ok(), Some(5));
        assert_eq!(integer("010").ok(), Some(8));
        assert_eq!(integer("0").ok(), Some(0));
        assert!(integer("08").is_err());
        assert_eq!(integer("9223372036854775808").ok(), Some(1 << 63));
        assert!(integer("9223372036854775809").is_err());
        assert_eq!(float("0x1.8p3").ok(), Some(12.0));
        assert_eq!(float("5.").ok(), Some(5.0));
        assert_eq!(float(".5").ok(), Some(0.5));
        assert!(float("1e999").is_err());
    }
}
