//! How lists are fused, in the older form (`strategy` and `params`) and in the form of a function.

use crate::convert::kv::{Pairs, parse_bool};
use crate::convert::search::{json_object, json_or_text};
use elanus_proto::common::KeyValuePair;
use elanus_proto::schema::FunctionScore;
use elanus_types::search::Ranker;
use elanus_types::{Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// The smoothing constant of RRF when none is given.
const DEFAULT_RRF_K: f32 = 60.0;

/// The ranker named by `strategy`, with its JSON `params`. Ranges are judged where the ranker is used.
pub(super) fn of_params(pairs: Pairs<'_>) -> Result<Ranker> {
    let params = json_object(pairs)?;
    match pairs.get("strategy").unwrap_or("rrf") {
        "rrf" => rrf(&params),
        "weighted" => weighted(&params),
        other => Err(Error::invalid(format!("unsupported rank type {other}, use rrf or weighted"))),
    }
}

/// The ranker in the form of a function; its parameters are texts that Python printed.
pub(super) fn of_function(score: &FunctionScore) -> Result<Ranker> {
    let [function] = score.functions.as_slice() else {
        return Err(Error::invalid("rerank_builder: currently only supports one rerank function"));
    };
    let params = values(&function.params);
    match Pairs(&function.params).get("reranker").unwrap_or_default() {
        "rrf" => rrf(&params),
        "weighted" => weighted(&params),
        known @ ("decay" | "boost" | "model" | "xgboost") => {
            let message = format!("reranker {known} is not supported, use rrf or weighted");
            Err(Error::new(ErrorKind::Unsupported, message))
        }
        other => Err(Error::invalid(format!("rerank_builder: unsupported reranker {other:?}"))),
    }
}

fn values(params: &[KeyValuePair]) -> Map<String, Value> {
    params.iter().map(|pair| (pair.key.clone(), json_or_text(&pair.value))).collect()
}

fn rrf(params: &Map<String, Value>) -> Result<Ranker> {
    let k = match params.get("k") {
        None | Some(Value::Null) => DEFAULT_RRF_K,
        Some(value) => number(value)
            .ok_or_else(|| Error::invalid(format!("the rank param k, {value}, is not a number")))?,
    };
    Ok(Ranker::Rrf { k })
}

fn weighted(params: &Map<String, Value>) -> Result<Ranker> {
    let weights = params
        .get("weights")
        .ok_or_else(|| Error::invalid("rerank_builder: weighted reranker requires weights parameter"))?;
    let illegal =
        || Error::invalid(format!("rank param weights should be a list of numbers, but got {weights}"));
    let list = weights.as_array().ok_or_else(illegal)?;
    let weights = list.iter().map(|value| number(value).ok_or_else(illegal)).collect::<Result<_>>()?;
    let normalize = match params.get("norm_score") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => parse_bool("norm_score", text)?,
        Some(other) => parse_bool("norm_score", &other.to_string())?,
    };
    Ok(Ranker::Weighted { weights, normalize })
}

fn number(value: &Value) -> Option<f32> {
    value.as_f64().map(|number| number as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;
    use elanus_proto::schema::FunctionSchema;

    fn older(pairs: &[(&str, &str)]) -> Result<Ranker> {
        let pairs: Vec<_> = pairs.iter().map(|(key, value)| pair(*key, *value)).collect();
        of_params(Pairs(&pairs))
    }

    fn function(params: &[(&str, &str)]) -> FunctionSchema {
        let params = params.iter().map(|(key, value)| pair(*key, *value)).collect();
        FunctionSchema { params, ..Default::default() }
    }

    fn newer(params: &[(&str, &str)]) -> Result<Ranker> {
        of_function(&FunctionScore { functions: vec![function(params)], ..Default::default() })
    }

    #[test]
    fn rankers_in_both_forms() {
        let weighted = Ranker::Weighted { weights: vec![0.5, 1.0], normalize: true };
        let table = [
            (older(&[]), Ranker::Rrf { k: 60.0 }),
            (older(&[("strategy", "rrf"), ("params", "{\"k\":100}")]), Ranker::Rrf { k: 100.0 }),
            (
                older(&[("strategy", "weighted"), ("params", "{\"weights\":[0.5,1],\"norm_score\":true}")]),
                weighted.clone(),
            ),
            (newer(&[("reranker", "rrf")]), Ranker::Rrf { k: 60.0 }),
            (newer(&[("reranker", "rrf"), ("k", "10")]), Ranker::Rrf { k: 10.0 }),
            (newer(&[("reranker", "weighted"), ("weights", "[0.5, 1]"), ("norm_score", "True")]), weighted),
            (
                newer(&[("reranker", "weighted"), ("weights", "[0.5]")]),
                Ranker::Weighted { weights: vec![0.5], normalize: false },
            ),
        ];
        for (ranker, expected) in table {
            assert_eq!(ranker.unwrap(), expected);
        }
    }

    #[test]
    fn bad_rankers_are_named() {
        let table = [
            (older(&[("strategy", "max")]), "unsupported rank type max"),
            (older(&[("params", "{\"k\":\"x\"}")]), "is not a number"),
            (older(&[("strategy", "weighted")]), "requires weights parameter"),
            (older(&[("strategy", "weighted"), ("params", "{\"weights\":[true]}")]), "list of numbers"),
            (newer(&[("reranker", "best")]), "rerank_builder: unsupported reranker \"best\""),
            (newer(&[]), "unsupported reranker \"\""),
        ];
        for (ranker, expected) in table {
            let error = ranker.unwrap_err();
            assert!(error.message().contains(expected), "{error}");
            assert_eq!(error.kind(), ErrorKind::InvalidParameter);
        }
    }

    #[test]
    fn rankers_that_are_not_supported_say_so() {
        assert_eq!(newer(&[("reranker", "decay")]).unwrap_err().kind(), ErrorKind::Unsupported);
        let two = vec![function(&[("reranker", "rrf")]), function(&[("reranker", "rrf")])];
        let score = FunctionScore { functions: two, ..Default::default() };
        assert!(of_function(&score).unwrap_err().message().contains("only supports one rerank function"));
    }
}
