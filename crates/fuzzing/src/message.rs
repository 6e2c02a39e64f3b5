//! Messages of the protocol: decode, convert, judge rows against a schema.

use crate::sample;
use elanus_proto::common::{KeyValuePair, PlaceholderGroup, PlaceholderType, PlaceholderValue};
use elanus_proto::milvus::{self as wire, search_request::SearchInput};
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::scalar_field::Data;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{self, FieldData, ScalarField, VectorField};
use elanus_server::decode;
use elanus_types::write::InsertMode;
use prost::Message;

pub fn run(input: &[u8]) {
    let Some((kind, bytes)) = input.split_first() else { return };
    let Ok(Some(request)) = decode::message(*kind, bytes) else { return };
    let whole = sample::sample();
    let meta = whole.collections.first().expect("a collection");
    if let InsertMode::Upsert { partial: true, .. } = request.mode {
        let limits = elanus_engine::Limits::default();
        let _ = elanus_engine::validate::merge::PartialRows::check(meta, &request, &limits, |_| 1);
        return;
    }
    let _ = elanus_engine::validate::rows::key_source(meta, &request);
    if let Ok(rows) = elanus_engine::validate::rows::rows(meta, &request, |_| 1) {
        assert!(rows.columns.iter().all(|(_, column)| column.len() == rows.rows), "columns of one length");
    }
}

fn scalar(name: &str, data: Data) -> FieldData {
    FieldData {
        field_name: name.into(),
        field: Some(Field::Scalars(ScalarField { data: Some(data) })),
        ..Default::default()
    }
}

fn dense(name: &str, data: Vector) -> FieldData {
    FieldData {
        field_name: name.into(),
        field: Some(Field::Vectors(VectorField { dim: 8, data: Some(data) })),
        ..Default::default()
    }
}

fn rows() -> Vec<FieldData> {
    let texts = |texts: [&'static str; 2]| texts.map(bytes::Bytes::from).to_vec();
    let list = |items: [&'static str; 2]| ScalarField {
        data: Some(Data::StringData(schema::StringArray { data: texts(items) })),
    };
    let floats: Vec<u8> = (0..2).flat_map(sample::vector).collect();
    let mut small = scalar("small", Data::IntData(schema::IntArray { data: vec![7] }));
    small.valid_data = vec![true, false];
    let tags = schema::ArrayArray { data: vec![list(["a", "b"]), list(["c", ""])], element_type: 21 };
    let keys = schema::JsonArray { data: texts(["{\"color\": 1}", "{}"]) };
    vec![
        scalar("id", Data::LongData(schema::LongArray { data: vec![1, 2] })),
        small,
        scalar("name", Data::StringData(schema::StringArray { data: texts(["a", "b"]) })),
        scalar("tags", Data::ArrayData(tags)),
        scalar("doc", Data::JsonData(schema::JsonArray { data: texts(["{\"a\": [1]}", "null"]) })),
        dense("vector", Vector::FloatVector(schema::FloatArray { data: floats.into() })),
        dense("bits", Vector::BinaryVector(vec![1, 2].into())),
        structs(),
        FieldData { is_dynamic: true, ..scalar("$meta", Data::JsonData(keys)) },
    ]
}

/// Two structs in the first row, null in the second.
fn structs() -> FieldData {
    let numbers = ScalarField { data: Some(Data::LongData(schema::LongArray { data: vec![1, 2] })) };
    let numbers = schema::ArrayArray { data: vec![numbers], ..Default::default() };
    let floats = [sample::vector(1), sample::vector(2)].concat();
    let floats = Vector::FloatVector(schema::FloatArray { data: floats.into() });
    let list = VectorField { dim: 8, data: Some(floats) };
    let lists = schema::VectorArray { dim: 8, data: vec![list], element_type: 101 };
    let part = |name: &str, field| FieldData {
        field_name: name.into(),
        field: Some(field),
        valid_data: vec![true, false],
        ..Default::default()
    };
    let parts = vec![
        part("n", Field::Scalars(ScalarField { data: Some(Data::ArrayData(numbers)) })),
        part("v", Field::Vectors(VectorField { dim: 8, data: Some(Vector::VectorArray(lists)) })),
    ];
    let parts = schema::StructArrayField { fields: parts };
    FieldData {
        r#type: 200,
        field_name: "parts".into(),
        field: Some(Field::StructArrays(parts)),
        ..Default::default()
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<KeyValuePair> {
    pairs.iter().map(|(key, value)| KeyValuePair { key: (*key).into(), value: (*value).into() }).collect()
}

fn search() -> wire::SearchRequest {
    search_for(("vector", "L2"), PlaceholderType::FloatVector, sample::vector(3))
}

fn search_for((field, metric): (&str, &str), kind: PlaceholderType, query: Vec<u8>) -> wire::SearchRequest {
    let value = PlaceholderValue {
        tag: "$0".into(),
        r#type: kind.into(),
        values: vec![query.into()],
        ..Default::default()
    };
    let group = PlaceholderGroup { placeholders: vec![value] }.encode_to_vec();
    wire::SearchRequest {
        dsl: "id > 3".into(),
        nq: 1,
        output_fields: vec!["*".into()],
        search_params: pairs(&[
            ("anns_field", field),
            ("topk", "5"),
            ("params", "{\"ef\": 64}"),
            ("metric_type", metric),
        ]),
        search_input: Some(SearchInput::PlaceholderGroup(group.into())),
        ..Default::default()
    }
}

fn collection() -> wire::CreateCollectionRequest {
    let key =
        schema::FieldSchema { name: "id".into(), is_primary_key: true, data_type: 5, ..Default::default() };
    let vector = schema::FieldSchema {
        name: "vector".into(),
        data_type: 101,
        type_params: pairs(&[("dim", "8")]),
        ..Default::default()
    };
    let name = schema::FieldSchema {
        name: "name".into(),
        data_type: 21,
        type_params: pairs(&[("max_length", "20")]),
        default_value: Some(schema::ValueField {
            data: Some(schema::value_field::Data::StringData("x".into())),
        }),
        ..Default::default()
    };
    let part = schema::FieldSchema {
        name: "v".into(),
        data_type: 106,
        element_type: 101,
        type_params: pairs(&[("dim", "8"), ("max_capacity", "4")]),
        ..Default::default()
    };
    let schema = schema::CollectionSchema {
        name: "things".into(),
        fields: vec![key, vector, name],
        struct_array_fields: vec![schema::StructArrayFieldSchema {
            name: "parts".into(),
            fields: vec![part],
            ..Default::default()
        }],
        enable_dynamic_field: true,
        ..Default::default()
    };
    wire::CreateCollectionRequest {
        schema: schema.encode_to_vec().into(),
        shards_num: 1,
        ..Default::default()
    }
}

pub fn samples() -> Vec<Vec<u8>> {
    let insert = wire::InsertRequest { fields_data: rows(), num_rows: 2, ..Default::default() };
    let upsert = wire::UpsertRequest { fields_data: rows(), num_rows: 2, ..Default::default() };
    let partial = wire::UpsertRequest { partial_update: true, ..upsert.clone() };
    let delete = wire::DeleteRequest { expr: "id in [1]".into(), ..Default::default() };
    let hybrid = wire::HybridSearchRequest {
        requests: vec![search(), search()],
        rank_params: pairs(&[
            ("strategy", "weighted"),
            ("params", "{\"weights\": [0.5, 0.5]}"),
            ("limit", "5"),
        ]),
        ..Default::default()
    };
    let list = [sample::vector(3), sample::vector(4)].concat();
    let lists = search_for(("parts[v]", "MAX_SIM"), PlaceholderType::EmbListFloatVector, list);
    let query = wire::QueryRequest {
        expr: "id > 3".into(),
        output_fields: vec!["*".into()],
        query_params: pairs(&[("limit", "5"), ("offset", "1")]),
        ..Default::default()
    };
    let index = wire::CreateIndexRequest {
        field_name: "vector".into(),
        extra_params: pairs(&[("index_type", "HNSW"), ("metric_type", "L2"), ("params", "{\"M\": 8}")]),
        ..Default::default()
    };
    let kinds = [
        (0, insert.encode_to_vec()),
        (1, upsert.encode_to_vec()),
        (1, partial.encode_to_vec()),
        (2, delete.encode_to_vec()),
        (3, search().encode_to_vec()),
        (3, lists.encode_to_vec()),
        (4, hybrid.encode_to_vec()),
        (5, query.encode_to_vec()),
        (6, index.encode_to_vec()),
        (7, collection().encode_to_vec()),
    ];
    kinds.into_iter().map(|(kind, bytes)| [vec![kind], bytes].concat()).collect()
}
