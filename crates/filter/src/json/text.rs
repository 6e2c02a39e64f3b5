//! The strings of JSON.

use std::borrow::Cow;

/// What a string between its quotes means; damaged escapes become U+FFFD.
pub(crate) fn unescape(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw.contains(&b'\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let [first, tail @ ..] = rest {
        rest = tail;
        if *first != b'\\' {
            out.push(*first);
            continue;
        }
        let Some((&kind, tail)) = rest.split_first() else { break };
        rest = tail;
        match kind {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let character =
                    code_unit(&mut rest).map_or(char::REPLACEMENT_CHARACTER, |unit| pair(unit, &mut rest));
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// Four hexadecimal digits.
fn code_unit(rest: &mut &[u8]) -> Option<u32> {
    let (digits, tail) = rest.split_at_checked(4)?;
    *rest = tail;
    let digits = std::str::from_utf8(digits).ok()?;
    u32::from_str_radix(digits, 16).ok()
}

/// The character of a code unit, with the second half of a surrogate pair from `rest`.
fn pair(unit: u32, rest: &mut &[u8]) -> char {
    if !(0xD800..0xDC00).contains(&unit) {
        return char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
    }
    let Some(mut tail) = rest.strip_prefix(b"\\u") else { return char::REPLACEMENT_CHARACTER };
    match code_unit(&mut tail) {
        Some(low @ 0xDC00..0xE000) => {
            *rest = tail;
            char::from_u32(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
                .unwrap_or(char::REPLACEMENT_CHARACTER)
        }
        _ => char::REPLACEMENT_CHARACTER,
    }
}

#[cfg(test)]
mod tests {
    use super::unescape;

    #[test]
    fn agrees_with_serde() {
        for text in ["plain", "a\"b\\c/d\n\t\r\u{8}\u{c}", "中😀\u{1}"] {
            let quoted = serde_json::to_string(text).expect("string");
            let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
            assert_eq!(unescape(&quoted.as_bytes()[1..quoted.len() - 1]), text.as_bytes());
            assert_eq!(unescape(escaped.as_bytes()), text.as_bytes());
        }
        assert_eq!(unescape(br"\ud800x\u12"), "\u{fffd}x\u{fffd}12".as_bytes(), "damage does not panic");
    }
}
