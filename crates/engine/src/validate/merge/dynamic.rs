//! Dynamic keys of two versions of a row. Values keep their very text: no number is read and written again.

use elanus_types::{Error, Result};
use std::borrow::Cow;

/// A key of an object with the texts of key and value.
struct Entry<'a> {
    key: String,
    text: &'a [u8],
}

/// The keys of `old` and `new`; of a key in both, the new value. Both are JSON objects, or nothing.
pub(super) fn merged<'a>(old: &'a [u8], new: &'a [u8]) -> Result<Cow<'a, [u8]>> {
    let is_empty = |text: &[u8]| matches!(text.trim_ascii(), b"" | b"{}");
    match (is_empty(old), is_empty(new)) {
        (true, true) => return Ok(Cow::Borrowed(b"{}")),
        (true, false) => return Ok(Cow::Borrowed(new)),
        (false, true) => return Ok(Cow::Borrowed(old)),
        (false, false) => {}
    }
    let (old, new) = (entries(old)?, entries(new)?);
    let stays = old.iter().filter(|entry| !new.iter().any(|other| other.key == entry.key));
    let mut out =
        Vec::with_capacity(old.iter().chain(&new).map(|entry| entry.text.len() + 1).sum::<usize>() + 1);
    out.push(b'{');
    for entry in stays.chain(&new) {
        if out.len() > 1 {
            out.push(b',');
        }
        out.extend_from_slice(entry.text);
    }
    out.push(b'}');
    Ok(Cow::Owned(out))
}

/// The entries of a JSON object that is known to be well formed.
fn entries(text: &[u8]) -> Result<Vec<Entry<'_>>> {
    let broken = || Error::internal("stored dynamic keys are not a json object");
    let inner =
        text.trim_ascii().strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).ok_or_else(broken)?;
    let mut found = Vec::new();
    let mut rest = inner;
    while !rest.trim_ascii().is_empty() {
        let end = end_of(rest, b',');
        let entry = rest.get(..end).unwrap_or_default().trim_ascii();
        let key = entry.get(..end_of(entry, b':')).unwrap_or_default();
        let key = serde_json::from_slice(key).map_err(|_| broken())?;
        found.push(Entry { key, text: entry });
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    Ok(found)
}

/// Place of the first `separator` outside strings and brackets, or the end.
fn end_of(text: &[u8], separator: u8) -> usize {
    let (mut depth, mut string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.iter().enumerate() {
        match (string, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => string = !string,
            (true, _) => {}
            (false, b'{' | b'[') => depth += 1,
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, byte) if depth == 0 && *byte == separator => return at,
            (false, _) => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fastrand::Rng;
    use serde_json::{Map, Value};

    fn text(old: &str, new: &str) -> String {
        merged(old.as_bytes(), new.as_bytes())
            .map_or_else(|error| error.to_string(), |merged| String::from_utf8_lossy(&merged).into_owned())
    }

    #[test]
    fn new_values_win_and_texts_stay() {
        assert_eq!(text("", "{}"), "{}");
        assert_eq!(text("", r#"{"a": 1}"#), r#"{"a": 1}"#);
        assert_eq!(text(r#"{"a":1}"#, " {} "), r#"{"a":1}"#);
        assert_eq!(
            text(r#"{"a":1,"b":0.10000000000000000555}"#, r#"{"a":[1,{"c":","}]}"#),
            r#"{"b":0.10000000000000000555,"a":[1,{"c":","}]}"#
        );
        assert_eq!(text(r#"{"a":"\"},{","b":"x"}"#, r#"{"\u0062":null}"#), r#"{"a":"\"},{","\u0062":null}"#);
    }

    fn value(rng: &mut Rng, depth: usize) -> Value {
        match rng.u8(..if depth == 0 { 3 } else { 5 }) {
            0 => Value::from(rng.i32(..)),
            1 => Value::from(["\\", "\"", "{[", ",:", "]}"][rng.usize(..5)]),
            2 => Value::Null,
            3 => (0..rng.usize(..3)).map(|_| value(rng, depth - 1)).collect(),
            _ => Value::Object(object(rng, depth - 1)),
        }
    }

    fn object(rng: &mut Rng, depth: usize) -> Map<String, Value> {
        let keys = ["a", "b\"", "c:,", "{", "é"];
        (0..rng.usize(..4)).map(|_| (keys[rng.usize(..5)].to_owned(), value(rng, depth))).collect()
    }

    #[test]
    fn agrees_with_maps() {
        for seed in 0..500 {
            let mut rng = Rng::with_seed(seed);
            let (old, new) = (object(&mut rng, 3), object(&mut rng, 3));
            let write = |rng: &mut Rng, map: &Map<String, Value>| match rng.bool() {
                true => serde_json::to_string_pretty(map).unwrap_or_default(),
                false => serde_json::to_string(map).unwrap_or_default(),
            };
            let got = text(&write(&mut rng, &old), &write(&mut rng, &new));
            let mut want = old.clone();
            want.extend(new.clone());
            let got: Option<Map<String, Value>> = serde_json::from_str(&got).ok();
            assert_eq!(got, Some(want), "seed {seed}");
        }
    }
}
