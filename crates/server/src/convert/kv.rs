//! Key-value pairs: how the protocol carries parameters.

use elanus_proto::common::KeyValuePair;
use elanus_types::catalog::Properties;
use elanus_types::{Error, Result};

/// Parameters of a request. A key with an empty value counts as absent: some clients send those.
#[derive(Clone, Copy)]
pub(crate) struct Pairs<'a>(pub &'a [KeyValuePair]);

impl<'a> Pairs<'a> {
    /// The value of a key.
    pub fn get(self, key: &str) -> Option<&'a str> {
        let pair = self.0.iter().find(|pair| pair.key == key)?;
        Some(pair.value.as_str()).filter(|value| !value.is_empty())
    }

    /// The whole number under a key.
    pub fn int(self, key: &str) -> Result<Option<i64>> {
        self.get(key).map(|value| parse_int(key, value)).transpose()
    }

    /// The flag under a key, false when absent.
    pub fn flag(self, key: &str) -> Result<bool> {
        self.get(key).map_or(Ok(false), |value| parse_bool(key, value))
    }
}

/// A whole number, or `key [value] is invalid`.
pub(crate) fn parse_int(key: &str, value: &str) -> Result<i64> {
    value
        .trim()
        .parse()
        .map_err(|_| Error::invalid(format!("{key} [{value}] is invalid, it should be an integer")))
}

/// A flag in any of the spellings that clients use.
pub(crate) fn parse_bool(key: &str, value: &str) -> Result<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(false),
        _ => Err(Error::invalid(format!("{key} [{value}] is invalid, it should be true or false"))),
    }
}

/// Pairs as properties; the last of equal keys wins.
pub(crate) fn properties(pairs: &[KeyValuePair]) -> Properties {
    pairs.iter().map(|pair| (pair.key.clone(), pair.value.clone())).collect()
}

/// One pair.
pub(crate) fn pair(key: impl Into<String>, value: impl Into<String>) -> KeyValuePair {
    KeyValuePair { key: key.into(), value: value.into() }
}

/// Pairs of anything that lists keys and values.
pub(crate) fn pairs<'a>(from: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<KeyValuePair> {
    from.into_iter().map(|(key, value)| pair(key, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_in_every_spelling() {
        for yes in ["1", "t", "T", "TRUE", "true", "True"] {
            assert!(parse_bool("x", yes).unwrap());
        }
        for no in ["0", "f", "F", "FALSE", "false", "False"] {
            assert!(!parse_bool("x", no).unwrap());
        }
        assert!(parse_bool("x", "yes").is_err());
    }

    #[test]
    fn empty_values_are_absent() {
        let pairs = [pair("metric_type", ""), pair("topk", "3")];
        assert_eq!(Pairs(&pairs).get("metric_type"), None);
        assert_eq!(Pairs(&pairs).int("topk").unwrap(), Some(3));
        assert_eq!(Pairs(&pairs).int("offset").unwrap(), None);
        assert!(!Pairs(&pairs).flag("iterator").unwrap());
    }
}
