//! Queries by filter.

use super::kv::Pairs;
use super::write::no_namespace;
use super::{order, output, value};
use elanus_proto::milvus as wire;
use elanus_proto::schema::LongArray;
use elanus_types::input::FilterText;
use elanus_types::query::{QueryRequest, QueryResult};
use elanus_types::{CollectionRef, Error, Result};

/// A query as sent. `reduce_stop_for_best`, `time_fields` and `cluster_id` change nothing here.
pub(crate) fn request(target: CollectionRef, request: wire::QueryRequest) -> Result<QueryRequest> {
    let params = Pairs(&request.query_params);
    no_namespace(request.namespace.as_deref())?;
    let collection_id = params.int("collection_id")?.unwrap_or(0);
    // An iterator that skips to its offset says that it is none, but names its collection as only iterators do.
    let iterator = params.flag("iterator")? || collection_id != 0;
    let limit = limit(params)?;
    Ok(QueryRequest {
        target,
        partitions: request.partition_names,
        filter: FilterText {
            timezone: params.get("timezone").map(str::to_owned),
            ..value::filter(request.expr, &request.expr_template_values)?
        },
        output_fields: request.output_fields,
        order_by: order::order_by(params)?,
        group_by: order::names(params, "group_by_fields")?,
        limit,
        offset: if limit.is_some() { offset(params)? } else { 0 },
        iterator,
        last_element: last_element(params)?,
        collection_id,
        guarantee_timestamp: pinned(iterator, request.guarantee_timestamp),
    })
}

/// The element that the last page of an iterator ended with, in the row that this page begins with.
fn last_element(params: Pairs<'_>) -> Result<Option<u32>> {
    let Some(place) = params.int("query_iter_last_element_offset")? else { return Ok(None) };
    // Clients write -1 where there was none.
    match u32::try_from(place) {
        Ok(place) => Ok(Some(place)),
        Err(_) if place == -1 => Ok(None),
        Err(_) => Err(Error::invalid(format!("query_iter_last_element_offset [{place}] is invalid"))),
    }
}

/// The timestamp to read at. Only an iterator's pages are pinned to one; for anybody else the guarantee is a lower
/// bound that the newest state always meets.
pub(crate) fn pinned(iterator: bool, guarantee: u64) -> u64 {
    if iterator { guarantee } else { 0 }
}

fn limit(params: Pairs<'_>) -> Result<Option<usize>> {
    let Some(text) = params.get("limit") else { return Ok(None) };
    match text.trim().parse::<i64>() {
        Err(_) => Err(Error::invalid(format!("limit [{text}] is invalid"))),
        Ok(number) => match usize::try_from(number) {
            Ok(limit) if limit > 0 => Ok(Some(limit)),
            _ => Err(window(format_args!("limit [{number}] is invalid, should be greater than 0"))),
        },
    }
}

fn offset(params: Pairs<'_>) -> Result<usize> {
    let Some(text) = params.get("offset") else { return Ok(0) };
    match text.trim().parse::<i64>() {
        Err(_) => Err(Error::invalid(format!("offset [{text}] is invalid"))),
        Ok(number) => usize::try_from(number)
            .map_err(|_| window(format_args!("offset [{number}] is invalid, should be gte than 0"))),
    }
}

fn window(reason: impl std::fmt::Display) -> Error {
    Error::invalid(format!("invalid max query result window, {reason}"))
}

/// The places of the elements of one row that a filter lets through.
fn places(places: Vec<u32>) -> wire::ElementIndices {
    wire::ElementIndices { indices: Some(LongArray { data: places.into_iter().map(i64::from).collect() }) }
}

/// The rows as answered.
pub(crate) fn reply(result: QueryResult) -> wire::QueryResults {
    wire::QueryResults {
        status: Some(crate::status::success()),
        fields_data: output::fields(result.fields, &result.timezone),
        collection_name: result.collection_name,
        output_fields: result.output_fields,
        session_ts: result.session_timestamp.0,
        primary_field_name: result.primary_field,
        element_indices: result.elements.map_or_else(Vec::new, |rows| rows.into_iter().map(places).collect()),
    }
}

#[cfg(test)]
mod tests;
