//! Searches as answered.

use super::{ids, output};
use elanus_proto::milvus as wire;
use elanus_proto::schema::{SearchIteratorV2Results, SearchResultData};
use elanus_types::search::{SearchIterator, SearchResult};

/// The hits as answered. `session` says whether the client wants the timestamp that was read at.
pub(crate) fn reply(result: SearchResult, session: bool) -> wire::SearchResults {
    let session_ts = if session { result.session_timestamp.0 } else { 0 };
    let collection_name = result.collection_name.clone();
    wire::SearchResults {
        status: Some(crate::status::success()),
        results: Some(data(result)),
        collection_name,
        session_ts,
    }
}

fn data(result: SearchResult) -> SearchResultData {
    let topks: Vec<i64> = result.topks.iter().map(|count| *count as i64).collect();
    SearchResultData {
        num_queries: topks.len() as i64,
        top_k: topks.last().copied().unwrap_or(0),
        fields_data: result.fields.into_iter().map(output::field).collect(),
        scores: result.scores,
        ids: Some(ids::ids_out(result.ids)),
        topks,
        output_fields: result.output_fields,
        group_by_field_value: result.group_by.map(output::field),
        search_iterator_v2_results: result.search_iterator.map(iterator),
        primary_field_name: result.primary_field,
        ..Default::default()
    }
}

fn iterator(state: SearchIterator) -> SearchIteratorV2Results {
    SearchIteratorV2Results {
        token: state.token.unwrap_or_default(),
        last_bound: state.last_bound.unwrap_or_default(),
    }
}
