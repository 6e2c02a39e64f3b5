//! Places in JSON documents: reading their names, and finding one in a document without building the document.

use super::scalar::Scalar;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// One step into a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The value of a key.
    Key(String),
    /// An element of a list.
    Index(usize),
    /// Either, as a part of a JSON pointer is.
    Part(String),
}

/// The steps of `["key"]['key'][0]…`; `None` when the text is anything else.
pub fn brackets(text: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        rest = rest.strip_prefix('[')?.trim_start();
        let (step, after) = match rest.chars().next()? {
            quote @ ('"' | '\'') => quoted(rest.get(1..)?, quote)?,
            _ => {
                let end = rest.find(']')?;
                let (number, after) = rest.split_at_checked(end)?;
                (Step::Index(number.trim().parse().ok()?), after)
            }
        };
        steps.push(step);
        rest = after.trim_start().strip_prefix(']')?.trim_start();
    }
    Some(steps)
}

fn quoted(text: &str, quote: char) -> Option<(Step, &str)> {
    let mut key = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => key.push(chars.next()?.1),
            char if char == quote => return Some((Step::Key(key), text.get(at + 1..)?)),
            char => key.push(char),
        }
    }
    None
}

/// The steps of a JSON pointer `/key/0`; `None` when the text is none.
pub fn pointer(text: &str) -> Option<Vec<Step>> {
    let parts = text.strip_prefix('/')?.split('/');
    Some(parts.map(|part| Step::Part(part.replace("~1", "/").replace("~0", "~"))).collect())
}

/// The value at the end of `steps`. Of equal keys in one object the first counts; what is no JSON has no value.
pub fn seek<'d>(document: &'d [u8], steps: &[Step]) -> Scalar<'d> {
    let mut found = Scalar::Null;
    let mut deserializer = serde_json::Deserializer::from_slice(document);
    // Once found, the rest is not read, which the deserializer takes for an error.
    let _ = Seek { steps, found: &mut found }.deserialize(&mut deserializer);
    found
}

struct Seek<'s, 'f, 'd> {
    steps: &'s [Step],
    found: &'f mut Scalar<'d>,
}

impl Seek<'_, '_, '_> {
    fn scalar<E>(self, value: impl FnOnce() -> Scalar<'static>) -> Result<(), E> {
        if self.steps.is_empty() {
            *self.found = value();
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Seek<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seek<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(|| Scalar::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(|| Scalar::Int(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(|| i64::try_from(value).map_or(Scalar::Float(value as f64), Scalar::Int))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(|| Scalar::Float(value))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.scalar(|| Scalar::Text(Cow::Owned(value.as_bytes().to_vec())))
    }

    fn visit_borrowed_str<E: Error>(self, value: &'de str) -> Result<(), E> {
        if self.steps.is_empty() {
            *self.found = Scalar::Text(Cow::Borrowed(value.as_bytes()));
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (wanted, steps) = match self.steps.split_first() {
            Some((Step::Key(key) | Step::Part(key), steps)) => (key.as_str(), steps),
            Some((Step::Index(_), _)) => return Ok(()),
            None => {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                let value: serde_json::Value = serde::Deserialize::deserialize(map)?;
                *self.found = Scalar::Document(Cow::Owned(value.to_string().into_bytes()));
                return Ok(());
            }
        };
        while let Some(same) = map.next_key_seed(Same(wanted))? {
            if same {
                return map.next_value_seed(Seek { steps, found: self.found });
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (index, steps) = match self.steps.split_first() {
            Some((Step::Index(index), steps)) => (*index, steps),
            Some((Step::Part(part), steps)) => match part.parse() {
                Ok(index) => (index, steps),
                Err(_) => return Ok(()),
            },
            Some((Step::Key(_), _)) => return Ok(()),
            None => {
                let list = serde::de::value::SeqAccessDeserializer::new(list);
                let value: serde_json::Value = serde::Deserialize::deserialize(list)?;
                *self.found = Scalar::Document(Cow::Owned(value.to_string().into_bytes()));
                return Ok(());
            }
        };
        for _ in 0..index {
            if list.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        list.next_element_seed(Seek { steps, found: self.found }).map(drop)
    }
}

/// Whether a key is the one wanted, without a copy of it.
struct Same<'w>(&'w str);

impl<'de> DeserializeSeed<'de> for Same<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Same<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCUMENT: &[u8] = br#"{"a": {"b": [1, -2.5, "x\ny", null, {"c": true}]}, "n": 18446744073709551615,
        "a": 7, "d.e/f": 9007199254740993, "o": {"z": 1, "y": [2]}}"#;

    fn at(text: &str) -> Scalar<'static> {
        seek(DOCUMENT, &brackets(text).expect("a path")).into_owned()
    }

    #[test]
    fn finds_values_of_every_type() {
        assert_eq!(at("['a']['b'][0]"), Scalar::Int(1));
        assert_eq!(at("['a']['b'][1]"), Scalar::Float(-2.5));
        assert_eq!(at("['a']['b'][2]"), Scalar::Text(b"x\ny"[..].into()));
        assert_eq!(at("[\"a\"][\"b\"][4][\"c\"]"), Scalar::Bool(true));
        assert_eq!(at("['n']"), Scalar::Float(18_446_744_073_709_551_615.0));
        assert_eq!(at("[ 'd.e/f' ]"), Scalar::Int(9_007_199_254_740_993));
        assert_eq!(at("['o']"), Scalar::Document(br#"{"z":1,"y":[2]}"#[..].into()));
        assert_eq!(seek(b"[5]", &[Step::Index(0)]), Scalar::Int(5));
        assert_eq!(seek(b"true", &[]), Scalar::Bool(true));
    }

    #[test]
    fn missing_places_are_null() {
        for path in ["['x']", "['a']['b'][9]", "['a']['b'][3]", "['a'][0]", "['n']['x']", "['a']['b']['0']"] {
            assert_eq!(at(path), Scalar::Null, "{path}");
        }
        for damaged in [&b""[..], b"{", b"{\"a\": tru", b"\xff", b"{\"a\":"] {
            assert_eq!(seek(damaged, &[Step::Key("a".into())]), Scalar::Null);
        }
    }

    #[test]
    fn pointers_take_keys_and_indexes_alike() {
        let at = |text: &str| seek(DOCUMENT, &pointer(text).expect("a pointer")).into_owned();
        assert_eq!(at("/a/b/0"), Scalar::Int(1));
        assert_eq!(at("/d.e~1f"), Scalar::Int(9_007_199_254_740_993));
        assert_eq!(at("/a/b/x"), Scalar::Null);
        assert_eq!(pointer("a/b"), None);
        assert_eq!(seek(br#"{"0": 3}"#, &pointer("/0").expect("a pointer")), Scalar::Int(3));
    }
}
