use super::*;
use crate::Coding;
use elanus_kernels::{Element, Metric, Slots};
use elanus_types::DataType;
use elanus_types::catalog::Properties;
use serde_json::json;

fn properties(pairs: &[(&str, &str)]) -> Properties {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

fn build_error(index: &str, data_type: DataType, pairs: &[(&str, &str)]) -> String {
    match validate_build_params(index, data_type, &properties(pairs)) {
        Ok(()) => "accepted".to_owned(),
        Err(error) => error.message().to_owned(),
    }
}

#[test]
fn build_parameters_fail_with_known_texts() {
    let hnsw = |pairs| build_error("HNSW", DataType::FloatVector, pairs);
    assert_eq!(hnsw(&[]), "accepted");
    assert_eq!(hnsw(&[("M", "8"), ("efConstruction", "64"), ("whatever", "x")]), "accepted");
    assert_eq!(hnsw(&[("M", "1")]), "Out of range in json: param 'M' (1) should be in range [2, 2048]");
    assert_eq!(hnsw(&[("M", "x")]), "invalid integer value, key: 'M', value: 'x': invalid parameter");
    assert_eq!(hnsw(&[("M", "8.0")]), "wrong data type in json, key: 'M', value: '8.0'");
    assert_eq!(
        hnsw(&[("efConstruction", "99999999999")]),
        "integer value out of range, key: 'efConstruction', value: '99999999999': invalid parameter"
    );
    assert_eq!(
        hnsw(&[("mmap.enabled", "maybe")]),
        "invalid mmap.enabled value: maybe, expected: true, false"
    );
    let minhash = |pairs| build_error("MINHASH_LSH", DataType::BinaryVector, pairs);
    assert_eq!(minhash(&[("mh_lsh_band", "32"), ("with_raw_data", "True")]), "accepted");
    assert_eq!(
        minhash(&[("mh_element_bit_width", "7")]),
        "Out of range in json: param 'mh_element_bit_width' (7) should be in range [8, 256]"
    );
    assert_eq!(
        minhash(&[("mh_lsh_band", "0")]),
        "Out of range in json: param 'mh_lsh_band' (0) should be in range [1, 2147483647]"
    );
    assert_eq!(build_error("IVF_PQ", DataType::FloatVector, &[]), "param 'm' not exist in json");
    assert_eq!(
        build_error("AUTOINDEX", DataType::FloatVector, &[("M", "8")]),
        "only metric type can be passed when use AutoIndex"
    );
    assert_eq!(build_error("", DataType::FloatVector, &[("metric_type", "L2")]), "accepted");
    assert_eq!(
        build_error("HNSWX", DataType::FloatVector, &[]),
        "invalid parameter[expected=valid index][actual=invalid index type: HNSWX]"
    );
    assert_eq!(
        build_error("BIN_FLAT", DataType::FloatVector, &[]),
        "data type FloatVector can't build with this index BIN_FLAT"
    );
    assert_eq!(build_error("HNSW", DataType::Int64, &[]), "index HNSW only supports vector data type");
}

fn search(index: &str, params: serde_json::Value, k: usize) -> Result<Option<usize>, String> {
    let object = params.as_object().cloned().unwrap_or_default();
    search_params(index, &object, k).map(|params| params.ef).map_err(|error| error.message().to_owned())
}

#[test]
fn recall_targets_are_read_from_text_and_numbers() {
    let target = |value: serde_json::Value| {
        let object = json!({ "recall_target": value }).as_object().cloned().unwrap_or_default();
        search_params("AUTOINDEX", &object, 10)
            .map(|params| params.recall_target)
            .map_err(|error| error.message().to_owned())
    };
    assert_eq!(target(json!(0.9)), Ok(Some(0.9)));
    assert_eq!(target(json!("0.99")), Ok(Some(0.99)));
    let range = |text: &str| {
        format!(
            "Out of range in json: param 'recall_target' ({text}) should be in range [0.500000, 0.999000]"
        )
    };
    assert_eq!(target(json!(1)), Err(range("1.000000")));
    assert_eq!(target(json!("nan")), Err(range("NaN")));
    assert!(target(json!(true)).is_err() && target(json!("high")).is_err());
    let asked = Properties::from([("recall_target".to_owned(), "0.9".to_owned())]);
    assert!(validate_build_params("AUTOINDEX", DataType::FloatVector, &asked).is_ok());
}

#[test]
fn automatic_graphs_are_built_as_recall_and_memory_ask() {
    let resolved = |params: &[(&str, &str)]| {
        let params = params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        validate_build_params("AUTOINDEX", DataType::FloatVector, &params)?;
        resolve("AUTOINDEX", &params, 100_000, 64, Element::F32, Metric::L2)
    };
    let beam = |target| resolved(&[("recall_target", target)]).expect("legal").hnsw.ef_construction;
    assert_eq!([beam("0.9"), beam("0.98"), beam("0.99")], [100, 100, 200]);
    let compact = |text| resolved(&[("compact", text)]).map(|resolved| resolved.hnsw.compact);
    assert_eq!((compact("true"), compact("False")), (Ok(true), Ok(false)));
    assert!(compact("rather").is_err() && resolved(&[("M", "16")]).is_err());
    assert!(resolved(&[("compact", "true")]).expect("legal").reason.contains("compact"));
    let params = Properties::from([("compact".to_owned(), "true".to_owned())]);
    let graph = |name| resolve(name, &params, 100_000, 64, Element::F32, Metric::L2).expect("legal").hnsw;
    assert_eq!((graph("HNSW").compact, graph("HNSW_SQ").compact), (true, false));
}

#[test]
fn codings_follow_from_parameters() {
    let coding = |name: &str, params: &[(&str, &str)]| {
        let params = params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let resolved = resolve(name, &params, 100_000, 64, Element::F32, Metric::L2).expect("legal");
        (resolved.hnsw.coding, resolved.kind)
    };
    let product = |pieces, stages, bits| Some(Coding::Product { pieces, stages, bits });
    assert_eq!(coding("HNSW", &[]), (None, Kind::Hnsw));
    assert_eq!(coding("HNSW_SQ", &[("sq_type", "SQ4U")]).0, Some(Coding::Grid { bits: 4, mixed: false }));
    assert_eq!(coding("HNSW_SQ", &[("sq_type", "bf16")]).0, Some(Coding::Half { brain: true }));
    assert_eq!(coding("HNSW_PQ", &[("m", "16"), ("nbits", "24")]).0, product(16, 1, 12));
    assert_eq!(coding("HNSW_PRQ", &[]).0, product(2, 2, 8));
    assert_eq!(coding("IVF_PQ", &[("m", "8")]), (product(8, 1, 8), Kind::IvfPq));
    assert_eq!(coding("IVF_RABITQ", &[("rbq_bits", "9")]).0, Some(Coding::Grid { bits: 8, mixed: true }));
    assert_eq!(coding("SCANN", &[("sub_dim", "4")]).0, product(16, 1, 4));
}

#[test]
fn search_parameters_fail_with_known_texts() {
    assert_eq!(search("HNSW", json!({}), 10), Ok(None));
    assert_eq!(search("HNSW", json!({"ef": 64}), 10), Ok(Some(64)));
    assert_eq!(search("HNSW", json!({"ef": "64"}), 10), Ok(Some(64)));
    assert_eq!(search("DISKANN", json!({"search_list": 30}), 10), Ok(Some(30)));
    assert_eq!(search("FLAT", json!({"ef": "junk"}), 10), Ok(None));
    let minhash = |params| search("MINHASH_LSH", params, 10).map(|_| ());
    assert_eq!(
        minhash(json!({"mh_search_with_jaccard": "True", "refine_k": 2, "mh_lsh_batch_search": false})),
        Ok(())
    );
    assert_eq!(
        minhash(json!({"mh_search_with_jaccard": 1})),
        Err("Type conflict in json: param 'mh_search_with_jaccard' (1) should be boolean".into())
    );
    assert_eq!(search("HNSW", json!({"ef": 5}), 10), Err("ef(5) should be larger than k(10)".into()));
    assert_eq!(
        search("HNSW", json!({"ef": 64.5}), 10),
        Err("Type conflict in json: param 'ef' (64.5) should be integer".into())
    );
    assert_eq!(
        search("HNSW", json!({"ef": "64.0"}), 10),
        Err("wrong data type in json, key: 'ef', value: '64.0'".into())
    );
    assert_eq!(
        search("IVF_FLAT", json!({"nprobe": 0}), 10),
        Err("Out of range in json: param 'nprobe' (0) should be in range [1, 65536]".into())
    );
    assert_eq!(
        search("HNSW", json!({"ef": true}), 10),
        Err("Type conflict in json: param 'ef' (true) should be integer".into())
    );
}

#[test]
fn every_legal_name_resolves_and_says_why() {
    for index in INDEX_TYPES.iter().filter(|index| !index.types.contains(&DataType::SparseFloatVector)) {
        let (element, metric) = match index.types.contains(&DataType::BinaryVector) {
            _ if index.kind == Some(Kind::MinHashLsh) => (Element::Bit, Metric::MhJaccard(Slots::BYTES)),
            true => (Element::Bit, Metric::Hamming),
            false => (Element::F32, Metric::L2),
        };
        let resolved =
            resolve(index.name, &Properties::new(), 100_000, 64, element, metric).expect(index.name);
        assert!(resolved.reason.contains(resolved.kind.name()), "{}", resolved.reason);
        if resolved.kind.name() != index.name {
            assert!(
                resolved.reason.contains(index.name) && resolved.reason.contains('('),
                "{}",
                resolved.reason
            );
        }
    }
}

#[test]
fn automatic_choice_depends_on_rows() {
    let kind = |name: &str, rows| {
        resolve(name, &Properties::new(), rows, 64, Element::F32, Metric::L2).map(|resolved| resolved.kind)
    };
    assert_eq!(kind("AUTOINDEX", SMALL - 1), Ok(Kind::Flat));
    assert_eq!(kind("", SMALL), Ok(Kind::Hnsw));
    assert_eq!(kind("HNSW", 1_000), Ok(Kind::Flat));
    assert_eq!(kind("HNSW", 2_000), Ok(Kind::Hnsw));
    let bands = |name: &str, rows| {
        let metric = index_metric(name, "MHJACCARD", &Properties::new(), 512)?;
        resolve(name, &Properties::new(), rows, 512, Element::Bit, metric).map(|resolved| resolved.kind)
    };
    assert_eq!(bands("AUTOINDEX", SMALL), Ok(Kind::MinHashLsh));
    assert_eq!(bands("MINHASH_LSH", 2_000), Ok(Kind::MinHashLsh));
    assert_eq!((bands("", SMALL - 1), bands("MINHASH_LSH", 1_000)), (Ok(Kind::Flat), Ok(Kind::Flat)));
    assert!(resolve("MINHASH_LSH", &Properties::new(), 2_000, 64, Element::Bit, Metric::Hamming).is_err());
    assert!(resolve("HNSW", &Properties::new(), 9, 64, Element::F32, Metric::Hamming).is_err());
}

#[test]
fn only_types_without_structure_are_exact() {
    let exact = ["FLAT", "BIN_FLAT", "SPARSE_INVERTED_INDEX", "SPARSE_WAND"];
    assert!(exact.into_iter().all(is_exact));
    assert!(!["", "AUTOINDEX", "HNSW", "IVF_FLAT", "MINHASH_LSH", "nonsense"].into_iter().any(is_exact));
}

#[test]
fn metrics_fit_their_types() {
    for data_type in DataType::ALL.iter().copied().filter(|t| t.is_vector()) {
        let metric = default_metric(data_type);
        assert_eq!(validate_metric("", data_type, metric.name()), Ok(metric));
        assert!(validate_metric("", data_type, "cosine").is_err());
    }
    let error = validate_metric("BIN_FLAT", DataType::BinaryVector, "L2").expect_err("does not fit");
    assert!(error.message().starts_with("binary vector index does not support metric type: L2"));
}

#[test]
fn every_parameter_explains_itself() {
    for parameter in INDEX_TYPES.iter().flat_map(|index| index.build.iter().chain(index.search)) {
        assert!(parameter.help.split_whitespace().count() > 5, "{}", parameter.name);
    }
}
