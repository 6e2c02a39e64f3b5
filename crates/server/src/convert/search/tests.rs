use super::*;
use crate::convert::kv::pair;
use bytes::Bytes;
use elanus_proto::common::{Highlighter, PlaceholderGroup, PlaceholderType, PlaceholderValue};
use elanus_proto::milvus::search_request::SearchInput;
use elanus_proto::schema::{FunctionChain, FunctionSchema, FunctionScore};
use elanus_types::search::QueryVectors;
use prost::Message;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn with(params: &[(&str, &str)]) -> wire::SearchRequest {
    let search_params = params.iter().map(|(key, value)| pair(*key, *value)).collect();
    wire::SearchRequest { search_params, ..Default::default() }
}

fn sent(params: &[(&str, &str)]) -> Result<SearchRequest> {
    request(target(), with(params)).map(|sent| sent.request)
}

#[test]
fn a_search_as_pymilvus_sends_it() -> Result<()> {
    let value = PlaceholderValue {
        tag: "$0".into(),
        r#type: PlaceholderType::FloatVector.into(),
        values: vec![Bytes::from_static(&[0; 8]); 2],
        ..Default::default()
    };
    let group = PlaceholderGroup { placeholders: vec![value] };
    let wire = wire::SearchRequest {
        dsl: "id > 3".into(),
        search_input: Some(SearchInput::PlaceholderGroup(group.encode_to_vec().into())),
        output_fields: vec!["*".into()],
        guarantee_timestamp: 460_000_000_000_000_000,
        nq: 2,
        ..with(&[
            ("topk", "3"),
            ("round_decimal", "-1"),
            ("ignore_growing", "False"),
            ("offset", "2"),
            ("metric_type", "COSINE"),
            ("anns_field", "v"),
            ("params", r#"{"ef":64,"metric_type":"COSINE"}"#),
        ])
    };
    let Sent { request, answer } = request(target(), wire)?;
    assert_eq!((request.limit, request.offset, request.round_decimal), (3, 2, -1));
    assert_eq!((request.field.as_deref(), request.metric.as_deref()), (Some("v"), Some("COSINE")));
    assert_eq!(serde_json::Value::Object(request.params), serde_json::json!({"ef": 64}));
    assert!(matches!(request.queries, QueryVectors::Vectors { vectors, .. } if vectors.len() == 2));
    assert_eq!((request.filter.expression.as_str(), request.guarantee_timestamp), ("id > 3", 0));
    assert_eq!(answer, Answer::default());
    Ok(())
}

#[test]
fn what_is_left_out_takes_defaults() -> Result<()> {
    let request = sent(&[("topk", "1"), ("metric_type", ""), ("params", "")])?;
    assert_eq!((request.field, request.metric, request.round_decimal), (None, None, -1));
    assert!(!request.ignore_growing && !request.iterator && request.group_by.is_none());
    assert!(request.params.is_empty());
    Ok(())
}

#[test]
fn iterators_pin_what_they_read() -> Result<()> {
    let first = with(&[("topk", "10"), ("iterator", "True"), ("collection_id", "7")]);
    let Sent { request: first, answer } = request(target(), first)?;
    assert!(answer.session, "the first page asks for the timestamp");
    assert_eq!((first.collection_id, first.guarantee_timestamp), (7, 0));
    let next = with(&[("topk", "10"), ("iterator", "True"), ("search_iter_v2", "True")]);
    let more = [pair("search_iter_batch_size", "10"), pair("search_iter_last_bound", "0.5")];
    let search_params = next.search_params.into_iter().chain(more).collect();
    let next = wire::SearchRequest { guarantee_timestamp: 99, search_params, ..Default::default() };
    let Sent { request: next, answer } = request(target(), next)?;
    assert!(!answer.session);
    assert_eq!(next.guarantee_timestamp, 99);
    assert_eq!(next.search_iterator.and_then(|state| state.last_bound), Some(0.5));
    Ok(())
}

#[test]
fn an_iterator_may_ask_for_too_much() -> Result<()> {
    assert_eq!(sent(&[("topk", "99999"), ("iterator", "True")])?.limit, 16_384);
    assert_eq!(sent(&[("topk", "99999")])?.limit, 99_999, "anybody else is told by the engine");
    Ok(())
}

#[test]
fn groups_choose_the_form_of_the_answer() -> Result<()> {
    for (key, groups_as_list) in [("group_by_field", false), ("group_by_fields", true)] {
        let Sent { request, answer } = request(target(), with(&[("topk", "1"), (key, "color")]))?;
        assert_eq!(request.group_by.map(|by| by.fields), Some(vec!["color".into()]));
        assert_eq!(answer.groups_as_list, groups_as_list);
    }
    Ok(())
}

#[test]
fn bad_parameters_are_named() {
    let table: [(&[(&str, &str)], &str); 7] = [
        (&[], "topk is required"),
        (&[("topk", "x")], "topk [x] is invalid"),
        (&[("topk", "1"), ("offset", "x")], "offset [x] is invalid"),
        (
            &[("topk", "1"), ("round_decimal", "x")],
            "round_decimal [x] is invalid, should be -1 or an integer in range [0, 6]",
        ),
        (&[("topk", "1"), ("params", "[]")], "params should be a JSON object"),
        (&[("topk", "1"), ("hints", "fast")], "hints: fast not supported"),
        (&[("topk", "1"), ("iterator", "2")], "iterator [2] is invalid"),
    ];
    for (params, expected) in table {
        let error = sent(params).expect_err("a bad search");
        assert!(error.message().contains(expected), "{params:?}: {error}");
        assert_eq!(error.kind(), ErrorKind::InvalidParameter);
    }
}

#[test]
fn what_is_not_supported_says_so() {
    let function_score =
        Some(FunctionScore { functions: vec![FunctionSchema::default()], ..Default::default() });
    let requests = [
        ("function_score", wire::SearchRequest { function_score, ..with(&[("topk", "1")]) }),
        (
            "function_chains",
            wire::SearchRequest { function_chains: vec![FunctionChain::default()], ..with(&[("topk", "1")]) },
        ),
        (
            "highlighter",
            wire::SearchRequest { highlighter: Some(Highlighter::default()), ..with(&[("topk", "1")]) },
        ),
        ("namespace", wire::SearchRequest { namespace: Some("n".into()), ..with(&[("topk", "1")]) }),
    ];
    for (name, wire) in requests {
        let error = request(target(), wire).expect_err(name);
        assert!(error.message().contains(name), "{error}");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
    }
}

#[test]
fn parts_of_a_hybrid_search_leave_paging_to_the_whole() -> Result<()> {
    let params = [("topk", "4"), ("offset", "2"), ("group_by_field", "a,b")];
    let own = part(target(), with(&params), 30)?;
    assert_eq!((own.limit, own.offset, own.group_by), (4, 0, None));
    assert_eq!(part(target(), with(&[]), 30)?.limit, 30);
    let ordered = part(target(), with(&[("order_by_fields", "a:asc")]), 30).expect_err("an order inside");
    assert_eq!(ordered.message(), "order_by is not supported in hybrid search");
    Ok(())
}

#[test]
fn orders_travel_beside_the_parameters_of_the_index() -> Result<()> {
    let request = sent(&[("topk", "1"), ("order_by_fields", "a:desc,b")])?;
    assert_eq!(request.order_by, [OrderBy::new("a", true), OrderBy::new("b", false)]);
    assert!(request.params.is_empty());
    Ok(())
}
