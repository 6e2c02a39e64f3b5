//! Which index types stand on which vectors, by which metrics, and which values their parameters take.

use elanus_ann::registry::{INDEX_TYPES, validate_dimension, validate_metric};
use elanus_ann::{search_params, validate_build_params};
use elanus_types::DataType::{self, *};
use serde_json::{Map, Value, json};

const FLOATS: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector];
const NUMBERS: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector, Int8Vector];
const BITS: &[DataType] = &[BinaryVector];
const DENSE: &[DataType] = &[FloatVector, Float16Vector, BFloat16Vector, Int8Vector, BinaryVector];
const VECTORS: [DataType; 6] =
    [FloatVector, Float16Vector, BFloat16Vector, Int8Vector, BinaryVector, SparseFloatVector];

/// Index types with the vectors Milvus builds them on. Elanus builds lists and FLAT on INT8 too.
const LEGAL: &[(&str, &[DataType])] = &[
    ("AUTOINDEX", &VECTORS),
    ("FLAT", NUMBERS),
    ("IVF_FLAT", NUMBERS),
    ("IVF_FLAT_CC", FLOATS),
    ("IVF_SQ_CC", FLOATS),
    ("IVF_SQ8", NUMBERS),
    ("IVF_PQ", NUMBERS),
    ("IVF_RABITQ_FASTSCAN", FLOATS),
    ("SCANN", NUMBERS),
    ("HNSW", DENSE),
    ("HNSW_SQ", NUMBERS),
    ("HNSW_PQ", NUMBERS),
    ("HNSW_PRQ", NUMBERS),
    ("DISKANN", FLOATS),
    ("AISAQ", FLOATS),
    ("SVS_FLAT", FLOATS),
    ("SVS_VAMANA", FLOATS),
    ("FAISS", &[FloatVector, BinaryVector]),
    ("BIN_FLAT", BITS),
    ("BIN_IVF_FLAT", BITS),
    ("MINHASH_LSH", BITS),
    ("SPARSE_INVERTED_INDEX", &[SparseFloatVector]),
    ("SPARSE_WAND", &[SparseFloatVector]),
    ("GPU_BRUTE_FORCE", &[FloatVector, Float16Vector]),
    ("GPU_IVF_FLAT", &[FloatVector, Float16Vector, Int8Vector]),
    ("GPU_IVF_PQ", &[FloatVector, Float16Vector, Int8Vector]),
    ("GPU_CAGRA", &[FloatVector, Float16Vector, Int8Vector, BinaryVector]),
];

fn text<T>(result: elanus_types::Result<T>) -> Result<T, String> {
    result.map_err(|error| error.message().to_owned())
}

/// Builds with what the type requires and `pairs`.
fn build(index: &str, data_type: DataType, pairs: &[(&str, &str)]) -> Result<(), String> {
    let required: &[(&str, &str)] = if index == "IVF_PQ" { &[("m", "8")] } else { &[] };
    let all = required.iter().chain(pairs);
    let params = all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    text(validate_build_params(index, data_type, &params))
}

fn search(index: &str, params: Value) -> Result<(), String> {
    let params: Map<String, Value> = params.as_object().cloned().unwrap_or_default();
    text(search_params(index, &params, 10)).map(|_| ())
}

fn data_type(index: &str) -> DataType {
    let known = INDEX_TYPES.iter().find(|known| known.name == index).expect(index);
    *known.types.first().expect("some type")
}

#[test]
fn types_stand_on_the_vectors_of_milvus() {
    for (index, legal) in LEGAL {
        for vectors in VECTORS {
            let expected = match legal.contains(&vectors) {
                true => Ok(()),
                false => Err(format!("data type {vectors} can't build with this index {index}")),
            };
            assert_eq!(build(index, vectors, &[]), expected, "{index} {vectors}");
        }
        let scalar = Err(format!("index {index} only supports vector data type"));
        assert_eq!(build(index, VarChar, &[]), scalar);
    }
    for unknown in ["SCANN_DVR", "hnsw", "IVF"] {
        let message =
            format!("invalid parameter[expected=valid index][actual=invalid index type: {unknown}]");
        assert_eq!(build(unknown, FloatVector, &[]), Err(message));
    }
}

#[test]
fn metrics_fit_index_types() {
    let all = ["L2", "IP", "COSINE", "HAMMING", "JACCARD", "MHJACCARD", "SUBSTRUCTURE", "l2", ""];
    let legal = |index: &str, vectors: DataType| -> Vec<&str> {
        all.into_iter().filter(|metric| validate_metric(index, vectors, metric).is_ok()).collect()
    };
    for (index, types) in LEGAL {
        for vectors in *types {
            let expected: &[&str] = match (*index, vectors) {
                ("AUTOINDEX", BinaryVector) => &["HAMMING", "JACCARD", "MHJACCARD"],
                ("MINHASH_LSH", _) => &["MHJACCARD"],
                ("GPU_CAGRA", BinaryVector) => &["HAMMING"],
                (_, BinaryVector) => &["HAMMING", "JACCARD"],
                (_, SparseFloatVector) => &["IP"],
                _ => &["L2", "IP", "COSINE"],
            };
            assert_eq!(legal(index, *vectors), expected, "{index} {vectors}");
        }
    }
    let families =
        [(FloatVector, "float"), (BFloat16Vector, "float"), (Int8Vector, "int"), (BinaryVector, "binary")];
    for (vectors, family) in families {
        let error = text(validate_metric("", vectors, "NONE")).expect_err("no metric");
        let frame = "invalid parameter[expected=valid index params][actual=invalid index params]";
        assert_eq!(error, format!("{family} vector index does not support metric type: NONE: {frame}"));
    }
}

const MOST: i64 = i32::MAX as i64;

/// Whole numbers of building: index types, name, range.
const BUILD_INTEGERS: &[(&[&str], &str, i64, i64)] = &[
    (
        &[
            "IVF_FLAT",
            "IVF_SQ8",
            "IVF_PQ",
            "IVF_RABITQ",
            "IVF_RABITQ_FASTSCAN",
            "SCANN",
            "BIN_IVF_FLAT",
            "GPU_IVF_FLAT",
        ],
        "nlist",
        1,
        65_536,
    ),
    (&["IVF_PQ", "HNSW_PQ", "HNSW_PRQ"], "m", 1, 65_536),
    (&["IVF_PQ", "HNSW_PQ", "HNSW_PRQ"], "nbits", 1, 24),
    (&["HNSW_PRQ"], "nrq", 1, 16),
    (&["SCANN"], "sub_dim", 1, 65_536),
    (&["IVF_RABITQ"], "rbq_bits", 1, 9),
    (&["IVF_FLAT_CC", "IVF_SQ_CC"], "ssize", 32, 2_048),
    (&["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"], "M", 2, 2_048),
    (&["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"], "efConstruction", 1, MOST),
    (&["DISKANN", "AISAQ"], "max_degree", 1, 2_048),
    (&["DISKANN", "AISAQ"], "search_list_size", 1, MOST),
    (&["AISAQ"], "inline_pq", -1, 2_048),
    (&["AISAQ"], "pq_cache_size", 0, 1 << 30),
    (&["AISAQ"], "num_entry_points", 0, 1_000),
    (&["MINHASH_LSH"], "mh_lsh_band", 1, MOST),
    (&["MINHASH_LSH"], "mh_element_bit_width", 8, 256),
    (&["MINHASH_LSH"], "mh_lsh_aligned_block_size", 4_096, MOST),
    (&["GPU_IVF_PQ"], "m", 0, 65_536),
    (&["GPU_IVF_PQ"], "nbits", 4, 8),
    (&["SPARSE_INVERTED_INDEX", "SPARSE_WAND"], "sindi_window_size", 1_024, 65_535),
];

/// Whole numbers of searching.
const SEARCH_INTEGERS: &[(&[&str], &str, i64, i64)] = &[
    (
        &[
            "IVF_FLAT",
            "IVF_SQ8",
            "IVF_PQ",
            "IVF_RABITQ",
            "IVF_RABITQ_FASTSCAN",
            "SCANN",
            "BIN_IVF_FLAT",
            "GPU_IVF_FLAT",
        ],
        "nprobe",
        1,
        65_536,
    ),
    (&["IVF_FLAT", "IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "BIN_IVF_FLAT"], "max_empty_result_buckets", 0, 65_536),
    (&["IVF_RABITQ"], "rbq_bits_query", 0, 8),
    (&["IVF_RABITQ_FASTSCAN"], "rbq_bits_query", 0, 0),
    (&["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"], "seed_ef", 1, MOST),
    (&["DISKANN"], "beamwidth", 1, 128),
    (&["AISAQ"], "beamwidth", 1, 16),
    (&["AISAQ"], "vectors_beamwidth", 1, 4),
    (&["AISAQ"], "pq_read_page_cache_size", 0, 32 << 20),
    (&["SPARSE_INVERTED_INDEX"], "refine_factor", 1, MOST),
];

#[test]
fn whole_numbers_keep_to_their_ranges() {
    for (indexes, name, low, high) in BUILD_INTEGERS {
        for index in *indexes {
            let set = |value: &str| build(index, data_type(index), &[(name, value)]);
            assert_eq!((set(&low.to_string()), set(&high.to_string())), (Ok(()), Ok(())), "{index} {name}");
            for value in [low - 1, high + 1].into_iter().filter(|value| i32::try_from(*value).is_ok()) {
                assert_eq!(set(&value.to_string()), Err(out_of_range(name, value, *low, *high)), "{index}");
            }
            let wrong = |value: &str| {
                format!("invalid integer value, key: '{name}', value: '{value}': invalid parameter")
            };
            assert_eq!(set("x"), Err(wrong("x")));
            assert_eq!(set(""), Err(wrong("")));
            let trailing = format!("{high}.0");
            let message = format!("wrong data type in json, key: '{name}', value: '{trailing}'");
            assert_eq!(set(&trailing), Err(message));
            let large =
                format!("integer value out of range, key: '{name}', value: '99999999999': invalid parameter");
            assert_eq!(set("99999999999"), Err(large));
        }
    }
    for (indexes, name, low, high) in SEARCH_INTEGERS {
        for index in *indexes {
            let set = |value: Value| search(index, json!({ *name: value }));
            assert_eq!((set(json!(low)), set(json!(high.to_string()))), (Ok(()), Ok(())), "{index} {name}");
            for value in [low - 1, high + 1].into_iter().filter(|value| i32::try_from(*value).is_ok()) {
                assert_eq!(set(json!(value)), Err(out_of_range(name, value, *low, *high)), "{index}");
            }
            for value in [json!(1.5), json!(true), json!([1]), Value::Null] {
                let message = format!("Type conflict in json: param '{name}' ({value}) should be integer");
                assert_eq!(set(value), Err(message), "{index}");
            }
        }
    }
}

fn out_of_range(name: &str, value: i64, low: i64, high: i64) -> String {
    format!("Out of range in json: param '{name}' ({value}) should be in range [{low}, {high}]")
}

#[test]
fn beams_are_no_smaller_than_what_is_asked_for() {
    let graphs = ["HNSW", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ"].map(|index| (index, "ef", "ef"));
    let others = [("DISKANN", "search_list", "search_list_size"), ("SCANN", "reorder_k", "reorder_k")];
    for (index, name, shown) in graphs.into_iter().chain(others) {
        assert_eq!(search(index, json!({ name: 10 })), Ok(()));
        let message = format!("{shown}(9) should be larger than k(10)");
        assert_eq!(search(index, json!({ name: "9" })), Err(message), "{index}");
    }
}

#[test]
fn numbers_keep_to_their_ranges() {
    for index in ["IVF_SQ8", "IVF_PQ", "IVF_RABITQ", "HNSW_SQ", "HNSW_PQ", "HNSW_PRQ", "MINHASH_LSH"] {
        let set = |value: Value| search(index, json!({ "refine_k": value }));
        assert_eq!((set(json!(1)), set(json!("2.5"))), (Ok(()), Ok(())), "{index}");
        let low = set(json!(0.5)).expect_err("too small");
        assert!(
            low.starts_with(
                "Out of range in json: param 'refine_k' (0.500000) should be in range [1.000000, "
            )
        );
        assert_eq!(
            set(json!("x")),
            Err("invalid float value, key: 'refine_k', value: 'x': invalid parameter".into())
        );
        assert_eq!(
            set(json!(true)),
            Err("Type conflict in json: param 'refine_k' (true) should be number".into())
        );
    }
    let bloom = |value| build("MINHASH_LSH", BinaryVector, &[("mh_lsh_bloom_false_positive_prob", value)]);
    assert!(bloom("0.01").is_ok() && bloom("0").is_err() && bloom("1.0").is_err());
    assert!(search("SPARSE_WAND", json!({"dim_max_score_ratio": 0.4})).is_err());
    assert!(search("DISKANN", json!({"filter_threshold": -1.5})).is_err());
}

#[test]
fn switches_are_true_or_false() {
    let of_building = [
        ("IVF_FLAT", "use_elkan"),
        ("SCANN", "with_raw_data"),
        ("HNSW_SQ", "refine"),
        ("IVF_RABITQ", "refine"),
        ("MINHASH_LSH", "with_raw_data"),
        ("MINHASH_LSH", "mh_lsh_code_in_mem"),
        ("MINHASH_LSH", "mh_lsh_shared_bloom_filter"),
        ("AISAQ", "rearrange"),
    ];
    for (index, name) in of_building {
        for value in ["true", "True", "TRUE", "false", "False", "FALSE"] {
            assert_eq!(build(index, data_type(index), &[(name, value)]), Ok(()), "{index} {name}");
        }
        for value in ["yes", "1", "tRUE"] {
            let message = format!("Type conflict in json: param '{name}' ({value}) should be boolean");
            assert_eq!(build(index, data_type(index), &[(name, value)]), Err(message), "{index} {name}");
        }
    }
    let of_searching = [
        ("IVF_FLAT", "ensure_topk_full"),
        ("HNSW", "disable_fallback_brute_force"),
        ("MINHASH_LSH", "mh_search_with_jaccard"),
        ("MINHASH_LSH", "mh_lsh_batch_search"),
    ];
    for (index, name) in of_searching {
        assert_eq!(
            (search(index, json!({name: true})), search(index, json!({name: "False"}))),
            (Ok(()), Ok(()))
        );
        assert!(search(index, json!({name: 1})).is_err() && search(index, json!({name: "no"})).is_err());
    }
}

#[test]
fn words_are_of_a_list() {
    let legal: [(&str, &str, &[&str], &str); 8] = [
        ("IVF_SQ8", "sq_type", &["SQ4", "sq6", "Sq8"], "sq4 sq6 sq8"),
        ("HNSW_SQ", "sq_type", &["SQ4U", "sq6", "sq8", "FP16", "bf16"], "sq4u sq6 sq8 fp16 bf16"),
        ("HNSW_PQ", "refine_type", &["sq4u", "FP32", "flat"], "sq4u sq6 sq8 fp16 bf16 fp32 flat"),
        ("IVF_PQ", "refine_type", &["sq6", "FLAT"], "sq6 sq8 fp16 bf16 fp32 flat"),
        ("IVF_RABITQ_FASTSCAN", "refine_type", &["fp32", "flat"], "fp32 flat"),
        ("IVF_SQ_CC", "code_size", &["4", "16"], "4 6 8 16"),
        ("GPU_CAGRA", "build_algo", &["NN_DESCENT", "IVF_PQ"], "NN_DESCENT IVF_PQ"),
        ("AISAQ", "pq_read_io_engine", &["aio", "uring"], "aio uring"),
    ];
    for (index, name, words, listed) in legal {
        for word in words {
            assert_eq!(build(index, data_type(index), &[(name, word)]), Ok(()), "{index} {name} {word}");
        }
        let message = format!("{name} other not found or not supported, supported: [{listed}]");
        assert_eq!(build(index, data_type(index), &[(name, "other")]), Err(message));
    }
    assert!(search("SPARSE_WAND", json!({"search_algo": "SINDI"})).is_ok());
    assert!(search("SPARSE_WAND", json!({"search_algo": "FAST"})).is_err());
}

#[test]
fn what_is_refused_on_the_whole() {
    assert_eq!(
        build("HNSW", FloatVector, &[("refine", "true")]),
        Err("refine is not supported for this index".into())
    );
    let mmap = |index, value| build(index, FloatVector, &[("mmap.enabled", value)]);
    assert_eq!(
        (mmap("HNSW", "true"), mmap("IVF_FLAT", "False"), mmap("DISKANN", "false")),
        (Ok(()), Ok(()), Ok(()))
    );
    assert_eq!(mmap("FLAT", "x"), Err("invalid mmap.enabled value: x, expected: true, false".into()));
    for index in ["DISKANN", "AISAQ", "GPU_CAGRA", "SVS_VAMANA"] {
        assert_eq!(mmap(index, "true"), Err(format!("index type {index} does not support mmap")));
    }
    let none = [("unknown", "anything")];
    assert_eq!(build("HNSW", FloatVector, &none), Ok(()));
    assert_eq!(
        build("AUTOINDEX", FloatVector, &none),
        Err("only metric type can be passed when use AutoIndex".into())
    );
}

#[test]
fn some_parameters_divide_the_dimension() {
    let check = |index: &str, key: &str, value: &str| {
        text(validate_dimension(index, 96, &[(key.to_owned(), value.to_owned())].into()))
    };
    for (index, key) in [("IVF_PQ", "m"), ("SCANN", "sub_dim"), ("MINHASH_LSH", "mh_element_bit_width")] {
        assert_eq!(check(index, key, "8"), Ok(()));
        let error = check(index, key, "40").expect_err("does not divide");
        assert!(error.contains("40") && error.contains("96") && error.contains(key), "{error}");
    }
    let text = "The dimension of a vector (dim) should be a multiple of the number of subquantizers (m). Dimension:96, m:7";
    assert_eq!(check("IVF_PQ", "m", "7"), Err(text.into()));
    assert_eq!(check("HNSW", "m", "7"), Ok(()));
}
