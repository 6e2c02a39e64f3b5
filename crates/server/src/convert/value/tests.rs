use super::*;
use elanus_proto::schema::{JsonArray, LongArray, StringArray, TemplateArrayValueArray};

fn templates(values: Vec<(&str, Val)>) -> HashMap<String, TemplateValue> {
    let pair = |(name, val): (&str, Val)| (name.to_owned(), TemplateValue { val: Some(val) });
    values.into_iter().map(pair).collect()
}

fn array(data: List) -> Val {
    Val::ArrayVal(TemplateArrayValue { data: Some(data) })
}

#[test]
fn defaults_of_every_slot_come_back() {
    let values = [
        (Value::Bool(true), DataType::Bool),
        (Value::Int(-7), DataType::Int8),
        (Value::Int(i64::MAX), DataType::Int64),
        (Value::Float(0.5), DataType::Float),
        (Value::Float(0.1), DataType::Double),
        (Value::Str("ü".into()), DataType::VarChar),
        (Value::Json(serde_json::json!({"a": [1, null]})), DataType::Json),
    ];
    for (value, data_type) in values {
        let sent = default_out(&value, data_type, &Zone::UTC).unwrap();
        let (back, types) = default_in(&sent).unwrap().unwrap();
        assert_eq!(back, value);
        assert!(types.contains(&data_type), "{data_type}");
    }
    let zone = Zone::find("Asia/Tokyo").unwrap();
    let shape = geometry::from_wkt("POINT(1 2)").unwrap();
    for (stored, data_type, text) in [
        (Value::Int(0), DataType::Timestamptz, "1970-01-01T09:00:00+09:00"),
        (Value::Bytes(shape), DataType::Geometry, "POINT (1 2)"),
    ] {
        let (back, types) = default_in(&default_out(&stored, data_type, &zone).unwrap()).unwrap().unwrap();
        assert_eq!(back, Value::Str(text.into()));
        assert!(types.contains(&data_type));
    }
    assert_eq!(default_in(&ValueField::default()).unwrap(), None);
    assert!(default_in(&ValueField { data: Some(Default::BytesData("{".into())) }).is_err());
}

#[test]
fn templates_of_every_kind() {
    let sent = templates(vec![
        ("b", Val::BoolVal(true)),
        ("i", Val::Int64Val(3)),
        ("f", Val::FloatVal(0.5)),
        ("s", Val::StringVal("x".into())),
        ("ints", array(List::LongData(LongArray { data: vec![1, 2] }))),
        ("texts", array(List::StringData(StringArray { data: vec!["a".into(), "b".into()] }))),
        ("mixed", array(List::JsonData(JsonArray { data: vec!["1".into(), "\"a\"".into(), "0.5".into()] }))),
        ("none", Val::ArrayVal(TemplateArrayValue { data: None })),
    ]);
    let filter = filter("id in {ints}".into(), &sent).unwrap();
    assert_eq!(filter.expression, "id in {ints}");
    let expected = [
        ("b", Value::Bool(true)),
        ("i", Value::Int(3)),
        ("f", Value::Float(0.5)),
        ("s", Value::Str("x".into())),
        ("ints", Value::Array(vec![Value::Int(1), Value::Int(2)])),
        ("texts", Value::Array(vec![Value::Str("a".into()), Value::Str("b".into())])),
        ("mixed", Value::Array(vec![Value::Int(1), Value::Str("a".into()), Value::Float(0.5)])),
        ("none", Value::Array(vec![])),
    ];
    assert_eq!(filter.templates.len(), expected.len());
    for (name, value) in expected {
        assert_eq!(filter.templates[name], value, "{name}");
    }
}

#[test]
fn bad_templates_name_their_variable() {
    let message = |val| filter(String::new(), &templates(vec![("x", val)])).unwrap_err().message().to_owned();
    let bad_text = StringArray { data: vec![bytes::Bytes::from_static(&[0xff])] };
    assert!(message(array(List::StringData(bad_text))).starts_with("template value x: "));
    assert!(message(array(List::JsonData(JsonArray { data: vec!["{".into()] }))).contains("not a JSON text"));
    let unset = HashMap::from([("x".to_owned(), TemplateValue { val: None })]);
    assert_eq!(filter(String::new(), &unset).unwrap_err().message(), "template value x: no value is set");
}

#[test]
fn lists_in_lists_end_somewhere() {
    let mut nested = TemplateArrayValue::default();
    for _ in 0..DEEPEST_LIST + 1 {
        let data = List::ArrayData(TemplateArrayValueArray { data: vec![nested] });
        nested = TemplateArrayValue { data: Some(data) };
    }
    assert!(filter(String::new(), &templates(vec![("x", Val::ArrayVal(nested))])).is_err());
}
