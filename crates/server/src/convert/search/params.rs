//! The parameters of a search: key-value pairs, one of which holds a JSON object of more.

use crate::convert::kv::{Pairs, parse_bool};
use elanus_types::{Error, Result};
use serde_json::{Map, Value};
use std::borrow::Cow;

/// Keys with a meaning of their own; what is left is for the index.
const GENERAL_KEYS: &[&str] = &[
    "analyzer_name",
    "anns_field",
    "cluster_id",
    "collection_id",
    "group_by_field",
    "group_by_fields",
    "group_size",
    "hints",
    "ignore_growing",
    "iterator",
    "json_path",
    "json_type",
    "limit",
    "metric_type",
    "offset",
    "order_by_fields",
    "page_retain_order",
    "params",
    "round_decimal",
    "search_iter_batch_size",
    "search_iter_id",
    "search_iter_last_bound",
    "search_iter_v2",
    "strict_cast",
    "strict_group_size",
    "time_fields",
    "timezone",
    "topk",
];

/// The pairs of a search and the object under `params`, in which clients repeat some of the pairs.
pub(crate) struct Params<'a> {
    /// The pairs.
    pub pairs: Pairs<'a>,
    inner: Map<String, Value>,
}

impl<'a> Params<'a> {
    /// Reads the object under `params`.
    pub fn new(pairs: Pairs<'a>) -> Result<Self> {
        Ok(Self { pairs, inner: json_object(pairs)? })
    }

    /// A value that clients put beside `params` or inside.
    pub fn text(&self, key: &str) -> Option<Cow<'_, str>> {
        self.pairs.get(key).map(Cow::Borrowed).or_else(|| match self.inner.get(key)? {
            Value::String(text) => Some(Cow::Borrowed(text.as_str())).filter(|text| !text.is_empty()),
            Value::Null => None,
            other => Some(Cow::Owned(other.to_string())),
        })
    }

    /// A flag beside `params` or inside, false when absent.
    pub fn flag(&self, key: &str) -> Result<bool> {
        self.text(key).map_or(Ok(false), |text| parse_bool(key, &text))
    }

    /// Hints choose between ways to evaluate a filter. The planner chooses by itself, so legal ones change nothing.
    pub fn check_hints(&self) -> Result<()> {
        match self.text("hints").as_deref() {
            None | Some("iterative_filter" | "disable") => Ok(()),
            Some(other) => Err(Error::invalid(format!("hints: {other} not supported"))),
        }
    }

    /// What is for the index: the object and the pairs beside it, less the general keys.
    pub fn for_index(self) -> Map<String, Value> {
        let Self { pairs, mut inner } = self;
        inner.retain(|key, _| !is_general(key));
        for pair in pairs.0 {
            if !is_general(&pair.key) && !pair.value.is_empty() && !inner.contains_key(&pair.key) {
                inner.insert(pair.key.clone(), json_or_text(&pair.value));
            }
        }
        inner
    }
}

fn is_general(key: &str) -> bool {
    GENERAL_KEYS.binary_search(&key).is_ok()
}

/// The JSON object under `params`, which may be missing.
pub(crate) fn json_object(pairs: Pairs<'_>) -> Result<Map<String, Value>> {
    let Some(text) = pairs.get("params") else { return Ok(Map::new()) };
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err(Error::invalid(format!("params should be a JSON object, but got {text}"))),
        Err(error) => Err(Error::invalid(format!("params should be a JSON object, but got {text}: {error}"))),
    }
}

/// A value from text, as which it came; the index judges whether its type is right.
pub(crate) fn json_or_text(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;

    #[test]
    fn general_keys_can_be_searched() {
        assert!(GENERAL_KEYS.is_sorted());
    }

    #[test]
    fn index_parameters_come_from_both_places() -> Result<()> {
        let pairs = [
            pair("topk", "3"),
            pair("nprobe", "16"),
            pair("ef", "1"),
            pair("level", "x"),
            pair("radius", ""),
            pair("params", r#"{"ef":64,"metric_type":"L2","offset":3,"ignore_growing":true}"#),
        ];
        let params = Params::new(Pairs(&pairs))?;
        assert_eq!(params.text("metric_type").as_deref(), Some("L2"));
        assert!(params.flag("ignore_growing")?);
        let expected = serde_json::json!({"ef": 64, "nprobe": 16, "level": "x"});
        assert_eq!(Value::Object(params.for_index()), expected);
        Ok(())
    }

    #[test]
    fn pairs_go_before_the_object() -> Result<()> {
        let pairs = [pair("metric_type", "IP"), pair("params", r#"{"metric_type":"L2","hints":"disable"}"#)];
        let params = Params::new(Pairs(&pairs))?;
        assert_eq!(params.text("metric_type").as_deref(), Some("IP"));
        params.check_hints()
    }

    #[test]
    fn bad_parameters_are_named() -> Result<()> {
        for text in ["[1]", "{", "3", "{\"a\":1e999}"] {
            assert!(Params::new(Pairs(&[pair("params", text)])).is_err(), "{text}");
        }
        let pairs = [pair("hints", "fast")];
        let error = Params::new(Pairs(&pairs))?.check_hints().expect_err("no such hint");
        assert_eq!(error.message(), "hints: fast not supported");
        let pairs = [pair("ignore_growing", "maybe")];
        assert!(Params::new(Pairs(&pairs))?.flag("ignore_growing").is_err());
        Ok(())
    }
}
