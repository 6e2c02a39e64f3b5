use super::*;
use bytes::Bytes;
use elanus_types::search::{QueryVectors, Ranker};
use elanus_types::{CollectionRef, Column, ColumnData, DataType, FieldSchema};

fn message(result: Result<()>) -> String {
    result.map_or_else(|error| format!("{} {}", error.kind().code(), error.message()), |()| "ok".into())
}

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn search(offset: i64, limit: i64) -> SearchRequest {
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![Bytes::new()] };
    SearchRequest { offset, ..SearchRequest::new(target(), queries, limit) }
}

fn query(offset: usize, limit: Option<usize>) -> QueryRequest {
    QueryRequest { limit, offset, ..QueryRequest::new(target()) }
}

#[test]
fn windows_of_searches_are_checked_with_milvus_texts() {
    let check = |offset, limit| message(Limits::default().check_search(&search(offset, limit)));
    assert_eq!(check(0, 16_384), "ok");
    assert_eq!(check(16_383, 1), "ok");
    assert_eq!(
        check(0, 0),
        "1100 topk [0] is invalid, it should be in range [1, 16384], but got 0: invalid parameter"
    );
    assert_eq!(
        check(1, 16_384),
        "1100 offset+topk [16385] is invalid, it should be in range [1, 16384], but got 16385: invalid parameter"
    );
    assert!(check(-1, 1).starts_with("1100 offset [-1] is invalid, it should be"));
    assert!(check(i64::MAX, 5).starts_with("1100 offset [9223372036854775807]"));
}

#[test]
fn windows_of_queries_are_checked_with_milvus_texts() {
    let check =
        |offset, limit, unfiltered| message(Limits::default().check_query(&query(offset, limit), unfiltered));
    assert_eq!(check(0, Some(16_384), true), "ok");
    assert_eq!(check(50_000, None, false), "ok", "an offset without a limit is ignored");
    assert_eq!(check(0, None, true), "1100 empty expression should be used with limit: invalid parameter");
    assert_eq!(
        check(1, Some(16_384), false),
        "1100 invalid max query result window, (offset+limit) should be in range [1, 16384], but got 16385: invalid parameter"
    );
    assert!(check(usize::MAX, Some(1), false).contains("(offset+limit) should be in range"));
    assert!(check(0, Some(0), false).contains("limit [0] is invalid"));
}

#[test]
fn other_numbers_are_checked() {
    let limits = Limits::default();
    assert_eq!(message(limits.check_nq(16_384)), "ok");
    assert_eq!(
        message(limits.check_nq(0)),
        "1100 nq [0] is invalid, nq (number of search vector per search request) should be in range [1, 16384], but got 0: invalid parameter"
    );
    let rounded = SearchRequest { round_decimal: 7, ..search(0, 1) };
    assert_eq!(
        message(limits.check_search(&rounded)),
        "1100 round_decimal [7] is invalid, should be -1 or an integer in range [0, 6]: invalid parameter"
    );
    for (size, ok) in [(0, false), (1, true), (10, true), (11, false)] {
        let group_by = Some(GroupBy { size, ..GroupBy::new("g") });
        assert_eq!(
            limits.check_search(&SearchRequest { group_by, ..search(0, 1) }).is_ok(),
            ok,
            "group size {size}"
        );
    }
}

#[test]
fn iterators_need_a_batch_and_no_offset() {
    let check = |batch_size, offset| {
        let search_iterator = Some(SearchIterator { batch_size, ..SearchIterator::default() });
        message(Limits::default().check_search(&SearchRequest { search_iterator, ..search(offset, 1) }))
    };
    assert_eq!(check(16_384, 0), "ok");
    assert_eq!(check(0, 0), "1100 batch size is required: invalid parameter");
    assert!(check(16_385, 0).contains("batch size is invalid"));
    assert!(check(10, 3).contains("offset is not supported"));
}

#[test]
fn hybrid_searches_are_counted() {
    let check = |requests: usize, limit| {
        message(Limits::default().check_hybrid(&HybridRequest {
            target: target(),
            partitions: Vec::new(),
            requests: vec![search(0, 1); requests],
            ranker: Ranker::Rrf { k: 60.0 },
            limit,
            offset: 0,
            output_fields: Vec::new(),
            round_decimal: -1,
            group_by: None,
            guarantee_timestamp: 0,
        }))
    };
    assert_eq!(check(1024, 10), "ok");
    assert!(check(0, 10).contains("maximum number of ann search requests"));
    assert!(check(1025, 10).contains("limited to 1024"));
    assert!(check(1, 16_385).contains("topk [16385] is invalid"));
}

#[test]
fn large_outputs_are_refused() {
    let limits = Limits { output_size: 80, ..Limits::default() };
    let output = |rows: usize| {
        let column = Column::new(ColumnData::Int64(vec![7; rows]));
        [OutputField { field: FieldSchema::new(100, "a", DataType::Int64), column }]
    };
    assert_eq!(message(limits.check_output(&output(10), "search")), "ok");
    assert!(
        message(limits.check_output(&output(11), "search"))
            .contains("search results exceed the maxOutputSize Limit 80")
    );
    assert!(message(limits.check_output(&output(11), "query")).starts_with("1100 query results exceed"));
}

#[test]
fn too_much_is_refused_before_it_is_fetched() {
    let limits = Limits { output_size: 80, ..Limits::default() };
    assert!(limits.check_rows(8, 10, "query").is_ok());
    let refused = limits.check_rows(8, 11, "search").expect_err("88 bytes");
    assert!(refused.message().starts_with("search results exceed the maxOutputSize Limit 80"));
    assert!(limits.check_rows(usize::MAX, 2, "query").is_err());
}
