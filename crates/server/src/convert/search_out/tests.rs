use super::*;
use elanus_types::query::OutputField;
use elanus_types::{Column, ColumnData, DataType, FieldSchema, Timestamp};

fn result(topks: Vec<usize>) -> SearchResult {
    let hits: usize = topks.iter().sum();
    SearchResult {
        elements: None,
        collection_name: "c".into(),
        topks,
        ids: Column::new(ColumnData::Int64((0..hits as i64).collect())),
        scores: vec![0.5; hits],
        fields: Vec::new(),
        output_fields: vec!["id".into()],
        primary_field: "id".into(),
        group_by: Vec::new(),
        search_iterator: None,
        timezone: "UTC".into(),
        session_timestamp: Timestamp(99),
    }
}

#[test]
fn every_query_has_a_count() {
    for (topks, top_k) in [(vec![2, 0], 0), (vec![0, 3], 3), (vec![0, 0], 0)] {
        let counts: Vec<i64> = topks.iter().map(|count| *count as i64).collect();
        let reply = reply(result(topks), Answer::default());
        let data = reply.results.expect("results");
        assert_eq!((data.num_queries, data.topks, data.top_k), (2, counts, top_k));
        assert_eq!(data.primary_field_name, "id");
        assert!(data.search_iterator_v2_results.is_none(), "no iterator asked");
        assert_eq!(reply.session_ts, 0, "no iterator asked");
    }
}

#[test]
fn iterators_get_their_state_and_timestamp() {
    let state = SearchIterator { batch_size: 1, token: Some("t".into()), last_bound: Some(0.25) };
    let result = SearchResult { search_iterator: Some(state), ..result(vec![1]) };
    let reply = reply(result, Answer { session: true, ..Answer::default() });
    assert_eq!(reply.session_ts, 99);
    let state = reply.results.and_then(|data| data.search_iterator_v2_results);
    assert_eq!(state, Some(SearchIteratorV2Results { token: "t".into(), last_bound: 0.25 }));
}

#[test]
fn group_values_go_where_they_were_asked() {
    let field = FieldSchema::new(102, "color", DataType::VarChar);
    let group_by = vec![OutputField { field, column: Column::from_bytes(["red"]) }];
    let result = SearchResult { group_by, ..result(vec![1]) };
    let data = |groups_as_list| {
        let answer = Answer { groups_as_list, ..Answer::default() };
        reply(result.clone(), answer).results.expect("results")
    };
    assert_eq!(data(false).group_by_field_value.map(|field| field.field_name), Some("color".into()));
    assert!(data(false).group_by_field_values.is_empty());
    assert!(data(true).group_by_field_value.is_none());
    assert_eq!(data(true).group_by_field_values.len(), 1);
}
