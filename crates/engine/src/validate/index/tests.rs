use super::*;
use elanus_types::{CollectionRef, CollectionSchema, LoadState};
use std::sync::Arc;

fn meta() -> CollectionMeta {
    let types = [
        DataType::Int64,
        DataType::FloatVector,
        DataType::BinaryVector,
        DataType::SparseFloatVector,
        DataType::Int8Vector,
        DataType::Json,
        DataType::VarChar,
        DataType::Float,
    ];
    let names = ["id", "v", "b", "s", "i8", "j", "t", "f"];
    let fields = (100..).zip(names).zip(types).map(|((id, name), data_type)| FieldSchema {
        dim: 8,
        max_length: 10,
        primary_key: id == 100,
        ..FieldSchema::new(id, name, data_type)
    });
    CollectionMeta {
        id: 1,
        name: "c".into(),
        database: "default".into(),
        schema: Arc::new(CollectionSchema { fields: fields.collect(), ..CollectionSchema::default() }),
        partitions: vec![],
        indexes: vec![],
        properties: Properties::new(),
        shards: 1,
        consistency_level: 0,
        created: Timestamp::ZERO,
        updated: Timestamp::ZERO,
        load: LoadState::NotLoaded,
        load_fields: vec![],
        next_field_id: 108,
    }
}

fn spec(field: &str, name: &str, params: &[(&str, &str)]) -> NewIndex {
    NewIndex {
        target: CollectionRef { database: "default".into(), name: "c".into() },
        field: field.into(),
        name: name.into(),
        params: params.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        user_params: vec![],
    }
}

fn created(meta: &CollectionMeta, field: &str, params: &[(&str, &str)]) -> Result<IndexMeta> {
    match new_index(meta, &spec(field, "", params), &Limits::default())? {
        IndexAction::Create(index) => Ok(*index),
        IndexAction::AlreadyThere => Err(invalid("already there")),
    }
}

fn refusal(field: &str, params: &[(&str, &str)]) -> String {
    match created(&meta(), field, params) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.message().trim_end_matches(": invalid parameter").to_owned(),
    }
}

#[test]
fn chooses_type_metric_and_name_when_none_is_given() {
    for (field, metric) in [("v", Some("COSINE")), ("b", Some("HAMMING")), ("s", Some("IP")), ("t", None)] {
        let index = created(&meta(), field, &[]).expect("legal");
        assert_eq!(
            (index.index_type.as_str(), index.metric.as_deref(), index.name.as_str()),
            (AUTOINDEX, metric, field)
        );
    }
    let index = created(
        &meta(),
        "v",
        &[("index_type", "HNSW"), ("metric_type", "l2"), ("M", "16"), ("params", "{}")],
    )
    .expect("legal");
    assert_eq!(index.metric.as_deref(), Some("L2"));
    assert_eq!(index.params, Properties::from([("M".to_owned(), "16".to_owned())]));
}

#[test]
fn refuses_unknown_and_unfit_types() {
    assert_eq!(
        refusal("v", &[("index_type", "NOPE")]),
        "invalid parameter[expected=valid index][actual=invalid index type: NOPE]"
    );
    assert_eq!(
        refusal("b", &[("index_type", "IVF_FLAT")]),
        "data type BinaryVector can't build with this index IVF_FLAT"
    );
    assert_eq!(
        refusal("v", &[("index_type", "INVERTED")]),
        "data type FloatVector can't build with this index INVERTED"
    );
    assert!(refusal("f", &[("index_type", "Trie")]).starts_with("Trie are only supported on varchar field"));
    assert_eq!(refusal("f", &[("index_type", "HNSW")]), "index HNSW only supports vector data type");
    assert_eq!(refusal("x", &[]), "cannot create index on non-exist field: x");
    assert_eq!(refusal("v", &[("index_type", "IVF_SQ8"), ("metric_type", "L2"), ("nlist", "128")]), "ok");
    assert_eq!(refusal("t", &[("index_type", "INVERTED")]), "ok");
}

/// What Milvus says after naming the metric.
const FRAME: &str = ": invalid parameter[expected=valid index params][actual=invalid index params]";

#[test]
fn refuses_metrics_that_do_not_fit() {
    let metric = |field, name| refusal(field, &[("metric_type", name)]);
    assert_eq!(
        metric("v", "HAMMING"),
        format!("float vector index does not support metric type: HAMMING{FRAME}")
    );
    assert_eq!(
        metric("i8", "JACCARD"),
        format!("int vector index does not support metric type: JACCARD{FRAME}")
    );
    assert_eq!(metric("b", "L2"), format!("binary vector index does not support metric type: L2{FRAME}"));
    assert_eq!(metric("s", "L2"), "only IP&BM25 is the supported metric type for sparse index");
    assert_eq!(metric("s", "BM25"), "only BM25 Function output field support BM25 metric type");
    let none = "metric type not set for vector index: invalid parameter[expected=valid index params][actual=invalid index params]";
    assert_eq!(metric("v", ""), none);
    assert_eq!(refusal("v", &[("index_type", "FLAT")]), none);
}

#[test]
fn checks_parameters() {
    let hnsw = |key, value| refusal("v", &[("index_type", "HNSW"), ("metric_type", "L2"), (key, value)]);
    assert_eq!(hnsw("M", "2048"), "ok");
    assert_eq!(hnsw("M", "0"), "Out of range in json: param 'M' (0) should be in range [2, 2048]");
    assert_eq!(hnsw("M", "True"), "invalid integer value, key: 'M', value: 'True'");
    assert_eq!(hnsw("M", "16.0"), "wrong data type in json, key: 'M', value: '16.0'");
    assert_eq!(hnsw("mmap.enabled", "maybe"), "invalid mmap.enabled value: maybe, expected: true, false");
    let pq = refusal("v", &[("index_type", "IVF_PQ"), ("metric_type", "L2"), ("m", "3")]);
    assert!(pq.contains("Dimension:8, m:3"), "{pq}");
    assert_eq!(refusal("v", &[("M", "16")]), "only metric type can be passed when use AutoIndex");
    let error = created(&meta(), "j", &[("index_type", "INVERTED")]).expect_err("no cast type");
    assert_eq!(
        (error.kind().code(), error.message()),
        (1101, "json index must specify cast type: missing parameter")
    );
}

#[test]
fn one_index_per_field() {
    let mut meta = meta();
    let params = [("index_type", "HNSW"), ("metric_type", "L2")];
    meta.indexes.push(created(&meta, "v", &params).expect("legal"));
    let again = |name: &str, params: &[(&str, &str)]| {
        new_index(&meta, &spec("v", name, params), &Limits::default())
            .map_err(|error| error.message().to_owned())
    };
    assert_eq!(again("", &params), Ok(IndexAction::AlreadyThere));
    assert_eq!(again("v", &params), Ok(IndexAction::AlreadyThere));
    assert_eq!(
        again("", &[("index_type", "FLAT"), ("metric_type", "L2")]),
        Err("CreateIndex failed: at most one distinct index is allowed per field: invalid parameter".into())
    );
    assert_eq!(
        again("other", &params),
        Err(
            "CreateIndex failed: creating multiple indexes on same field is not supported: invalid parameter"
                .into()
        )
    );
}

#[test]
fn json_fields_may_have_one_index_per_path() {
    let mut meta = meta();
    let on = |path| [("index_type", "INVERTED"), ("json_cast_type", "varchar"), ("json_path", path)];
    let first = created(&meta, "j", &on("j[\"a\"]")).expect("legal");
    assert_eq!(first.name, "jj[\"a\"]");
    meta.indexes.push(first);
    assert!(created(&meta, "j", &on("j[\"b\"]")).is_ok());
    assert!(created(&meta, "j", &on("j[\"a\"]")).is_err());
}
