//! Range search: `radius` and `range_filter` of a search's parameters.

use crate::validate::invalid;
use elanus_kernels::Metric;
use elanus_segment::KeyRange;
use elanus_types::Result;
use serde_json::{Map, Value};

const RADIUS: &str = "radius";
const RANGE_FILTER: &str = "range_filter";

/// The keys a range search allows; `None` when it is none.
///
/// Distances: `range_filter <= score < radius`. Similarities: `radius < score <= range_filter`. Both are the same
/// range of keys, open at the radius.
pub fn of_request(metric: Metric, params: &Map<String, Value>) -> Result<Option<KeyRange>> {
    let (radius, inner) = (number(params, RADIUS)?, number(params, RANGE_FILTER)?);
    let Some(radius) = radius else {
        return match inner {
            None => Ok(None),
            Some(_) => {
                Err(invalid("range_filter requires radius to be set, add radius or drop range_filter"))
            }
        };
    };
    let mut range = KeyRange { below: metric.key(radius), ..KeyRange::ALL };
    if let Some(inner) = inner {
        range.low = metric.key(inner);
        if range.low >= range.below {
            let order = if metric.larger_is_nearer() { "greater" } else { "less" };
            return Err(invalid(format!(
                "metric type ({metric}), range_filter({inner}) must be {order} than radius({radius})"
            )));
        }
    }
    Ok(Some(range))
}

/// A number, or a number in text as some clients send it.
fn number(params: &Map<String, Value>, key: &str) -> Result<Option<f32>> {
    let value = match params.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number.filter(|number| !number.is_nan()) {
        Some(number) => Ok(Some(number as f32)),
        None => Err(invalid(format!("Type conflict in json: param '{key}' ({value}) should be a number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn range(metric: Metric, params: Value) -> Result<Option<KeyRange>> {
        of_request(metric, params.as_object().unwrap_or(&Map::new()))
    }

    /// The scores a request lets through.
    fn passes(metric: Metric, params: Value, scores: &[f32]) -> Result<Vec<f32>> {
        let range = range(metric, params)?.unwrap_or(KeyRange::ALL);
        Ok(scores.iter().copied().filter(|score| range.contains(metric.key(*score))).collect())
    }

    #[test]
    fn radius_is_open_and_range_filter_closed() -> Result<()> {
        let scores = [0.0, 0.5, 1.0, 2.0];
        assert_eq!(passes(Metric::L2, json!({"radius": 2, "range_filter": 0.5}), &scores)?, [0.5, 1.0]);
        assert_eq!(passes(Metric::Cosine, json!({"radius": 0.5, "range_filter": 1.0}), &scores)?, [1.0]);
        assert_eq!(passes(Metric::Ip, json!({"radius": "-1.5"}), &scores)?, scores);
        assert_eq!(passes(Metric::Hamming, json!({"radius": 1e300}), &scores)?, scores);
        assert!(passes(Metric::L2, json!({"radius": -1}), &scores)?.is_empty());
        assert_eq!(passes(Metric::L2, json!({"ef": 64, "radius": null}), &scores)?, scores);
        assert_eq!(range(Metric::L2, json!({}))?, None);
        Ok(())
    }

    #[test]
    fn wrong_ranges_are_refused_with_milvus_texts() {
        let cases = [
            (
                Metric::L2,
                json!({"radius": 1, "range_filter": 2}),
                "metric type (L2), range_filter(2) must be less than radius(1)",
            ),
            (
                Metric::L2,
                json!({"radius": 1, "range_filter": 1}),
                "range_filter(1) must be less than radius(1)",
            ),
            (
                Metric::Cosine,
                json!({"radius": 0.5, "range_filter": 0.1}),
                "metric type (COSINE), range_filter(0.1) must be greater than radius(0.5)",
            ),
            (Metric::Ip, json!({"range_filter": 0.1}), "range_filter requires radius to be set"),
            (Metric::Ip, json!({"radius": "near"}), "param 'radius' (\"near\") should be a number"),
            (Metric::Ip, json!({"radius": [1]}), "param 'radius' ([1]) should be a number"),
            (Metric::L2, json!({"radius": "NaN"}), "should be a number"),
        ];
        for (metric, params, text) in cases {
            let error = range(metric, params).expect_err(text);
            assert_eq!(error.kind().code(), 1100, "{error}");
            assert!(error.message().contains(text), "{error} has not {text}");
        }
    }
}
