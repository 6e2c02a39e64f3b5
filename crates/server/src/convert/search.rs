//! Searches as sent.

use super::kv::{Pairs, parse_bool, parse_int};
use super::query::pinned;
use super::{ids, value};
use bytes::Bytes;
use elanus_proto::common::{PlaceholderGroup, PlaceholderType, PlaceholderValue};
use elanus_proto::milvus as wire;
use elanus_proto::milvus::search_request::SearchInput;
use elanus_types::search::{GroupBy, QueryVectors, SearchIterator, SearchRequest};
use elanus_types::{CollectionRef, DataType, Error, ErrorKind, Result};
use prost::Message;
use serde_json::{Map, Value};

/// Keys of the `params` object that have a meaning of their own and are not for the index.
const GENERAL_KEYS: &[&str] = &[
    "anns_field",
    "topk",
    "limit",
    "offset",
    "metric_type",
    "round_decimal",
    "ignore_growing",
    "group_by_field",
    "group_by_fields",
    "group_size",
    "strict_group_size",
    "iterator",
    "search_iter_v2",
    "search_iter_batch_size",
    "search_iter_last_bound",
    "search_iter_id",
    "collection_id",
    "page_retain_order",
    "params",
    "hints",
    "timezone",
    "time_fields",
    "cluster_id",
];

/// A search as sent. `limit_key` is where its limit stands when `topk` is absent.
pub(crate) fn request(target: CollectionRef, request: wire::SearchRequest) -> Result<SearchRequest> {
    refuse_unsupported(&request)?;
    let pairs = Pairs(&request.search_params);
    let mut params = index_params(pairs)?;
    let metric = lookup(pairs, &params, "metric_type");
    let ignore_growing = lookup(pairs, &params, "ignore_growing");
    params.retain(|key, _| !GENERAL_KEYS.contains(&key.as_str()));
    let iterator = pairs.flag("iterator")?;
    Ok(SearchRequest {
        target,
        partitions: request.partition_names,
        field: pairs.get("anns_field").map(str::to_owned),
        queries: queries(request.search_input)?,
        filter: value::filter(request.dsl, &request.expr_template_values)?,
        limit: limit(pairs)?,
        offset: pairs.int("offset")?.unwrap_or(0),
        metric,
        params,
        output_fields: request.output_fields,
        round_decimal: pairs.int("round_decimal")?.unwrap_or(-1),
        ignore_growing: ignore_growing.map_or(Ok(false), |text| parse_bool("ignore_growing", &text))?,
        group_by: group_by(pairs)?,
        search_iterator: search_iterator(pairs)?,
        iterator,
        collection_id: pairs.int("collection_id")?.unwrap_or(0),
        guarantee_timestamp: pinned(iterator, request.guarantee_timestamp),
    })
}

fn refuse_unsupported(request: &wire::SearchRequest) -> Result<()> {
    let pairs = Pairs(&request.search_params);
    let used = [
        ("function_score", request.function_score.is_some()),
        ("function_chains", !request.function_chains.is_empty()),
        ("highlighter", request.highlighter.is_some()),
        ("search_aggregation", request.search_aggregation.is_some()),
        ("namespace", request.namespace.as_deref().is_some_and(|name| !name.is_empty())),
        ("order_by_fields", pairs.get("order_by_fields").is_some()),
        ("json_path", pairs.get("json_path").is_some()),
    ];
    match used.iter().find(|(_, used)| *used) {
        Some((name, _)) => {
            Err(Error::new(ErrorKind::Unsupported, format!("{name} is not supported in searches")))
        }
        None => Ok(()),
    }
}

/// The JSON object under `params`, which may be missing.
pub(crate) fn index_params(pairs: Pairs<'_>) -> Result<Map<String, Value>> {
    let Some(text) = pairs.get("params") else { return Ok(Map::new()) };
    serde_json::from_str(text)
        .map_err(|error| Error::invalid(format!("search params {text} should be a JSON object: {error}")))
}

/// A value that clients put beside `params` or inside.
fn lookup(pairs: Pairs<'_>, params: &Map<String, Value>, key: &str) -> Option<String> {
    pairs.get(key).map(str::to_owned).or_else(|| match params.get(key)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Null => None,
        other => Some(other.to_string()),
    })
}

fn limit(pairs: Pairs<'_>) -> Result<i64> {
    let text = pairs.get("topk").or_else(|| pairs.get("limit"));
    parse_int("topk", text.ok_or_else(|| Error::invalid("topk not found in search_params"))?)
}

/// Group-by from search or rank parameters.
pub(crate) fn group_by(pairs: Pairs<'_>) -> Result<Option<GroupBy>> {
    let Some(field) = pairs.get("group_by_field").or_else(|| pairs.get("group_by_fields")) else {
        return Ok(None);
    };
    if field.contains(',') {
        let message = format!("grouping by several fields ({field}) is not supported: name one field");
        return Err(Error::new(ErrorKind::Unsupported, message));
    }
    let size = pairs.int("group_size")?.unwrap_or(1);
    let size = usize::try_from(size).ok().filter(|size| *size > 0).ok_or_else(|| {
        Error::expected(
            format_args!("input group size:{size} is negative or zero"),
            "positive group size",
            size,
        )
    })?;
    Ok(Some(GroupBy { field: field.trim().to_owned(), size, strict: pairs.flag("strict_group_size")? }))
}

fn search_iterator(pairs: Pairs<'_>) -> Result<Option<SearchIterator>> {
    if !pairs.flag("search_iter_v2")? {
        return Ok(None);
    }
    let size =
        pairs.int("search_iter_batch_size")?.ok_or_else(|| Error::invalid("batch size is required"))?;
    let batch_size = usize::try_from(size).map_err(|_| {
        Error::invalid(format!("batch size [{size}] is invalid, it should be in range [1, 16384]"))
    })?;
    let bound = |text: &str| {
        text.parse::<f32>()
            .map_err(|_| Error::invalid(format!("last bound [{text}] is invalid, it should be a number")))
    };
    let last_bound = pairs.get("search_iter_last_bound").map(bound).transpose()?;
    let token = pairs.get("search_iter_id").map(str::to_owned);
    Ok(Some(SearchIterator { batch_size, token, last_bound }))
}

fn queries(input: Option<SearchInput>) -> Result<QueryVectors> {
    match input {
        None => Ok(QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: Vec::new() }),
        Some(SearchInput::Ids(ids)) => ids::ids_in(ids).map(QueryVectors::Ids),
        Some(SearchInput::PlaceholderGroup(group)) => placeholders(group),
    }
}

fn placeholders(group: Bytes) -> Result<QueryVectors> {
    let group = PlaceholderGroup::decode(group)
        .map_err(|error| Error::invalid(format!("the query vectors are malformed: {error}")))?;
    let mut placeholders = group.placeholders;
    if placeholders.len() > 1 {
        let message = format!("{} groups of query vectors are given, one is expected", placeholders.len());
        return Err(Error::invalid(message));
    }
    let PlaceholderValue { r#type, values, .. } = placeholders
        .pop()
        .unwrap_or(PlaceholderValue { r#type: PlaceholderType::FloatVector.into(), ..Default::default() });
    let data_type = DataType::from_number(r#type).ok_or_else(|| {
        let name = PlaceholderType::try_from(r#type).map_or("unknown", |known| known.as_str_name());
        Error::new(ErrorKind::Unsupported, format!("searching by {name} ({}) is not supported", r#type))
    })?;
    Ok(QueryVectors::Vectors { data_type, vectors: values })
}
