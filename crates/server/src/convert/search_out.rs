//! Searches as answered.

use super::search::Answer;
use super::{ids, output};
use elanus_proto::milvus as wire;
use elanus_proto::schema::{LongArray, SearchIteratorV2Results, SearchResultData};
use elanus_types::search::{SearchIterator, SearchResult};

/// The hits as answered.
pub(crate) fn reply(result: SearchResult, answer: Answer) -> wire::SearchResults {
    let session_ts = if answer.session { result.session_timestamp.0 } else { 0 };
    let collection_name = result.collection_name.clone();
    wire::SearchResults {
        status: Some(crate::status::success()),
        results: Some(data(result, answer.groups_as_list)),
        collection_name,
        session_ts,
    }
}

fn data(result: SearchResult, groups_as_list: bool) -> SearchResultData {
    let topks: Vec<i64> = result.topks.iter().map(|count| *count as i64).collect();
    // One by one: a place in a document is spelled like a part of a struct array.
    let groups = result.group_by.into_iter().map(|group| output::field(group, &result.timezone));
    let mut groups: Vec<_> = groups.collect();
    let (group_by_field_value, group_by_field_values) = match groups_as_list {
        true => (None, groups),
        false => (groups.pop(), Vec::new()),
    };
    SearchResultData {
        num_queries: topks.len() as i64,
        top_k: topks.last().copied().unwrap_or(0),
        fields_data: output::fields(result.fields, &result.timezone),
        scores: result.scores,
        ids: Some(ids::ids_out(result.ids)),
        topks,
        element_indices: result
            .elements
            .map(|places| LongArray { data: places.into_iter().map(i64::from).collect() }),
        output_fields: result.output_fields,
        group_by_field_value,
        group_by_field_values,
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

#[cfg(test)]
mod tests;
