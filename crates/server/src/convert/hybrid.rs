//! Hybrid searches: several searches and how their lists become one.

use super::kv::{Pairs, parse_bool};
use super::search;
use elanus_proto::common::KeyValuePair;
use elanus_proto::milvus as wire;
use elanus_proto::schema::FunctionScore;
use elanus_types::search::{HybridRequest, Ranker};
use elanus_types::{CollectionRef, Error, ErrorKind, Result};
use serde_json::{Map, Value};

/// The smoothing constant of RRF when none is given.
const DEFAULT_RRF_K: f32 = 60.0;

/// A hybrid search as sent.
pub(crate) fn request(target: CollectionRef, request: wire::HybridSearchRequest) -> Result<HybridRequest> {
    if !request.function_chains.is_empty() {
        return Err(Error::new(
            ErrorKind::Unsupported,
            "function_chains is not supported in hybrid searches",
        ));
    }
    let pairs = Pairs(&request.rank_params);
    let ranker = match &request.function_score {
        Some(score) if !score.functions.is_empty() => function_ranker(score)?,
        _ => ranker(pairs)?,
    };
    let limit = pairs.int("limit")?.ok_or_else(|| Error::invalid("limit not found in rank_params"))?;
    let requests = request.requests.into_iter().map(|one| search::request(target.clone(), one));
    Ok(HybridRequest {
        requests: requests.collect::<Result<_>>()?,
        partitions: request.partition_names,
        ranker,
        limit,
        offset: pairs.int("offset")?.unwrap_or(0),
        output_fields: request.output_fields,
        round_decimal: pairs.int("round_decimal")?.unwrap_or(-1),
        group_by: search::group_by(pairs)?,
        guarantee_timestamp: 0,
        target,
    })
}

/// The ranker named by `strategy`, with its JSON `params`.
fn ranker(pairs: Pairs<'_>) -> Result<Ranker> {
    let params = search::index_params(pairs)?;
    match pairs.get("strategy").unwrap_or("rrf").to_ascii_lowercase().as_str() {
        "rrf" => Ok(Ranker::Rrf { k: rrf_k(&params)? }),
        "weighted" => weighted(&params),
        other => Err(Error::invalid(format!("unsupported rank type {other}, use rrf or weighted"))),
    }
}

/// The ranker in the form of a function; its parameters are texts that Python printed.
fn function_ranker(score: &FunctionScore) -> Result<Ranker> {
    let [function] = score.functions.as_slice() else {
        let message = format!("{} rerank functions are given, one is supported", score.functions.len());
        return Err(Error::new(ErrorKind::Unsupported, message));
    };
    let params = json_values(&function.params);
    match Pairs(&function.params).get("reranker").unwrap_or_default() {
        "rrf" => Ok(Ranker::Rrf { k: rrf_k(&params)? }),
        "weighted" => weighted(&params),
        other => Err(Error::new(
            ErrorKind::Unsupported,
            format!("reranker {other:?} is not supported, use rrf or weighted"),
        )),
    }
}

fn json_values(params: &[KeyValuePair]) -> Map<String, Value> {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
    params.iter().map(|pair| (pair.key.clone(), value(&pair.value))).collect()
}

fn rrf_k(params: &Map<String, Value>) -> Result<f32> {
    match params.get("k") {
        None | Some(Value::Null) => Ok(DEFAULT_RRF_K),
        Some(value) => number(value).filter(|k| *k > 0.0 && *k < 16384.0).ok_or_else(|| {
            Error::invalid(format!("the rank params k should be in range (0, 16384), but got {value}"))
        }),
    }
}

fn weighted(params: &Map<String, Value>) -> Result<Ranker> {
    let weights = params.get("weights").ok_or_else(|| Error::invalid("weights not found in rank_params"))?;
    let illegal = || {
        Error::invalid(format!("rank param weights should be a list of numbers in [0, 1], but got {weights}"))
    };
    let list = weights.as_array().ok_or_else(illegal)?;
    let in_range = |weight: &f32| (0.0..=1.0).contains(weight);
    let weights =
        list.iter().map(|value| number(value).filter(in_range).ok_or_else(illegal)).collect::<Result<_>>()?;
    let normalize = match params.get("norm_score") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => parse_bool("norm_score", text)?,
        Some(other) => parse_bool("norm_score", &other.to_string())?,
    };
    Ok(Ranker::Weighted { weights, normalize })
}

fn number(value: &Value) -> Option<f32> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_f64().map(|number| number as f32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::convert::kv::pair;

    fn ranker_of(pairs: &[KeyValuePair]) -> Result<Ranker> {
        ranker(Pairs(pairs))
    }

    #[test]
    fn rankers_by_strategy() {
        assert_eq!(ranker_of(&[]).unwrap(), Ranker::Rrf { k: 60.0 });
        let rrf = [pair("strategy", "rrf"), pair("params", "{\"k\":100}")];
        assert_eq!(ranker_of(&rrf).unwrap(), Ranker::Rrf { k: 100.0 });
        let weighted =
            [pair("strategy", "weighted"), pair("params", "{\"weights\":[0.5,1],\"norm_score\":true}")];
        let expected = Ranker::Weighted { weights: vec![0.5, 1.0], normalize: true };
        assert_eq!(ranker_of(&weighted).unwrap(), expected);
    }

    #[test]
    fn bad_rankers_are_named() {
        assert!(ranker_of(&[pair("strategy", "max")]).is_err());
        assert!(ranker_of(&[pair("params", "{\"k\":0}")]).is_err());
        assert!(ranker_of(&[pair("strategy", "weighted")]).is_err());
        assert!(ranker_of(&[pair("strategy", "weighted"), pair("params", "{\"weights\":[1.5]}")]).is_err());
    }

    #[test]
    fn functions_rank_too() {
        let function = |params| FunctionScore {
            functions: vec![elanus_proto::schema::FunctionSchema { params, ..Default::default() }],
            ..Default::default()
        };
        let weighted =
            vec![pair("reranker", "weighted"), pair("weights", "[0.1, 0.9]"), pair("norm_score", "True")];
        let expected = Ranker::Weighted { weights: vec![0.1, 0.9], normalize: true };
        assert_eq!(function_ranker(&function(weighted)).unwrap(), expected);
        let decay = function(vec![pair("reranker", "decay")]);
        assert_eq!(function_ranker(&decay).unwrap_err().kind(), ErrorKind::Unsupported);
    }
}
