use super::*;
use elanus_types::CollectionRef;

fn field(name: &str, data_type: DataType) -> FieldSchema {
    FieldSchema::new(0, name, data_type)
}

fn pk() -> FieldSchema {
    FieldSchema { primary_key: true, ..field("id", DataType::Int64) }
}

fn vector() -> FieldSchema {
    FieldSchema { dim: 8, ..field("v", DataType::FloatVector) }
}

fn text(name: &str) -> FieldSchema {
    FieldSchema { max_length: 10, ..field(name, DataType::VarChar) }
}

fn collection(fields: Vec<FieldSchema>) -> NewCollection {
    NewCollection {
        target: CollectionRef { database: "default".into(), name: "c".into() },
        description: String::new(),
        fields,
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 2,
        properties: Default::default(),
    }
}

/// The message for a collection with `extra` next to a key and a vector, without Milvus's sentinel.
fn refusal(extra: Vec<FieldSchema>) -> String {
    refusal_of(&collection([vec![pk(), vector()], extra].concat()))
}

fn refusal_of(spec: &NewCollection) -> String {
    match new_collection(spec, &Limits::default()) {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.message().trim_end_matches(": invalid parameter").to_owned(),
    }
}

#[test]
fn numbers_fields_from_100_and_adds_the_dynamic_field_last() {
    let spec = NewCollection { dynamic: true, ..collection(vec![pk(), vector(), text("t")]) };
    let (schema, next) = new_collection(&spec, &Limits::default()).expect("legal");
    let ids: Vec<_> = schema.fields.iter().map(|field| (field.id, field.name.as_str())).collect();
    assert_eq!(ids, [(100, "id"), (101, "v"), (102, "t"), (103, "$meta")]);
    assert_eq!(next, 104);
    let meta = schema.dynamic().expect("dynamic");
    assert!(meta.nullable && meta.data_type == DataType::Json);
    assert_eq!(meta.default, Some(Value::Json(serde_json::json!({}))));
}

#[test]
fn vectors_need_legal_dimensions() {
    let dim = |data_type, dim: usize| {
        let type_params = vec![("dim".to_owned(), dim.to_string())];
        refusal(vec![FieldSchema { dim, type_params, ..field("w", data_type) }])
    };
    for data_type in [DataType::FloatVector, DataType::Float16Vector, DataType::Int8Vector] {
        assert_eq!(dim(data_type, 2), "ok");
        assert_eq!(
            dim(data_type, 1),
            "invalid dimension: 1 of field w. float vector dimension should be in range 2 ~ 32768"
        );
        assert!(dim(data_type, 32_769).starts_with("invalid dimension: 32769 of field w."));
    }
    assert_eq!(dim(DataType::BinaryVector, 262_144), "ok");
    assert_eq!(
        dim(DataType::BinaryVector, 12),
        "invalid dimension: 12 of field w. binary vector dimension should be multiple of 8. "
    );
    assert!(refusal(vec![field("w", DataType::FloatVector)]).contains("check type param `dim`"));
    assert_eq!(refusal(vec![field("w", DataType::SparseFloatVector)]), "ok");
    assert!(dim(DataType::SparseFloatVector, 5).contains("dim should not be specified for sparse"));
}

#[test]
fn texts_and_arrays_need_legal_sizes() {
    let error =
        new_collection(&collection(vec![pk(), vector(), field("t", DataType::VarChar)]), &Limits::default())
            .expect_err("no length");
    assert_eq!(error.kind().code(), 1101);
    assert_eq!(
        error.message(),
        "type param(max_length) should be specified for the field(t) of collection c"
    );
    let long = FieldSchema { max_length: 65_536, ..field("t", DataType::VarChar) };
    assert_eq!(
        refusal(vec![long]),
        "the maximum length specified for the field(t) should be in (0, 65535], but got 65536 instead"
    );
    let array = |element, max_capacity| FieldSchema {
        element_type: element,
        max_capacity,
        ..field("a", DataType::Array)
    };
    assert_eq!(refusal(vec![array(Some(DataType::Int8), 4096)]), "ok");
    assert!(
        refusal(vec![array(Some(DataType::Int8), 4097)])
            .starts_with("the maximum capacity specified for a Array should be in (0, 4096]")
    );
    assert!(refusal(vec![array(Some(DataType::Int8), 0)]).contains("type param(max_capacity)"));
    assert!(refusal(vec![array(Some(DataType::Json), 5)]).starts_with("element data type JSON is not valid"));
    assert!(refusal(vec![array(None, 5)]).starts_with("element data type is not specified"));
    assert!(refusal(vec![array(Some(DataType::VarChar), 5)]).starts_with("type param(max_length)"));
}

#[test]
fn keys_follow_their_rules() {
    assert_eq!(refusal_of(&collection(vec![vector()])), "primary key is not specified");
    assert!(
        refusal(vec![FieldSchema { name: "id2".into(), ..pk() }])
            .starts_with("there are more than one primary key, field name = id, id2")
    );
    let float = FieldSchema { primary_key: true, ..field("id", DataType::Float) };
    assert_eq!(
        refusal_of(&collection(vec![float, vector()])),
        "the data type of primary key should be Int64 or VarChar"
    );
    let nullable = FieldSchema { nullable: true, ..pk() };
    assert!(refusal_of(&collection(vec![nullable, vector()])).starts_with("primary field not support null"));
    let auto = FieldSchema { auto_id: true, ..field("n", DataType::Int64) };
    assert!(refusal(vec![auto]).starts_with("only primary field can speficy AutoID with true"));
    let key = |name: &str| FieldSchema { partition_key: true, ..field(name, DataType::Int64) };
    assert_eq!(refusal(vec![key("k")]), "ok");
    assert!(refusal(vec![key("k"), key("l")]).starts_with("there are more than one partition key"));
    assert!(
        refusal(vec![FieldSchema { nullable: true, ..key("k") }])
            .starts_with("partition key field not support nullable")
    );
    let error = new_collection(
        &collection(vec![pk(), FieldSchema { clustering_key: true, ..vector() }]),
        &Limits::default(),
    )
    .expect_err("vector clustering key");
    assert_eq!(error.kind().code(), 107);
}

#[test]
fn partitions_are_counted_only_with_a_partition_key() {
    let limits = Limits::default();
    let key = FieldSchema { partition_key: true, ..field("k", DataType::Int64) };
    let with = |partitions, fields: Vec<FieldSchema>| {
        let spec = NewCollection { partitions, ..collection([vec![pk(), vector()], fields].concat()) };
        partition_count(&spec, &limits).map_err(|error| error.message().to_owned())
    };
    assert_eq!(with(0, vec![]), Ok(1));
    assert_eq!(with(0, vec![key.clone()]), Ok(16));
    assert_eq!(with(3, vec![key.clone()]), Ok(3));
    let message = |result: Result<usize, String>| result.expect_err("refused");
    assert!(
        message(with(3, vec![]))
            .starts_with("num_partitions should only be specified with partition key field enabled")
    );
    assert!(
        message(with(-1, vec![key.clone()]))
            .starts_with("the specified partitions should be greater than 0 if partition key is used")
    );
    assert!(
        message(with(1025, vec![key]))
            .starts_with("partition number (1025) exceeds max configuration (1024)")
    );
}

#[test]
fn counts_and_names_are_limited() {
    let many =
        |count: usize| (0..count).map(|i| field(&format!("f{i}"), DataType::Int64)).collect::<Vec<_>>();
    assert_eq!(refusal(many(62)), "ok");
    assert_eq!(refusal(many(63)), "maximum field's number should be limited to 64");
    let vectors = |count| (0..count).map(|i| FieldSchema { name: format!("v{i}"), ..vector() }).collect();
    assert_eq!(refusal(vectors(9)), "ok");
    assert_eq!(refusal(vectors(10)), "maximum vector field's number should be limited to 10");
    assert_eq!(refusal_of(&collection(vec![pk()])), "schema does not contain vector field");
    assert_eq!(
        refusal_of(&NewCollection { shards: 17, ..collection(vec![pk(), vector()]) }),
        "maximum shards's number should be limited to 16"
    );
    assert!(refusal(vec![vector()]).starts_with("duplicated field name"));
    assert!(refusal(vec![field("$meta", DataType::Json)]).starts_with("Invalid field name: $meta"));
    let hidden = FieldSchema { dynamic: true, ..field("m", DataType::Json) };
    assert!(refusal(vec![hidden]).starts_with("cannot explicitly set a field as a dynamic field"));
}

#[test]
fn defaults_have_the_type_and_the_range_of_their_field() {
    let with = |mut field: FieldSchema, value: Value| {
        field.default = Some(value);
        refusal(vec![field])
    };
    assert_eq!(with(field("x", DataType::Int8), Value::Int(127)), "ok");
    assert!(with(field("x", DataType::Int8), Value::Int(128)).starts_with("[128] is out of range"));
    assert_eq!(with(field("x", DataType::Bool), Value::Bool(true)), "ok");
    assert_eq!(with(field("x", DataType::Float), Value::Float(1.5)), "ok");
    assert!(with(field("x", DataType::Float), Value::Float(1e300)).contains("out of range"));
    assert!(with(field("x", DataType::Double), Value::Float(f64::NAN)).contains("out of range"));
    assert_eq!(with(text("x"), Value::Str("0123456789".into())), "ok");
    assert!(with(text("x"), Value::Str("0123456789a".into())).contains("exceeds max length (10)"));
    assert_eq!(
        with(field("x", DataType::Int64), Value::Str("1".into())),
        "type (Int64) of field (x) is not equal to the type(VarChar) of default_value"
    );
    assert_eq!(
        with(field("x", DataType::Json), Value::Str("{}".into())),
        "type not support default_value, type:JSON, name:x"
    );
    assert!(
        refusal_of(&collection(vec![FieldSchema { default: Some(Value::Int(1)), ..pk() }, vector()]))
            .starts_with("primary field not support default_value")
    );
}
