//! Indexes as asked for and as described.

use super::kv::{self, pair};
use elanus_engine::{IndexStatus, NewIndex};
use elanus_proto::common::{IndexState, KeyValuePair};
use elanus_proto::milvus::{CreateIndexRequest, IndexDescription};
use elanus_types::catalog::Properties;
use elanus_types::{CollectionMeta, CollectionRef, Error, IndexMeta, Result};
use serde_json::{Map, Value};

/// Under this key many clients send the parameters of the index type as one JSON object.
const NESTED: &str = "params";
/// Under this key a description names what an index resolved to and what was measured when it was built.
const RESOLVED: &str = "elanus.resolved";

/// The index that a request asks for.
pub(crate) fn new_index(target: CollectionRef, request: CreateIndexRequest) -> Result<NewIndex> {
    Ok(NewIndex {
        target,
        field: request.field_name,
        name: request.index_name,
        params: expanded(&request.extra_params)?,
        user_params: request.extra_params.into_iter().map(|pair| (pair.key, pair.value)).collect(),
    })
}

/// All parameters on one level.
fn expanded(sent: &[KeyValuePair]) -> Result<Properties> {
    let mut params = kv::properties(sent);
    let Some(nested) = params.remove(NESTED) else { return Ok(params) };
    if nested.trim().is_empty() {
        return Ok(params);
    }
    let nested: Map<String, Value> = serde_json::from_str(&nested).map_err(|error| {
        Error::invalid(format!("index params {nested} are not a JSON object: {error}: invalid parameter"))
    })?;
    params.extend(nested.into_iter().map(|(key, value)| (key, plain(value))));
    Ok(params)
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// An index as described: parameters in the user's own form, with what was left to the database filled in.
pub(crate) fn describe(meta: &CollectionMeta, index: &IndexMeta, status: &IndexStatus) -> IndexDescription {
    let state = state(status);
    IndexDescription {
        index_name: index.name.clone(),
        index_id: index.id,
        params: params(index, status),
        field_name: meta.schema.field_by_id(index.field).map(|field| field.name.clone()).unwrap_or_default(),
        indexed_rows: rows(status.indexed_rows),
        total_rows: rows(status.total_rows),
        pending_index_rows: rows(status.pending_rows),
        state: state.into(),
        index_state_fail_reason: status.failure.clone(),
        min_index_version: 0,
        max_index_version: 0,
    }
}

fn params(index: &IndexMeta, status: &IndexStatus) -> Vec<KeyValuePair> {
    let chosen = [("index_type", Some(index.index_type.as_str())), ("metric_type", index.metric.as_deref())];
    let mut params: Vec<_> = chosen.iter().filter_map(|(key, value)| Some(pair(*key, (*value)?))).collect();
    let others = index.user_params.iter().filter(|(key, _)| chosen.iter().all(|(known, _)| known != key));
    params.extend(others.map(|(key, value)| pair(key, value)));
    let told = [status.resolved.as_str(), status.measured.as_str()];
    let told: Vec<&str> = told.into_iter().filter(|text| !text.is_empty()).collect();
    if !told.is_empty() {
        params.push(pair(RESOLVED, told.join("; ")));
    }
    params
}

/// How far an index is. One with nothing to wait for is finished, which clients of an empty collection rely on.
pub(crate) fn state(status: &IndexStatus) -> IndexState {
    match status {
        status if status.pending_rows == 0 => IndexState::Finished,
        status if !status.failure.is_empty() => IndexState::Failed,
        _ => IndexState::InProgress,
    }
}

/// A count as the protocol writes it.
pub(crate) fn rows(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
