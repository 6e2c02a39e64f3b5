use super::*;

fn request(pairs: &[(&str, &str)]) -> CreateIndexRequest {
    CreateIndexRequest {
        field_name: "v".into(),
        extra_params: pairs.iter().map(|(key, value)| pair(*key, *value)).collect(),
        ..Default::default()
    }
}

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

#[test]
fn nested_parameters_are_lifted_and_the_users_form_is_kept() {
    let sent = [("index_type", "HNSW"), ("params", r#"{"M": 8, "metric_type": "L2", "x": [1]}"#)];
    let index = new_index(target(), request(&sent)).unwrap();
    assert_eq!(index.params["M"], "8");
    assert_eq!(index.params["metric_type"], "L2");
    assert_eq!(index.params["x"], "[1]");
    assert!(!index.params.contains_key("params"));
    assert_eq!(index.user_params[1], ("params".to_owned(), sent[1].1.to_owned()));
}

#[test]
fn parameters_that_are_no_object_are_refused() {
    for nested in ["[1]", "{", "3"] {
        let error = new_index(target(), request(&[("params", nested)])).unwrap_err();
        assert_eq!(error.kind().code(), 1100, "{error}");
    }
    assert!(new_index(target(), request(&[("params", "")])).unwrap().params.is_empty());
}

#[test]
fn a_description_says_what_was_chosen_once() {
    let index = IndexMeta {
        id: 9,
        name: "v".into(),
        field: 101,
        index_type: "AUTOINDEX".into(),
        metric: Some("COSINE".into()),
        params: Properties::new(),
        user_params: vec![("metric_type".into(), "cosine".into()), ("mmap.enabled".into(), "true".into())],
        created: elanus_types::Timestamp::ZERO,
    };
    let status = IndexStatus { resolved: "HNSW: fits in memory".into(), ..Default::default() };
    let measured = IndexStatus { measured: "ef 20 for 10 hits".into(), ..status.clone() };
    let described: Vec<_> = params(&index, &status).into_iter().map(|p| (p.key, p.value)).collect();
    let expected = [
        ("index_type", "AUTOINDEX"),
        ("metric_type", "COSINE"),
        ("mmap.enabled", "true"),
        ("elanus.resolved", "HNSW: fits in memory"),
    ];
    assert_eq!(described, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
    let last = params(&index, &measured).pop().map(|pair| pair.value);
    assert_eq!(last.as_deref(), Some("HNSW: fits in memory; ef 20 for 10 hits"));
}

#[test]
fn only_rows_that_wait_keep_an_index_from_being_finished() {
    let at = |pending_rows, failure: &str| IndexStatus {
        pending_rows,
        failure: failure.into(),
        ..Default::default()
    };
    assert_eq!(state(&at(0, "")), IndexState::Finished);
    assert_eq!(state(&at(0, "old")), IndexState::Finished);
    assert_eq!(state(&at(1, "")), IndexState::InProgress);
    assert_eq!(state(&at(1, "no memory")), IndexState::Failed);
}
