use super::*;
use crate::db::NewCollection;
use crate::validate::schema::new_collection;
use elanus_types::{CollectionRef, Value};

fn part(name: &str, data_type: DataType, element: DataType) -> FieldSchema {
    FieldSchema {
        element_type: Some(element),
        max_capacity: 4,
        max_length: if element == DataType::VarChar { 9 } else { 0 },
        dim: if element.is_vector() { 8 } else { 0 },
        ..FieldSchema::new(0, name, data_type)
    }
}

fn numbers() -> FieldSchema {
    part("n", DataType::Array, DataType::Int64)
}

fn vectors() -> FieldSchema {
    part("v", DataType::ArrayOfVector, DataType::FloatVector)
}

fn structure(fields: Vec<FieldSchema>) -> NewStruct {
    NewStruct { name: "s".into(), fields, ..NewStruct::default() }
}

fn refusal(declared: &NewStruct) -> String {
    match check(declared, "c", &Limits::default()) {
        Ok(()) => "ok".to_owned(),
        Err(error) => error.message().to_owned(),
    }
}

fn collection(fields: Vec<FieldSchema>, structs: Vec<NewStruct>) -> NewCollection {
    let key = FieldSchema { primary_key: true, ..FieldSchema::new(0, "id", DataType::Int64) };
    NewCollection {
        target: CollectionRef { database: "default".into(), name: "c".into() },
        description: String::new(),
        fields: [vec![key], fields].concat(),
        structs,
        dynamic: true,
        shards: 0,
        partitions: 0,
        consistency_level: 2,
        properties: Default::default(),
    }
}

#[test]
fn parts_are_numbered_after_their_struct_and_fields_before() {
    let two = vec![
        structure(vec![numbers(), vectors()]),
        NewStruct { name: "t".into(), ..structure(vec![vectors()]) },
    ];
    let (schema, next) = new_collection(&collection(Vec::new(), two), &Limits::default()).expect("legal");
    let ids: Vec<_> = schema.fields.iter().map(|field| (field.id, field.name.as_str())).collect();
    assert_eq!(ids, [(100, "id"), (102, "s[n]"), (103, "s[v]"), (105, "t[v]"), (106, "$meta")]);
    assert_eq!(next, 107);
    let structs: Vec<_> =
        schema.structs.iter().map(|it| (it.id, it.name.as_str(), it.fields.clone())).collect();
    assert_eq!(structs, [(101, "s", vec![102, 103]), (104, "t", vec![105])]);
    assert_eq!(schema.structure_of(103).map(|it| it.id), Some(101));
}

#[test]
fn refusals_name_field_and_reason() {
    assert_eq!(
        refusal(&structure(vec![numbers(), vectors(), part("t", DataType::Array, DataType::VarChar)])),
        "ok"
    );
    let cases = [
        (vec![], "struct array field s has no sub-fields"),
        (vec![numbers(), numbers()], "duplicated field name, field name = s[n]"),
        (
            vec![FieldSchema::new(0, "n", DataType::Int64)],
            "must be Array or ArrayOfVector, but field s[n] is Int64",
        ),
        (
            vec![FieldSchema { primary_key: true, ..numbers() }],
            "cannot be the primary key, field name = s[n]",
        ),
        (vec![FieldSchema { partition_key: true, ..numbers() }], "cannot be the partition key"),
        (vec![FieldSchema { clustering_key: true, ..numbers() }], "cannot be the clustering key"),
        (vec![FieldSchema { default: Some(Value::Int(1)), ..numbers() }], "cannot have a default value"),
        (
            vec![FieldSchema { nullable: true, ..numbers() }],
            "cannot be nullable, but the whole struct array can",
        ),
        (vec![FieldSchema { name: "a[b".into(), ..numbers() }], "Invalid field name: a[b"),
        (vec![FieldSchema { max_capacity: 5000, ..numbers() }], "should be in (0, 4096], field name = n"),
        (
            vec![numbers(), FieldSchema { max_capacity: 5, ..vectors() }],
            "must have one max_capacity, but n has 4 and v has 5",
        ),
        (vec![FieldSchema { dim: 1, ..vectors() }], "invalid dimension: 1 of field v"),
        (
            vec![part("v", DataType::ArrayOfVector, DataType::SparseFloatVector)],
            "element data type SparseFloatVector is not valid",
        ),
        (
            vec![part("v", DataType::Array, DataType::FloatVector)],
            "element data type FloatVector is not valid",
        ),
    ];
    for (fields, reason) in cases {
        let message = refusal(&structure(fields));
        assert!(message.contains(reason), "{message} has not {reason}");
    }
    assert!(
        refusal(&NewStruct { name: "a[b]".into(), ..structure(vec![numbers()]) })
            .contains("Invalid field name")
    );
}

#[test]
fn a_collection_counts_parts_as_fields() {
    let refused = |spec: &NewCollection| match new_collection(spec, &Limits::default()) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.message().to_owned(),
    };
    assert_eq!(
        refused(&collection(Vec::new(), vec![structure(vec![vectors()])])),
        "ok",
        "a vector in a struct is one"
    );
    assert!(
        refused(&collection(Vec::new(), vec![structure(vec![numbers()])]))
            .contains("does not contain vector field")
    );
    let same = FieldSchema { name: "s".into(), ..FieldSchema::new(0, "s", DataType::Int64) };
    let twice = refused(&collection(vec![same], vec![structure(vec![vectors()])]));
    assert!(twice.contains("duplicated field name, field name = s"), "{twice}");
    let alone = refused(&collection(vec![vectors()], Vec::new()));
    assert!(alone.contains("only supported for fields of a struct array"), "{alone}");
    let many = (0..64).map(|i| FieldSchema { name: format!("n{i}"), ..numbers() }).collect();
    let many = refused(&collection(
        vec![],
        vec![structure(many), NewStruct { name: "t".into(), ..structure(vec![vectors()]) }],
    ));
    assert!(many.contains("maximum field's number should be limited to 64"), "{many}");
}
