//! Queries by filter.

use super::kv::Pairs;
use super::{output, value};
use elanus_proto::milvus as wire;
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::{CollectionRef, Error, ErrorKind, Result};

/// A query as sent.
pub(crate) fn request(target: CollectionRef, request: wire::QueryRequest) -> Result<QueryRequest> {
    let params = Pairs(&request.query_params);
    for key in ["order_by_fields", "group_by_fields"] {
        if params.get(key).is_some() {
            return Err(Error::new(ErrorKind::Unsupported, format!("{key} is not supported in queries")));
        }
    }
    if request.namespace.as_deref().is_some_and(|name| !name.is_empty()) {
        return Err(Error::new(ErrorKind::Unsupported, "namespaces are not supported: use a partition key"));
    }
    let iterator = params.flag("iterator")?;
    Ok(QueryRequest {
        target,
        partitions: request.partition_names,
        filter: value::filter(request.expr, &request.expr_template_values)?,
        output_fields: request.output_fields,
        limit: limit(params)?,
        offset: count(params, "offset")?.unwrap_or(0),
        iterator,
        collection_id: params.int("collection_id")?.unwrap_or(0),
        guarantee_timestamp: pinned(iterator, request.guarantee_timestamp),
    })
}

/// The timestamp to read at. Only an iterator's pages are pinned to one; for anybody else the guarantee is a lower
/// bound that the newest state always meets.
pub(crate) fn pinned(iterator: bool, guarantee: u64) -> u64 {
    if iterator { guarantee } else { 0 }
}

fn limit(params: Pairs<'_>) -> Result<Option<usize>> {
    match count(params, "limit")? {
        Some(0) => Err(window("limit [0] is invalid, should be greater than 0")),
        limit => Ok(limit),
    }
}

fn count(params: Pairs<'_>, key: &str) -> Result<Option<usize>> {
    let Some(number) = params.int(key)? else { return Ok(None) };
    let illegal = |_| window(format_args!("{key} [{number}] is invalid, should be greater than 0"));
    usize::try_from(number).map(Some).map_err(illegal)
}

fn window(reason: impl std::fmt::Display) -> Error {
    Error::invalid(format!("invalid max query result window, {reason}"))
}

/// The rows as answered.
pub(crate) fn reply(result: QueryResult) -> wire::QueryResults {
    wire::QueryResults {
        status: Some(crate::status::success()),
        fields_data: result.fields.into_iter().map(output::field).collect(),
        collection_name: result.collection_name,
        output_fields: result.output_fields,
        session_ts: result.session_timestamp.0,
        primary_field_name: result.primary_field,
        element_indices: Vec::new(),
    }
}
