//! What clients send comes back when they describe it; what cannot be stored is refused by name.

use super::*;
use crate::convert::kv::pair;
use crate::convert::schema_out;
use elanus_engine::CatalogChange;
use elanus_engine::catalog::{apply, initial, plan};
use elanus_engine::validate::Limits;
use elanus_proto::schema::value_field::Data;
use elanus_proto::schema::{FunctionSchema, StructArrayFieldSchema, ValueField};
use elanus_types::Timestamp;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

fn field_of(name: &str, data_type: wire::DataType, params: &[(&str, &str)]) -> wire::FieldSchema {
    wire::FieldSchema {
        name: name.into(),
        data_type: data_type.into(),
        type_params: params.iter().map(|(key, value)| pair(*key, *value)).collect(),
        ..Default::default()
    }
}

fn converted(schema: CollectionSchema) -> Result<NewCollection> {
    let request = CreateCollectionRequest { schema: schema.encode_to_vec().into(), ..Default::default() };
    new_collection(target(), request)
}

fn one_field(field: wire::FieldSchema) -> Result<NewCollection> {
    converted(CollectionSchema { fields: vec![field], ..Default::default() })
}

fn default_value(data: Data) -> Option<ValueField> {
    Some(ValueField { data: Some(data) })
}

fn rich_schema() -> CollectionSchema {
    use wire::DataType as T;
    let mut fields = vec![
        field_of("pk", T::VarChar, &[("max_length", "64")]),
        field_of("v", T::FloatVector, &[("dim", "8"), ("mmap.enabled", "true")]),
        field_of("bits", T::BinaryVector, &[("dim", "16")]),
        field_of("words", T::SparseFloatVector, &[]),
        field_of("tags", T::Array, &[("max_capacity", "5"), ("max_length", "9")]),
        field_of("small", T::Int8, &[]),
        field_of("big", T::Int64, &[]),
        field_of("real", T::Float, &[]),
        field_of("doc", T::Json, &[]),
        field_of("part", T::Int64, &[]),
    ];
    fields[0].is_primary_key = true;
    fields[0].description = "the key".into();
    fields[4].element_type = T::VarChar.into();
    fields[4].nullable = true;
    fields[5].default_value = default_value(Data::IntData(-3));
    fields[6].default_value = default_value(Data::LongData(1 << 40));
    fields[7].default_value = default_value(Data::FloatData(0.1));
    fields[7].nullable = true;
    fields[9].is_partition_key = true;
    let mut parts = vec![
        field_of("n", T::Array, &[("max_capacity", "5")]),
        field_of("v", T::ArrayOfVector, &[("dim", "4"), ("max_capacity", "5")]),
    ];
    parts[0].element_type = T::Int16.into();
    parts[1].element_type = T::Float16Vector.into();
    parts.iter_mut().for_each(|part| part.nullable = true);
    let structs = StructArrayFieldSchema {
        name: "parts".into(),
        description: "of a whole".into(),
        fields: parts,
        type_params: vec![pair("mmap.enabled", "true")],
        nullable: true,
        field_id: 0,
    };
    CollectionSchema {
        fields,
        struct_array_fields: vec![structs],
        enable_dynamic_field: true,
        description: "all".into(),
        ..Default::default()
    }
}

#[test]
fn a_schema_comes_back_as_it_was_sent() {
    let sent = rich_schema();
    let change = CatalogChange::CreateCollection(Box::new(converted(sent.clone()).unwrap()));
    let empty = initial();
    let record = plan(&empty, &change, &Limits::default(), Timestamp::from_millis(1)).unwrap().unwrap();
    let catalog = apply(&empty, &record);
    let described = schema_out::schema(catalog.resolve(&target()).unwrap());

    let ids: Vec<i64> = described.fields.iter().map(|field| field.field_id).collect();
    assert_eq!(ids, (100..110).collect::<Vec<_>>(), "`$meta` is not shown");
    let without_ids = described.fields.into_iter().map(|field| wire::FieldSchema { field_id: 0, ..field });
    for (back, sent) in without_ids.zip(&sent.fields) {
        assert_eq!(&back, sent);
    }
    let mut structs = described.struct_array_fields;
    let parts: Vec<i64> = structs[0].fields.iter().map(|part| part.field_id).collect();
    assert_eq!((structs[0].field_id, parts), (110, vec![111, 112]));
    structs[0].field_id = 0;
    structs[0].fields.iter_mut().for_each(|part| part.field_id = 0);
    assert_eq!(structs, sent.struct_array_fields);
    assert_eq!((described.description, described.enable_dynamic_field), (sent.description, true));
    assert_eq!(described.name, "c");
}

#[test]
fn sizes_that_are_missing_or_no_numbers_are_named() {
    use wire::DataType as T;
    let cases = [
        (field_of("s", T::VarChar, &[]), 1101, "type param(max_length) should be specified for the field(s)"),
        (
            field_of("s", T::VarChar, &[("max_length", "x")]),
            1100,
            "should be in (0, 65535], but got x instead",
        ),
        (
            field_of("s", T::VarChar, &[("max_length", "-1")]),
            1100,
            "should be in (0, 65535], but got -1 instead",
        ),
        (
            field_of("v", T::FloatVector, &[]),
            1100,
            "dimension is not defined in field type params of field v",
        ),
        (field_of("v", T::FloatVector, &[("dim", "-4")]), 1100, "invalid dimension: -4 of field v"),
        (field_of("v", T::SparseFloatVector, &[("dim", "4")]), 1100, "dim should not be specified"),
    ];
    for (field, code, text) in cases {
        let error = one_field(field).unwrap_err();
        assert_eq!(error.kind().code(), code, "{error}");
        assert!(error.message().contains(text), "{error}");
    }
}

#[test]
fn a_default_of_another_type_is_refused() {
    let mut field = field_of("n", wire::DataType::Int64, &[]);
    field.default_value = default_value(Data::StringData("five".into()));
    let error = one_field(field).unwrap_err();
    assert!(
        error.message().contains("type (Int64) of field (n) is not equal to the type(VarChar)"),
        "{error}"
    );
}

#[test]
fn a_long_is_a_default_of_smaller_integers_too() {
    let mut field = field_of("n", wire::DataType::Int16, &[]);
    field.default_value = default_value(Data::LongData(7));
    let collection = one_field(field).unwrap();
    assert_eq!(collection.fields[0].default, Some(elanus_types::Value::Int(7)));
}

#[test]
fn what_cannot_be_stored_is_refused_by_name() {
    let function = FunctionSchema { name: "bm25".into(), ..Default::default() };
    let shapes = field_of("shapes", wire::DataType::Array, &[("max_capacity", "5")]);
    let shapes = wire::FieldSchema { element_type: wire::DataType::Mol.into(), ..shapes };
    let structs = StructArrayFieldSchema { name: "parts".into(), fields: vec![shapes], ..Default::default() };
    let cases = [
        (CollectionSchema { functions: vec![function], ..Default::default() }, "function bm25"),
        (CollectionSchema { struct_array_fields: vec![structs], ..Default::default() }, "field parts"),
        (CollectionSchema { external_source: "s3://x".into(), ..Default::default() }, "external collections"),
        (CollectionSchema { enable_namespace: true, ..Default::default() }, "namespaces"),
        (
            CollectionSchema {
                fields: vec![field_of("place", wire::DataType::Text, &[])],
                ..Default::default()
            },
            "field place",
        ),
    ];
    for (schema, text) in cases {
        let error = converted(schema).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(error.message().contains(text), "{error}");
    }
}

#[test]
fn a_schema_that_is_no_message_is_refused() {
    let request = CreateCollectionRequest { schema: vec![0xff; 9].into(), ..Default::default() };
    assert_eq!(new_collection(target(), request).unwrap_err().kind().code(), 1100);
    let unknown = wire::FieldSchema { name: "f".into(), data_type: 77, ..Default::default() };
    assert_eq!(one_field(unknown).unwrap_err().kind().code(), 1100);
}
