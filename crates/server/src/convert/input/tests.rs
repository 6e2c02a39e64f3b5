use super::*;
use elanus_proto::schema::{
    ArrayArray, BytesArray, FloatArray, IntArray, LongArray, SparseFloatArray, StringArray, StructArrayField,
    VectorArray,
};

fn sent(name: &str, field: Option<Field>) -> FieldData {
    FieldData { field_name: name.into(), field, ..Default::default() }
}

fn scalars(data: Scalar) -> Option<Field> {
    Some(Field::Scalars(ScalarField { data: Some(data) }))
}

fn vectors(dim: i64, data: Vector) -> Option<Field> {
    Some(Field::Vectors(VectorField { dim, data: Some(data) }))
}

fn one(field: Option<Field>) -> Result<InputData> {
    fields(vec![sent("f", field)]).map(|mut fields| fields.remove(0).data)
}

#[test]
fn names_flags_and_dynamic_marks_travel() -> Result<()> {
    let field = FieldData { is_dynamic: true, valid_data: vec![true, false], ..sent("$meta", None) };
    let field = fields(vec![field])?.remove(0);
    assert_eq!((field.name.as_str(), field.dynamic, field.valid), ("$meta", true, vec![true, false]));
    assert!(matches!(field.data, InputData::Empty), "a column of nulls alone has no payload");
    Ok(())
}

#[test]
fn vectors_stay_where_they_are() -> Result<()> {
    let payload = Bytes::from(vec![1_u8; 32]);
    let table = [
        (Vector::FloatVector(FloatArray { data: payload.clone() }), DataType::FloatVector),
        (Vector::BinaryVector(payload.clone()), DataType::BinaryVector),
        (Vector::Float16Vector(payload.clone()), DataType::Float16Vector),
        (Vector::Bfloat16Vector(payload.clone()), DataType::BFloat16Vector),
        (Vector::Int8Vector(payload.clone()), DataType::Int8Vector),
    ];
    for (vector, expected) in table {
        let InputData::Vector { data_type, dim, data } = one(vectors(8, vector))? else {
            panic!("{expected} is a vector");
        };
        assert_eq!((data_type, dim), (expected, 8));
        assert_eq!(data.as_ptr(), payload.as_ptr(), "{expected} was copied");
    }
    let sparse = SparseFloatArray { contents: vec![payload.clone(), Bytes::new()], dim: 0 };
    let InputData::Sparse(rows) = one(vectors(0, Vector::SparseFloatVector(sparse)))? else {
        panic!("sparse rows were sent");
    };
    assert_eq!(rows, [payload, Bytes::new()]);
    Ok(())
}

#[test]
fn lists_keep_their_rows() -> Result<()> {
    let ints = |data: &[i32]| ScalarField { data: Some(Scalar::IntData(IntArray { data: data.to_vec() })) };
    let rows = vec![ints(&[1, 2]), ints(&[]), ScalarField::default()];
    let InputData::Array(rows) = one(scalars(Scalar::ArrayData(ArrayArray { data: rows, element_type: 0 })))?
    else {
        panic!("lists were sent");
    };
    assert!(matches!(&rows[0], InputData::Int(list) if list == &[1, 2]));
    assert!(matches!(&rows[1], InputData::Int(list) if list.is_empty()));
    assert!(matches!(&rows[2], InputData::Empty));
    Ok(())
}

#[test]
fn payloads_that_are_not_what_they_claim() {
    let text = StringArray { data: vec![Bytes::from_static(&[0xc3, 0x28])] };
    let error = one(scalars(Scalar::StringData(text))).expect_err("not a text");
    assert!(error.message().starts_with("field (f): a text is not valid UTF-8"), "{error}");
    let floats = FloatArray { data: Bytes::from_static(&[0; 6]) };
    let error = one(scalars(Scalar::FloatData(floats))).expect_err("half a float");
    assert!(error.message().contains("6 bytes"), "{error}");
}

#[test]
fn unsupported_types_keep_their_name() -> Result<()> {
    let bytes = scalars(Scalar::BytesData(BytesArray::default()));
    let within = Some(Field::StructArrays(StructArrayField::default()));
    let structs = Some(Field::StructArrays(StructArrayField { fields: vec![sent("x", within)] }));
    for (field, expected) in [(bytes, "Bytes"), (structs, "ArrayOfStruct")] {
        assert!(matches!(one(field)?, InputData::Unsupported(name) if name == expected), "{expected}");
    }
    let lists = VectorField { dim: 4, data: Some(Vector::VectorArray(VectorArray::default())) };
    let within = vectors(4, Vector::VectorArray(VectorArray { data: vec![lists], ..Default::default() }));
    let InputData::Vectors(lists) = one(within)? else { panic!("lists were sent") };
    assert!(matches!(lists[0], InputData::Unsupported("ArrayOfVector")));
    Ok(())
}

#[test]
fn parts_of_structs_become_columns() -> Result<()> {
    let numbers = |data| ScalarField { data: Some(Scalar::LongData(LongArray { data })) };
    let lists = ArrayArray { data: vec![numbers(vec![1, 2]), numbers(vec![])], element_type: 0 };
    let floats = |bytes: usize| VectorField {
        dim: 2,
        data: Some(Vector::FloatVector(FloatArray { data: vec![0; bytes].into() })),
    };
    let vectors_of = VectorArray { dim: 2, data: vec![floats(16), floats(0)], element_type: 101 };
    let parts = vec![
        FieldData { valid_data: vec![true, true, false], ..sent("n", scalars(Scalar::ArrayData(lists))) },
        sent("s[v]", vectors(2, Vector::VectorArray(vectors_of))),
    ];
    let whole = FieldData {
        valid_data: vec![true, false, true],
        ..sent("s", Some(Field::StructArrays(StructArrayField { fields: parts })))
    };
    let back = fields(vec![whole, sent("other", None)])?;
    let names: Vec<&str> = back.iter().map(|field| field.name.as_str()).collect();
    assert_eq!(names, ["s[n]", "s[v]", "other"]);
    assert_eq!(back[0].valid, [true, true, false], "a part's own flags come first");
    assert_eq!(back[1].valid, [true, false, true]);
    assert!(matches!(&back[0].data, InputData::Array(rows) if rows.len() == 2));
    let InputData::Vectors(rows) = &back[1].data else { panic!("lists of vectors were sent") };
    assert!(
        matches!(&rows[0], InputData::Vector { data_type: DataType::FloatVector, dim: 2, data } if data.len() == 16)
    );
    assert!(matches!(rows[1], InputData::Empty));
    Ok(())
}

#[test]
fn only_what_conversion_touches_weighs() {
    let float_vectors = vectors(8, Vector::FloatVector(FloatArray { data: vec![0; 1 << 16].into() }));
    let numbers = scalars(Scalar::LongData(LongArray { data: vec![0; 1000] }));
    assert_eq!(weight(&[sent("v", float_vectors), sent("n", numbers)]), 0);
    let texts = scalars(Scalar::StringData(StringArray { data: vec![Bytes::from_static(&[b'a'; 99]); 10] }));
    assert_eq!(weight(&[sent("t", texts)]), 1000);
}
