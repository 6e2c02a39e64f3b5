use super::*;
use crate::convert::input;
use elanus_geotime::geometry;
use elanus_geotime::time::{self, Zone};
use elanus_types::input::{InputData, InputField};
use elanus_types::{ColumnBuilder, Value};
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;

const DIM: usize = 8;

/// A field of a type with every option that changes the wire form.
fn schema(data_type: DataType, element: DataType, nullable: bool) -> FieldSchema {
    let mut field = FieldSchema::new(101, "f", data_type);
    field.nullable = nullable;
    field.element_type = match data_type {
        DataType::Array => Some(element),
        DataType::ArrayOfVector => Some(DataType::Float16Vector),
        _ => None,
    };
    field.dim = if field.vector_type().is_dense_vector() { DIM } else { 0 };
    field
}

/// Some value of a type, drawn from a seed.
fn value(field: &FieldSchema, seed: u64) -> Value {
    if let Some(width) = field.vector_width() {
        return Value::Bytes((0..width).map(|i| (seed >> (i % 8)) as u8).collect());
    }
    match field.data_type {
        DataType::Array | DataType::ArrayOfVector => {
            let element = FieldSchema::new(0, "e", field.element_type.unwrap_or(DataType::Int64));
            let element = FieldSchema { dim: field.dim, ..element };
            Value::Array((0..seed % 4).map(|i| value(&element, seed.rotate_left(7 * i as u32))).collect())
        }
        DataType::SparseFloatVector => Value::Bytes(
            (0..seed % 3)
                .flat_map(|i| [(i * 9) as u32, seed as u32].map(u32::to_le_bytes))
                .flatten()
                .collect(),
        ),
        DataType::Bool => Value::Bool(seed.is_multiple_of(2)),
        DataType::Int8 => Value::Int(i64::from(seed as i8)),
        DataType::Int16 => Value::Int(i64::from(seed as i16)),
        DataType::Int32 => Value::Int(i64::from(seed as i32)),
        DataType::Int64 => Value::Int(seed as i64),
        DataType::Float => Value::Float(f64::from(seed as u32 as f32)),
        DataType::Double => Value::Float(seed as f64),
        DataType::Json => Value::Str(format!("{{\"k\":{seed}}}")),
        DataType::Timestamptz => Value::Int((seed >> 14) as i64),
        DataType::Geometry => Value::Bytes(geometry::from_wkt(&format!("POINT ({seed} -1)")).expect("WKT")),
        _ => Value::Str(if seed.is_multiple_of(5) { String::new() } else { format!("ü{seed}") }),
    }
}

fn column(field: &FieldSchema, values: &[Value]) -> Column {
    let mut builder = ColumnBuilder::for_field(field);
    for value in values {
        assert!(builder.push(value), "{value} does not fit {}", field.data_type);
    }
    builder.finish()
}

/// What a client that sends the very answer back would send.
fn sent_back(field: FieldSchema, column: Column) -> (FieldData, InputField) {
    let wire = super::field(OutputField { field, column }, "UTC");
    let decoded = FieldData::decode(wire.encode_to_vec().as_slice()).expect("what was encoded");
    assert_eq!(decoded, wire);
    (wire.clone(), input::fields(vec![wire]).expect("legal columns").remove(0))
}

fn rows(data: &InputData, width: usize) -> Vec<Value> {
    let text = |bytes: &Bytes| Value::Str(String::from_utf8_lossy(bytes).into_owned());
    match data {
        InputData::Empty => Vec::new(),
        InputData::Bool(v) => v.iter().map(|v| Value::Bool(*v)).collect(),
        InputData::Int(v) => v.iter().map(|v| Value::Int(i64::from(*v))).collect(),
        InputData::Long(v) => v.iter().map(|v| Value::Int(*v)).collect(),
        InputData::Float(v) => v.iter().map(|v| Value::Float(f64::from(*v))).collect(),
        InputData::Double(v) => v.iter().map(|v| Value::Float(*v)).collect(),
        InputData::Text(v) | InputData::Wkt(v) | InputData::Json(v) => v.iter().map(text).collect(),
        InputData::Array(v) => v.iter().map(|row| Value::Array(rows(row, 0))).collect(),
        InputData::Vectors(v) => v.iter().map(|row| Value::Array(rows(row, width))).collect(),
        InputData::Vector { data, .. } => data.chunks(width).map(|row| Value::Bytes(row.to_vec())).collect(),
        InputData::Sparse(v) => v.iter().map(|row| Value::Bytes(row.to_vec())).collect(),
        InputData::Unsupported(name) => panic!("{name} came out"),
    }
}

proptest! {
    /// Every value of every type comes through; nulls keep their place, in the form of their type.
    #[test]
    fn columns_come_back(
        data_type in proptest::sample::select(DataType::ALL),
        element in proptest::sample::select(&DataType::ALL[..8]),
        nullable: bool,
        seeds in vec((any::<u64>(), 0..3_u8), 0..20),
    ) {
        let field = schema(data_type, element, nullable);
        let values: Vec<Value> = seeds
            .iter()
            .map(|(seed, null)| if nullable && *null == 0 { Value::Null } else { value(&field, *seed) })
            .collect();
        let (wire, back) = sent_back(field.clone(), column(&field, &values));
        let valid: Vec<bool> = values.iter().map(|value| !value.is_null()).collect();
        prop_assert_eq!(wire.r#type, data_type.number());
        prop_assert_eq!(&back.valid, &if nullable { valid } else { Vec::new() });
        let rows = rows(&back.data, field.element_width().unwrap_or(1));
        if data_type.is_vector() && data_type != DataType::ArrayOfVector {
            let kept: Vec<Value> = values.into_iter().filter(|value| !value.is_null()).collect();
            prop_assert_eq!(rows, kept, "vectors are compact");
        } else {
            prop_assert_eq!(rows.len(), values.len(), "scalars are full length");
            for (row, value) in rows.iter().zip(&values).filter(|(_, value)| !value.is_null()) {
                match (data_type, value) {
                    (DataType::Timestamptz, Value::Int(moment)) => {
                        prop_assert_eq!(row, &Value::Str(time::format(*moment, &Zone::UTC)));
                    }
                    (DataType::Geometry, Value::Bytes(shape)) => {
                        prop_assert_eq!(row, &Value::Str(geometry::to_wkt(shape).expect("a shape")));
                    }
                    _ => prop_assert_eq!(row, value),
                }
            }
        }
    }
}

#[test]
fn parts_of_a_struct_go_out_together() {
    let part = |id, name: &str, data_type, element| FieldSchema {
        nullable: true,
        id,
        name: name.into(),
        ..schema(data_type, element, true)
    };
    let output = |field: FieldSchema, seed| {
        let values = [value(&field, seed), Value::Null];
        OutputField { column: column(&field, &values), field }
    };
    let outputs = vec![
        output(part(103, "s[n]", DataType::Array, DataType::Int64), 3),
        output(FieldSchema::new(100, "id", DataType::Int64), 1),
        output(part(104, "s[v]", DataType::ArrayOfVector, DataType::Int64), 3),
        output(part(106, "t[n]", DataType::Array, DataType::Int64), 2),
    ];
    let sent = super::fields(outputs, "UTC");
    let names: Vec<&str> = sent.iter().map(|field| field.field_name.as_str()).collect();
    assert_eq!(names, ["s", "id", "t"]);
    let Some(Field::StructArrays(parts)) = &sent[0].field else { panic!("a struct array") };
    assert_eq!(sent[0].r#type, 200);
    let names: Vec<(&str, i32)> =
        parts.fields.iter().map(|part| (part.field_name.as_str(), part.r#type)).collect();
    assert_eq!(names, [("n", 22), ("v", 106)]);
    assert!(parts.fields.iter().all(|part| part.valid_data == [true, false]));
    let Some(Field::Vectors(vectors)) = &parts.fields[1].field else { panic!("vectors") };
    let Some(Vector::VectorArray(lists)) = &vectors.data else { panic!("lists of vectors") };
    assert_eq!((lists.data.len(), lists.element_type), (2, 102), "a null has a place");
}

#[test]
fn no_rows_still_have_a_type() {
    for data_type in DataType::ALL {
        let field = schema(*data_type, DataType::VarChar, true);
        let (wire, back) = sent_back(field.clone(), column(&field, &[]));
        assert_eq!((wire.r#type, wire.field_name.as_str(), wire.field_id), (data_type.number(), "f", 101));
        assert!(!matches!(back.data, InputData::Empty), "{data_type}: clients look for the payload's kind");
        if let Some(Field::Vectors(vectors)) = wire.field {
            assert_eq!(vectors.dim, field.dim as i64);
        }
    }
}

#[test]
fn dynamic_rows_are_always_objects() {
    let mut field = schema(DataType::Json, DataType::Int64, true);
    field.dynamic = true;
    let values = [Value::Str("{\"a\":1}".into()), Value::Null, Value::Str(String::new())];
    let (wire, back) = sent_back(field.clone(), column(&field, &values));
    assert!(wire.is_dynamic && wire.valid_data.is_empty());
    let texts: Vec<Value> = ["{\"a\":1}", "{}", "{}"].map(|text| Value::Str(text.into())).into();
    assert_eq!(rows(&back.data, 1), texts);
}

#[test]
fn dense_vectors_move() {
    let data = Bytes::from(vec![7_u8; 4 * DIM * 3]);
    let column = Column::new(ColumnData::Fixed { width: 4 * DIM, data: data.clone() });
    let output = OutputField { field: schema(DataType::FloatVector, DataType::Int64, false), column };
    assert_eq!(weight(std::slice::from_ref(&output)), 0);
    let Some(Field::Vectors(VectorField { data: Some(Vector::FloatVector(sent)), .. })) =
        super::field(output, "UTC").field
    else {
        panic!("a float vector went in");
    };
    assert_eq!(sent.data.as_ptr(), data.as_ptr());
}

#[test]
fn arrays_name_their_elements() {
    let field = schema(DataType::Array, DataType::VarChar, false);
    let list = Value::Array(vec![Value::Str("a".into()), Value::Str(String::new())]);
    let (wire, _) = sent_back(field.clone(), column(&field, &[list, Value::Array(vec![])]));
    let Some(Field::Scalars(ScalarField { data: Some(Scalar::ArrayData(lists)) })) = wire.field else {
        panic!("lists went in");
    };
    assert_eq!((lists.element_type, lists.data.len()), (DataType::VarChar.number(), 2));
    let row = |texts: &[&str]| {
        let data = texts.iter().map(|text| Bytes::copy_from_slice(text.as_bytes())).collect();
        ScalarField { data: Some(Scalar::StringData(StringArray { data })) }
    };
    assert_eq!(lists.data, [row(&["a", ""]), row(&[])]);
}

#[test]
fn sparse_dimensions_are_counted() {
    let field = schema(DataType::SparseFloatVector, DataType::Int64, false);
    let pair = |index: u32| [index.to_le_bytes(), 1_f32.to_le_bytes()].concat();
    let values = [Value::Bytes(pair(4)), Value::Bytes([pair(0), pair(900)].concat()), Value::Bytes(vec![])];
    let (wire, _) = sent_back(field.clone(), column(&field, &values));
    assert!(matches!(wire.field, Some(Field::Vectors(VectorField { dim: 901, .. }))));
}

#[test]
fn moments_are_local_times_of_the_zone() {
    let field = schema(DataType::Timestamptz, DataType::Int64, true);
    let column = column(&field, &[Value::Int(1_500_000), Value::Null]);
    let wire = super::field(OutputField { field, column }, "Asia/Tokyo");
    let Some(Field::Scalars(ScalarField { data: Some(Scalar::StringData(texts)) })) = wire.field else {
        panic!("moments went in");
    };
    assert_eq!(
        (texts.data, wire.valid_data),
        (vec!["1970-01-01T09:00:01.5+09:00".into(), "".into()], vec![true, false])
    );
}
