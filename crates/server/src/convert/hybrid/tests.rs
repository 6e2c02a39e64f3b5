use super::*;
use crate::convert::kv::pair;
use elanus_proto::common::KeyValuePair;
use elanus_types::search::Ranker;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn pairs(params: &[(&str, &str)]) -> Vec<KeyValuePair> {
    params.iter().map(|(key, value)| pair(*key, *value)).collect()
}

fn sent(parts: Vec<wire::SearchRequest>, rank_params: &[(&str, &str)]) -> Result<Sent> {
    let rank_params = pairs(rank_params);
    request(target(), wire::HybridSearchRequest { requests: parts, rank_params, ..Default::default() })
}

#[test]
fn a_hybrid_search_as_pymilvus_sends_it() -> Result<()> {
    let part = |field, topk| {
        let search_params =
            pairs(&[("topk", topk), ("anns_field", field), ("params", "{}"), ("offset", "1")]);
        wire::SearchRequest { search_params, ..Default::default() }
    };
    let rank_params = [
        ("strategy", "weighted"),
        ("params", r#"{"weights":[0.3,0.7],"norm_score":true}"#),
        ("limit", "5"),
        ("round_decimal", "2"),
        ("offset", "1"),
    ];
    let Sent { request, answer } = sent(vec![part("a", "9"), part("b", "")], &rank_params)?;
    assert_eq!(request.ranker, Ranker::Weighted { weights: vec![0.3, 0.7], normalize: true });
    assert_eq!((request.limit, request.offset, request.round_decimal), (5, 1, 2));
    let limits: Vec<_> = request.requests.iter().map(|part| (part.limit, part.offset)).collect();
    assert_eq!(limits, [(9, 0), (6, 0)], "a part without a limit searches as deep as the whole");
    assert_eq!(answer, Answer::default());
    Ok(())
}

#[test]
fn bad_parameters_are_named() {
    let bad = wire::SearchRequest { search_params: pairs(&[("params", "[]")]), ..Default::default() };
    let table = [
        (sent(vec![], &[]), ErrorKind::InvalidParameter, "limit not found in rank_params"),
        (sent(vec![], &[("limit", "x")]), ErrorKind::InvalidParameter, "limit [x] is invalid"),
        (
            sent(vec![], &[("limit", "1"), ("offset", "x")]),
            ErrorKind::InvalidParameter,
            "offset [x] is invalid",
        ),
        (
            sent(vec![bad], &[("limit", "1")]),
            ErrorKind::InvalidParameter,
            "request 0 of the hybrid search: params",
        ),
        (
            sent(vec![], &[("limit", "1"), ("order_by_fields", "a:asc")]),
            ErrorKind::InvalidParameter,
            "order_by is not supported in hybrid search",
        ),
        (
            sent(vec![], &[("limit", "1"), ("group_by_field", "a"), ("rank_group_scorer", "best")]),
            ErrorKind::InvalidParameter,
            "input group scorer type: best is not supported",
        ),
    ];
    for (result, kind, expected) in table {
        let error = result.expect_err("a bad hybrid search");
        assert!(error.message().contains(expected), "{error}");
        assert_eq!(error.kind(), kind, "{error}");
    }
}
