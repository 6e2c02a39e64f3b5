//! The searches of one combination, encoded once and sent again and again.

use crate::connection::pairs;
use crate::fill::VECTOR;
use crate::lean::framed;
use crate::npy::Array;
use crate::plan::{Filter, Plan};
use bytes::Bytes;
use elanus_proto::common::{PlaceholderGroup, PlaceholderType, PlaceholderValue};
use elanus_proto::milvus::{SearchRequest, search_request};
use elanus_types::{Error, Result};
use prost::Message;
use serde_json::{Map, Value};

/// One search of `nq` queries in a row, beginning with `first`.
#[derive(Clone)]
pub(crate) struct Search {
    pub first: usize,
    /// The request as it is sent.
    pub message: Bytes,
}

/// Every query once, `nq` a search; a rest that does not fill one is left out.
pub(crate) fn requests(
    plan: &Plan,
    queries: &Array,
    filter: &Filter,
    params: &Map<String, Value>,
) -> Result<Vec<Search>> {
    let count = queries.rows / plan.nq.max(1);
    let searches: Vec<Search> = (0..count)
        .map(|number| {
            let first = number * plan.nq;
            Search { first, message: framed(&search(plan, queries, first, filter, params)) }
        })
        .collect();
    if searches.is_empty() { Err(Error::invalid("there is nothing to search for")) } else { Ok(searches) }
}

fn search(
    plan: &Plan,
    queries: &Array,
    first: usize,
    filter: &Filter,
    params: &Map<String, Value>,
) -> SearchRequest {
    let values = (first..first + plan.nq).map(|query| queries.slice(query, query + 1)).collect();
    let placeholder = PlaceholderValue {
        tag: "$0".to_owned(),
        r#type: PlaceholderType::FloatVector.into(),
        values,
        ..Default::default()
    };
    let group = PlaceholderGroup { placeholders: vec![placeholder] }.encode_to_vec();
    SearchRequest {
        collection_name: plan.collection.clone(),
        dsl: filter.expression(),
        dsl_type: elanus_proto::common::DslType::BoolExprV1.into(),
        search_input: Some(search_request::SearchInput::PlaceholderGroup(group.into())),
        search_params: pairs([
            ("anns_field", VECTOR.to_owned()),
            ("topk", plan.limit.to_string()),
            ("metric_type", plan.metric.name().to_owned()),
            ("params", Value::Object(params.clone()).to_string()),
            ("round_decimal", "-1".to_owned()),
        ]),
        nq: plan.nq as i64,
        guarantee_timestamp: 1,
        consistency_level: elanus_proto::common::ConsistencyLevel::Eventually.into(),
        ..Default::default()
    }
}
