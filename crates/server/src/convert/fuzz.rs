//! Whatever bytes arrive, conversions answer: with a request or with an error, never with a panic.

use super::{hybrid, query, search, value, write};
use elanus_proto::common::{KeyValuePair, PlaceholderGroup, PlaceholderValue};
use elanus_proto::milvus::{self as wire, search_request::SearchInput};
use elanus_proto::schema::field_data::Field;
use elanus_proto::schema::i_ds::IdField;
use elanus_proto::schema::scalar_field::Data as Scalar;
use elanus_proto::schema::template_value::Val;
use elanus_proto::schema::vector_field::Data as Vector;
use elanus_proto::schema::{self, FieldData, ScalarField, TemplateValue, ValueField, VectorField};
use elanus_types::CollectionRef;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use prost::Message;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

/// Texts that parameters have, had or never should have.
const TEXTS: &[&str] = &[
    "",
    "0",
    "1",
    "-1",
    "3",
    "16384",
    "99999999999999999999",
    "1e999",
    "NaN",
    "True",
    "false",
    "maybe",
    "{}",
    "[]",
    "null",
    "{\"ef\":64}",
    "{\"k\":60}",
    "{\"weights\":[0.5,0.5]}",
    "{\"weights\":{}}",
    "{\"radius\":\"x\"}",
    "rrf",
    "weighted",
    "color",
    "a,b",
    "6c2a8a0e-9b1c-4a57-8f52-0d8a3f1b2c3d",
    "id > {x}",
    "iterative_filter",
    "ü",
];

const KEYS: &[&str] = &[
    "topk",
    "limit",
    "offset",
    "params",
    "metric_type",
    "round_decimal",
    "ignore_growing",
    "anns_field",
    "iterator",
    "search_iter_v2",
    "search_iter_batch_size",
    "search_iter_last_bound",
    "search_iter_id",
    "collection_id",
    "group_by_field",
    "group_by_fields",
    "group_size",
    "strict_group_size",
    "order_by_fields",
    "json_path",
    "json_type",
    "strict_cast",
    "hints",
    "strategy",
    "reranker",
    "ef",
    "rank_group_scorer",
    "norm_score",
    "weights",
    "k",
    "nprobe",
];

fn text() -> impl Strategy<Value = String> {
    select(TEXTS).prop_map(str::to_owned)
}

fn pairs() -> impl Strategy<Value = Vec<KeyValuePair>> {
    vec((select(KEYS), text()).prop_map(|(key, value)| KeyValuePair { key: key.into(), value }), 0..12)
}

fn bytes() -> impl Strategy<Value = bytes::Bytes> {
    vec(any::<u8>(), 0..24).prop_map(Into::into)
}

fn scalar() -> impl Strategy<Value = ScalarField> {
    let leaf = prop_oneof![
        vec(any::<bool>(), 0..4).prop_map(|data| Scalar::BoolData(schema::BoolArray { data })),
        vec(any::<i32>(), 0..4).prop_map(|data| Scalar::IntData(schema::IntArray { data })),
        vec(any::<i64>(), 0..4).prop_map(|data| Scalar::LongData(schema::LongArray { data })),
        bytes().prop_map(|data| Scalar::FloatData(schema::FloatArray { data })),
        vec(bytes(), 0..4).prop_map(|data| Scalar::StringData(schema::StringArray { data })),
        vec(bytes(), 0..4).prop_map(|data| Scalar::JsonData(schema::JsonArray { data })),
        vec(bytes(), 0..4).prop_map(|data| Scalar::BytesData(schema::BytesArray { data })),
    ];
    let field = proptest::option::of(leaf).prop_map(|data| ScalarField { data });
    field.prop_recursive(3, 8, 3, |inner| {
        (vec(inner, 0..3), any::<i32>()).prop_map(|(data, element_type)| ScalarField {
            data: Some(Scalar::ArrayData(schema::ArrayArray { data, element_type })),
        })
    })
}

fn vector() -> impl Strategy<Value = VectorField> {
    let data = prop_oneof![
        bytes().prop_map(|data| Vector::FloatVector(schema::FloatArray { data })),
        bytes().prop_map(Vector::BinaryVector),
        bytes().prop_map(Vector::Float16Vector),
        vec(bytes(), 0..4)
            .prop_map(|contents| Vector::SparseFloatVector(schema::SparseFloatArray { contents, dim: -1 })),
    ];
    (any::<i64>(), proptest::option::of(data)).prop_map(|(dim, data)| VectorField { dim, data })
}

fn field() -> impl Strategy<Value = FieldData> {
    let payload = prop_oneof![scalar().prop_map(Field::Scalars), vector().prop_map(Field::Vectors)];
    (any::<i32>(), text(), proptest::option::of(payload), vec(any::<bool>(), 0..4)).prop_map(
        |(number, field_name, field, valid_data)| FieldData {
            r#type: number,
            field_name,
            field,
            valid_data,
            ..Default::default()
        },
    )
}

fn upsert() -> impl Strategy<Value = wire::UpsertRequest> {
    (vec(field(), 0..4), any::<u32>(), any::<bool>(), vec((text(), any::<i32>()), 0..3)).prop_map(
        |(fields_data, num_rows, partial_update, ops)| wire::UpsertRequest {
            fields_data,
            num_rows,
            partial_update,
            field_ops: ops
                .into_iter()
                .map(|(field_name, op)| schema::FieldPartialUpdateOp { field_name, op })
                .collect(),
            ..Default::default()
        },
    )
}

fn template() -> impl Strategy<Value = TemplateValue> {
    prop_oneof![
        any::<i64>().prop_map(Val::Int64Val),
        any::<f64>().prop_map(Val::FloatVal),
        text().prop_map(Val::StringVal),
        bytes().prop_map(Val::BytesVal),
        vec(bytes(), 0..3).prop_map(|data| {
            let data = schema::template_array_value::Data::JsonData(schema::JsonArray { data });
            Val::ArrayVal(schema::TemplateArrayValue { data: Some(data) })
        }),
    ]
    .prop_map(|val| TemplateValue { val: Some(val) })
}

fn input() -> impl Strategy<Value = SearchInput> {
    let group = (any::<i32>(), vec(bytes(), 0..4)).prop_map(|(number, values)| {
        let value = PlaceholderValue { r#type: number % 400, values, ..Default::default() };
        PlaceholderGroup { placeholders: vec![value] }.encode_to_vec().into()
    });
    prop_oneof![
        bytes().prop_map(SearchInput::PlaceholderGroup),
        group.prop_map(SearchInput::PlaceholderGroup),
        vec(bytes(), 0..4).prop_map(|data| {
            SearchInput::Ids(schema::IDs { id_field: Some(IdField::StrId(schema::StringArray { data })) })
        }),
    ]
}

fn search_request() -> impl Strategy<Value = wire::SearchRequest> {
    (text(), pairs(), proptest::option::of(input()), template()).prop_map(
        |(dsl, search_params, input, template)| wire::SearchRequest {
            dsl,
            search_params,
            search_input: input,
            expr_template_values: [("x".to_owned(), template)].into(),
            ..Default::default()
        },
    )
}

fn hybrid_request() -> impl Strategy<Value = wire::HybridSearchRequest> {
    let function = proptest::option::of(pairs()).prop_map(|params| {
        let function = params.map(|params| schema::FunctionSchema { params, ..Default::default() });
        function.map(|function| schema::FunctionScore { functions: vec![function], ..Default::default() })
    });
    (vec(search_request(), 0..3), pairs(), function).prop_map(|(requests, rank_params, function_score)| {
        wire::HybridSearchRequest { requests, rank_params, function_score, ..Default::default() }
    })
}

fn query_request() -> impl Strategy<Value = wire::QueryRequest> {
    (text(), pairs(), template()).prop_map(|(expr, query_params, template)| wire::QueryRequest {
        expr,
        query_params,
        expr_template_values: [("x".to_owned(), template)].into(),
        ..Default::default()
    })
}

/// The message with some bytes changed, as far as it still decodes.
fn mutated<M: Message + Default>(message: &M, changes: &[(usize, u8)]) -> Option<M> {
    let mut encoded = message.encode_to_vec();
    for (at, byte) in changes {
        match encoded.len() {
            0 => encoded.push(*byte),
            len if byte.is_multiple_of(16) => encoded.truncate(at % len),
            len => encoded[at % len] = *byte,
        }
    }
    M::decode(bytes::Bytes::from(encoded)).ok()
}

fn changes() -> impl Strategy<Value = Vec<(usize, u8)>> {
    vec((any::<usize>(), any::<u8>()), 0..4)
}

/// An upsert converted as every kind of write; what it returns does not matter here.
fn convert_write(sent: wire::UpsertRequest) {
    let insert = wire::InsertRequest {
        fields_data: sent.fields_data.clone(),
        num_rows: sent.num_rows,
        ..Default::default()
    };
    let rows = sent.num_rows;
    if let Err(error) = write::insert(target(), insert) {
        write::failed("Insert", &error, rows);
    }
    drop(write::upsert(target(), sent));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn writes(sent in upsert(), changes in changes()) {
        mutated(&sent, &changes).into_iter().for_each(convert_write);
        convert_write(sent);
    }

    #[test]
    fn searches(sent in search_request(), changes in changes()) {
        drop(mutated(&sent, &changes).map(|sent| search::request(target(), sent)));
        drop(search::request(target(), sent));
    }

    #[test]
    fn hybrid_searches(sent in hybrid_request(), changes in changes()) {
        drop(mutated(&sent, &changes).map(|sent| hybrid::request(target(), sent)));
        drop(hybrid::request(target(), sent));
    }

    #[test]
    fn queries(sent in query_request(), changes in changes()) {
        drop(mutated(&sent, &changes).map(|sent| query::request(target(), sent)));
        drop(query::request(target(), sent));
    }

    /// Bytes that were never a message: whatever they happen to decode to is converted.
    #[test]
    fn noise(noise in vec(any::<u8>(), 0..64)) {
        let noise = bytes::Bytes::from(noise);
        drop(wire::UpsertRequest::decode(noise.clone()).map(convert_write));
        drop(wire::DeleteRequest::decode(noise.clone()).map(|sent| write::delete(target(), sent)));
        drop(wire::SearchRequest::decode(noise.clone()).map(|sent| search::request(target(), sent)));
        drop(wire::HybridSearchRequest::decode(noise.clone()).map(|sent| hybrid::request(target(), sent)));
        drop(wire::QueryRequest::decode(noise.clone()).map(|sent| query::request(target(), sent)));
        drop(ValueField::decode(noise).map(|sent| value::default_in(&sent)));
    }
}
