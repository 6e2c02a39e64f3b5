use super::*;
use crate::validate::rows::{KeySource, key_source, named_partition, partition, rows};
use bytes::Bytes;
use elanus_kernels::{convert::f32_bytes, sparse};
use elanus_types::{Column, ColumnData, Result, Value};

fn texts(rows: &[&str]) -> Vec<Bytes> {
    rows.iter().map(|row| Bytes::copy_from_slice(row.as_bytes())).collect()
}

fn vector(data_type: DataType, dim: i64, data: Vec<u8>) -> InputData {
    InputData::Vector { data_type, dim, data: data.into() }
}

fn floats(rows: usize) -> InputData {
    vector(DataType::FloatVector, 16, f32_bytes(&vec![0.5; rows * 16]))
}

/// What a request of one row with a good key, plus `fields` for `field`, is answered.
fn answer(field: FieldSchema, fields: Vec<InputField>) -> String {
    let request = insert(1, [vec![sent("id", InputData::Long(vec![1]))], fields].concat());
    said(&meta(vec![super::field(100, "id", DataType::Int64), field]), &request)
}

fn said(meta: &CollectionMeta, request: &InsertRequest) -> String {
    match rows(meta, request, |_| 1) {
        Ok(_) => "ok".into(),
        Err(error) => format!("{} {}", error.kind().code(), error.message()),
    }
}

fn nullable(field: FieldSchema) -> FieldSchema {
    FieldSchema { nullable: true, ..field }
}

#[test]
fn wrong_values_are_refused_with_milvus_texts() {
    use DataType::*;
    let f = |data_type| super::field(101, "f", data_type);
    let one = |data| vec![sent("f", data)];
    let long_json = format!("\"{}\"", "x".repeat(65_536));
    let deep_json = "[".repeat(200) + &"]".repeat(200);
    let cases: Vec<(FieldSchema, InputData, &str)> = vec![
        (
            f(FloatVector),
            vector(FloatVector, 8, vec![0; 32]),
            "1100 the dim (8) of field data(f) is not equal to schema dim (16): invalid parameter[expected=16][actual=8]",
        ),
        (f(FloatVector), vector(FloatVector, -3, vec![0; 64]), "the dim (-3) of field data(f)"),
        (
            f(FloatVector),
            vector(FloatVector, 16, vec![0; 63]),
            "1100 the length(63) of vector data of field f should divide",
        ),
        (
            f(FloatVector),
            vector(FloatVector, 16, vec![0; 128]),
            "1100 the num_rows (2) of field (f) is not equal to passed num_rows (1): invalid parameter[expected=1][actual=2]",
        ),
        (
            f(FloatVector),
            vector(FloatVector, 16, f32_bytes(&[f32::NAN; 16])),
            "1100 value 'NaN' is not a number or infinity",
        ),
        (
            f(BFloat16Vector),
            vector(FloatVector, 16, f32_bytes(&[f32::NEG_INFINITY; 16])),
            "value '-Inf' is not",
        ),
        (f(Float16Vector), vector(FloatVector, 16, f32_bytes(&[1e9; 16])), "value '+Inf' is not"),
        (
            f(Int8Vector),
            vector(FloatVector, 16, vec![0; 64]),
            "1100 Int8Vector field 'f' is illegal, array type mismatch",
        ),
        (f(BinaryVector), vector(BinaryVector, 16, vec![0; 3]), "should divide the width(2)"),
        (f(FloatVector), InputData::Long(vec![1]), "got Int64"),
        (f(FloatVector), InputData::Empty, "the num_rows (0) of field (f)"),
        (
            f(SparseFloatVector),
            InputData::Sparse(vec![Bytes::from_static(b"1234567")]),
            "1100 invalid data length in sparse float vector: 7",
        ),
        (
            f(SparseFloatVector),
            InputData::Sparse(vec![sparse::row([(3, 1.0), (3, 1.0)]).into()]),
            "1100 unsorted or same indices in sparse float vector",
        ),
        (
            f(SparseFloatVector),
            InputData::Sparse(vec![sparse::row([(3, -1.0)]).into()]),
            "1100 negative value in sparse float vector",
        ),
        (
            f(SparseFloatVector),
            InputData::Sparse(vec![sparse::row([(u32::MAX, 1.0)]).into()]),
            "must be less than 2^32-1",
        ),
        (
            f(SparseFloatVector),
            InputData::Sparse(vec![sparse::row([(3, f32::NAN)]).into()]),
            "value 'NaN' is not a number",
        ),
        (
            f(VarChar),
            InputData::Text(texts(&["123456789"])),
            "1100 length of varchar field f exceeds max length, row number: 0, length: 9, max length: 8",
        ),
        (
            f(VarChar),
            InputData::Text(vec![Bytes::from_static(&[0xff])]),
            "field f is not valid utf-8, row number: 0",
        ),
        (
            f(VarChar),
            InputData::Json(texts(&["1"])),
            "1100 VarChar field 'f' is illegal, array type mismatch: invalid parameter[expected=need VarChar array][actual=got JSON]",
        ),
        (
            f(Int8),
            InputData::Int(vec![128]),
            "1100 the 0th element (128) out of range: [-128, 127]: invalid parameter[expected=integer doesn't overflow][actual=out of range]",
        ),
        (f(Int16), InputData::Int(vec![-32_769]), "the 0th element (-32769) out of range: [-32768, 32767]"),
        (f(Int64), InputData::Int(vec![1]), "Int64 field 'f' is illegal"),
        (f(Float), InputData::Float(vec![f32::NAN]), "value 'NaN'"),
        (f(Double), InputData::Double(vec![f64::INFINITY]), "value '+Inf'"),
        (
            f(Bool),
            InputData::Bool(vec![true, false]),
            "the num_rows (2) of field (f) is not equal to passed num_rows (1)",
        ),
        (f(Json), InputData::Json(texts(&["{\"a\":"])), "1100 json field f is invalid, row number: 0"),
        (f(Json), InputData::Json(texts(&[""])), "json field f is invalid"),
        (f(Json), InputData::Json(texts(&["1e999"])), "json field f is invalid"),
        (f(Json), InputData::Json(texts(&[&deep_json])), "json field f is invalid"),
        (
            f(Json),
            InputData::Json(texts(&[&long_json])),
            "1100 the length (65538) of json field (f) exceeds max length (65536)",
        ),
        (
            array(101, "f", Int8),
            InputData::Array(vec![InputData::Int(vec![1, 200])]),
            "the 1th element (200) out of range: [-128, 127]",
        ),
        (
            array(101, "f", Int64),
            InputData::Array(vec![InputData::Long(vec![1, 2, 3, 4])]),
            "1100 the length (4) of 0th array exceeds max capacity (3)",
        ),
        (
            array(101, "f", Int64),
            InputData::Array(vec![InputData::Int(vec![1])]),
            "insert data does not match",
        ),
        (
            array(101, "f", VarChar),
            InputData::Array(vec![InputData::Text(texts(&["ok", "too long text"]))]),
            "the length (13) of 1th string exceeds max length (8)",
        ),
        (f(Int64), InputData::Unsupported("Geometry"), "got Geometry"),
    ];
    for (field, data, text) in cases {
        let said = answer(field.clone(), one(data));
        assert!(
            said.starts_with("1100 ") && said.contains(text),
            "{}: {said} has not {text}",
            field.data_type
        );
    }
}

#[test]
fn flags_must_match_rows_and_payload() {
    let f = super::field(101, "f", DataType::Int64);
    let cases = [
        (
            f.clone(),
            flagged("f", InputData::Long(vec![]), &[false]),
            "the length of valid_data of field(f) is wrong: invalid parameter[expected=0][actual=1]",
        ),
        (f.clone(), flagged("f", InputData::Long(vec![1]), &[true]), "ok"),
        (
            nullable(f.clone()),
            flagged("f", InputData::Long(vec![1]), &[true, true]),
            "the length of valid_data of field(f) is wrong: invalid parameter[expected=1][actual=2]",
        ),
        (
            nullable(f.clone()),
            flagged("f", InputData::Long(vec![1, 2]), &[false]),
            "the length of field(f) is wrong: invalid parameter[expected=0][actual=2]",
        ),
        (nullable(f.clone()), flagged("f", InputData::Empty, &[false]), "ok"),
        (nullable(f.clone()), flagged("f", InputData::Empty, &[true]), "the num_rows (0)"),
        (f, sent("f", InputData::Long(vec![1])), "ok"),
    ];
    for (field, input, text) in cases {
        let said = answer(field, vec![input]);
        assert!(said.contains(text), "{said} has not {text}");
    }
}

#[test]
fn fields_must_be_the_schemas() {
    let f = || super::field(101, "f", DataType::Int64);
    let value = || sent("f", InputData::Long(vec![1]));
    let cases = [
        (vec![], "1100 fieldSchema(f) has no corresponding fieldData pass in"),
        (vec![value(), value()], "1100 duplicated field f found"),
        (vec![value(), sent("g", InputData::Long(vec![1]))], "1100 more fieldData has pass in"),
        (
            vec![value(), sent("$meta", InputData::Json(texts(&["{}"])))],
            "without dynamic schema enabled, the field name cannot be set to $meta",
        ),
    ];
    for (fields, text) in cases {
        let said = answer(f(), fields);
        assert!(said.contains(text), "{said} has not {text}");
    }
    let meta = meta(vec![super::field(100, "id", DataType::Int64)]);
    let key = || vec![sent("id", InputData::Long(vec![1]))];
    assert!(said(&meta, &insert(0, key())).starts_with("1100 num_rows should be greater than 0"));
    assert!(said(&meta, &insert(1, vec![])).contains("fieldSchema(id) has no corresponding"));
    let stale = InsertRequest { schema_timestamp: 2, ..insert(1, key()) };
    assert_eq!(said(&meta, &stale), "109 collection schema mismatch[collection=c]");
    assert_eq!(said(&meta, &InsertRequest { schema_timestamp: 1, ..insert(1, key()) }), "ok");
}

#[test]
fn dynamic_keys_are_objects_apart_from_fields() {
    let cases = [
        ("{\"color\":\"red\",\"deep\":{\"f\":[1,null]}}", "ok"),
        ("{}", "ok"),
        ("[]", "1100 dynamic field must be a json object, row number: 0"),
        ("null", "dynamic field must be a json object"),
        ("{\"a\"", "dynamic field must be a json object"),
        ("{\"id\":1}", "1100 dynamic field name cannot include the static field name: id"),
        ("{\"$meta\":1}", "1100 cannot set key to $meta when enable dynamic field"),
    ];
    for (text, expected) in cases {
        let said = answer(
            super::field(101, "$meta", DataType::Json),
            vec![sent("$meta", InputData::Json(texts(&[text])))],
        );
        assert!(said.contains(expected), "{text}: {said} has not {expected}");
    }
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(65_536));
    let said = answer(
        super::field(101, "$meta", DataType::Json),
        vec![sent("$meta", InputData::Json(texts(&[&long])))],
    );
    assert!(said.contains("the length (65544) of dynamic field exceeds max length (65536)"), "{said}");
}

#[test]
fn nulls_and_defaults_fill_in() -> Result<()> {
    let with_default =
        FieldSchema { default: Some(Value::Int(7)), ..super::field(101, "d", DataType::Int16) };
    let meta = meta(vec![
        super::field(100, "id", DataType::Int64),
        with_default.clone(),
        nullable(super::field(102, "v", DataType::BinaryVector)),
        FieldSchema { id: 103, name: "e".into(), nullable: true, ..with_default },
        super::field(104, "$meta", DataType::Json),
    ]);
    let request = insert(
        3,
        vec![
            flagged("d", InputData::Int(vec![1]), &[false, true, false]),
            flagged("v", vector(DataType::BinaryVector, 16, vec![1, 2, 3, 4]), &[true, false, true]),
            sent("id", InputData::Long(vec![5, 6, 7])),
        ],
    );
    let batch = rows(&meta, &request, |_| 0)?;
    let values = |id| {
        let view = batch.column(id).map(Column::view);
        view.map(|view| (0..3).map(|row| view.value(row)).collect::<Vec<_>>()).unwrap_or_default()
    };
    assert_eq!(batch.rows, 3);
    assert_eq!(values(101), [Value::Int(7), Value::Int(1), Value::Int(7)]);
    assert_eq!(batch.column(101).map(|column| column.valid.is_none()), Some(true));
    assert_eq!(values(102), [Value::Bytes(vec![1, 2]), Value::Null, Value::Bytes(vec![3, 4])]);
    assert_eq!(values(103), [Value::Int(7), Value::Int(7), Value::Int(7)]);
    assert_eq!(values(104), vec![Value::Str("{}".into()); 3]);
    Ok(())
}

#[test]
fn vectors_of_the_stored_layout_are_shared() -> Result<()> {
    let meta =
        meta(vec![super::field(100, "id", DataType::Int64), super::field(101, "f", DataType::FloatVector)]);
    let request = insert(2, vec![sent("id", InputData::Long(vec![1, 2])), sent("f", floats(2))]);
    let batch = rows(&meta, &request, |_| 0)?;
    let (Some(ColumnData::Fixed { data: stored, .. }), InputData::Vector { data, .. }) =
        (batch.column(101).map(|column| &column.data), &request.fields[1].data)
    else {
        panic!("a vector column from a vector payload");
    };
    assert_eq!(stored.as_ptr(), data.as_ptr());
    Ok(())
}

#[test]
fn keys_are_assigned_or_sent() -> Result<()> {
    let auto = FieldSchema { auto_id: true, ..super::field(100, "id", DataType::Int64) };
    let mut meta = meta(vec![auto, nullable(super::field(101, "f", DataType::Int64))]);
    let none = insert(2, vec![sent("f", InputData::Long(vec![1, 2]))]);
    let own = insert(2, vec![sent("id", InputData::Long(vec![8, 9]))]);
    let ids = |meta: &CollectionMeta, request: &InsertRequest| {
        Ok(rows(meta, request, |_| 500)?.column(100).map(|column| column.data.clone()))
    };
    assert_eq!(ids(&meta, &none)?, Some(ColumnData::Int64(vec![500, 501])));
    assert_eq!(key_source(&meta, &none)?, KeySource::Assigned);
    assert!(said(&meta, &own).contains(
        "can not assign primary field data when auto id enabled and allow_insert_auto_id is false id"
    ));
    assert_eq!(
        ids(&meta, &upsert(own.clone()))?,
        Some(ColumnData::Int64(vec![500, 501])),
        "an upsert gives new keys"
    );
    let old = KeySource::Reassigned(Column::new(ColumnData::Int64(vec![8, 9])));
    assert_eq!(key_source(&meta, &upsert(own.clone()))?, old);
    assert!(said(&meta, &upsert(none.clone())).contains("must assign pk when upsert, primary field: id"));
    meta.properties.insert("allow_insert_auto_id".into(), "true".into());
    assert_eq!(ids(&meta, &own)?, Some(ColumnData::Int64(vec![8, 9])));
    assert_eq!(key_source(&meta, &own)?, KeySource::Sent);
    assert_eq!(ids(&meta, &none)?, Some(ColumnData::Int64(vec![500, 501])));
    Ok(())
}

#[test]
fn assigned_text_keys_are_decimal() -> Result<()> {
    let auto = FieldSchema { auto_id: true, max_length: 64, ..super::field(100, "id", DataType::VarChar) };
    let meta = meta(vec![super::field(101, "f", DataType::Int64), auto]);
    let batch =
        rows(&meta, &insert(2, vec![sent("f", InputData::Long(vec![1, 2]))]), |count| 40 + count as i64)?;
    assert_eq!(batch.column(100), Some(&Column::from_bytes(["42", "43"])));
    assert_eq!(batch.columns.iter().map(|(id, _)| *id).collect::<Vec<_>>(), [101, 100], "schema order");
    Ok(())
}

#[test]
fn partitions_are_named_or_chosen_by_key() {
    let plain = meta(vec![super::field(100, "id", DataType::Int64)]);
    let keyed = meta(vec![
        super::field(100, "id", DataType::Int64),
        FieldSchema { partition_key: true, ..super::field(101, "k", DataType::Int64) },
    ]);
    let into = |name: Option<&str>| InsertRequest { partition: name.map(str::to_owned), ..insert(1, vec![]) };
    assert_eq!(partition(&plain, &into(None)).ok(), Some(Some(8)));
    assert_eq!(partition(&plain, &into(Some(""))).ok(), Some(Some(8)));
    assert_eq!(partition(&plain, &into(Some("p"))).ok(), Some(Some(9)));
    assert_eq!(partition(&keyed, &into(None)).ok(), Some(None));
    let failed = |meta, name| {
        let error = named_partition(meta, name).expect_err("no such partition");
        format!("{} {}", error.kind().code(), error.message())
    };
    assert_eq!(failed(&plain, "q"), "200 partition not found[partition=q]");
    assert!(failed(&plain, "q q").starts_with("1100 Invalid partition name: q q."));
    assert!(failed(&keyed, "p").contains("not support manually specifying the partition names"));
}
