//! Filter expressions: parse, bind, evaluate.

use elanus_filter::ColumnSource;
use elanus_types::input::FilterText;
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnView, DataType, FieldId, FieldSchema, StructSchema, Value,
};
use std::sync::OnceLock;

const SAMPLES: &[&str] = &[
    "id == 3",
    "id in [1, 3, 99,]",
    "small not in [0] and (price * 2 + 1 < 3.5 || not (flag == true))",
    "1 < id <= 3",
    "small % 3 == -1 and id / -1 > 9223372036854775807",
    "id ** 2 == 4 or 1 << 3 == 8",
    "name like \"a%_b\\\\%\" and name != 'b'",
    "name is null or tags is not null",
    "doc[\"a\"][0] == 1.5 and exists doc['b'] and json_contains(doc[\"c\"], [1, 2])",
    "json_contains_any(doc[\"a\"], [1, \"x\"]) or array_contains_all(tags, [\"x\", \"y\"])",
    "array_length(tags) > 1 and tags[0] == \"x\"",
    "color == {x} and size in {list} and {y} < id",
    "$meta[\"color\"] in [1, 2] and color > 0x1F",
    "text_match(name, \"a b\") and phrase_match(name, \"a\", 1)",
    "random_sample(0.1)",
    "small > 1 and random_sample({part})",
    "text_match(words, {text}, minimum_should_match = 2) or phrase_match(words, \"a b\", 3)",
    "text_match_fuzzy(words, 'a', max_edit_distance = 1)",
    "starts_with(name, doc[\"a\"]) and starts_with(words, name)",
    "at + INTERVAL 'P1Y2M3DT4H5M6S' >= ISO '2025-03-30T02:30:00.123456+05:30' and at is not null",
    "ISO '2024-02-29 00:00:00' < at - INTERVAL 'P1M' or at != iso '0000-01-01T00:00:00Z' or at == at",
    "st_within(place, 'POLYGON ((0 0, 4 0, 4 4, 0 4, 0 0), (1 1, 2 1, 2 2, 1 1))') and st_isvalid(place)",
    "st_touches(place, \"GEOMETRYCOLLECTION Z (POINT Z (1 2 3), LINESTRING Z EMPTY)\")",
    "st_dwithin(place, 'POINT (1 -2.5e1)', 1000.5) or st_equals(place, 'MULTIPOINT (1 1, (2 2))')",
    "st_crosses(place, 'MULTILINESTRING ((0 0, 3 3), EMPTY)') or st_overlaps(place, 'POINT EMPTY')",
    "true and 1 == 1.0 and \"a\" < \"b\"",
    "name =~ \"^a.*\\\\d+$\"",
    "match_any(s, $[n] > 2 and $[t] like \"a%\") or match_least(s, $[n] in [1, 2], threshold = 2)",
    "id > 0 and element_filter(s, not ($[t] == \"a\"))",
    "s is null or array_length(s[n]) == 2 or s[0][n] == 3 or array_contains(s[t], \"a\")",
    "ratio > 1e308 and small == -128 and big >= -9223372036854775808",
];

struct Rows(Vec<(FieldId, Column)>, usize);

impl ColumnSource for Rows {
    fn rows(&self) -> usize {
        self.1
    }

    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        self.0.iter().find(|(id, _)| *id == field).map(|(_, column)| column.view())
    }
}

fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "small", DataType::Int8),
        FieldSchema::new(102, "price", DataType::Float),
        FieldSchema::new(103, "name", DataType::VarChar),
        FieldSchema::new(104, "flag", DataType::Bool),
        FieldSchema::new(105, "doc", DataType::Json),
        FieldSchema::new(106, "tags", DataType::Array),
        FieldSchema::new(107, "vector", DataType::FloatVector),
        FieldSchema::new(108, "ratio", DataType::Double),
        FieldSchema::new(109, "big", DataType::Int64),
        FieldSchema::new(122, "s[n]", DataType::Array),
        FieldSchema::new(123, "s[t]", DataType::Array),
        FieldSchema::new(110, "$meta", DataType::Json),
        FieldSchema::new(111, "at", DataType::Timestamptz),
        FieldSchema::new(112, "place", DataType::Geometry),
        FieldSchema::new(113, "words", DataType::VarChar),
    ];
    for field in &mut fields {
        field.primary_key = field.id == 100;
        field.dynamic = field.id == 110;
        field.nullable = ![100, 107].contains(&field.id);
        field.max_length = 100;
        if field.id == 113 {
            field.type_params.push(("enable_match".to_owned(), "true".to_owned()));
        }
        field.max_capacity = 8;
        field.element_type = match field.id {
            106 | 123 => Some(DataType::VarChar),
            122 => Some(DataType::Int64),
            _ => None,
        };
    }
    let structure = StructSchema {
        id: 121,
        name: "s".to_owned(),
        description: String::new(),
        nullable: true,
        max_capacity: 8,
        type_params: Vec::new(),
        fields: vec![122, 123],
    };
    CollectionSchema { fields, structs: vec![structure], ..CollectionSchema::default() }
}

fn rows(schema: &CollectionSchema) -> Rows {
    let text = |text: &str| Value::Str(text.to_owned());
    let values = |field: &FieldSchema| match field.data_type {
        DataType::Int64 => [0, -1, i64::MIN, i64::MAX].map(Value::Int).to_vec(),
        DataType::Int8 => vec![Value::Null, Value::Int(-128), Value::Int(127), Value::Int(0)],
        DataType::Float => vec![Value::Null, Value::Float(0.1), Value::Float(-0.0), Value::Float(3e38)],
        DataType::Double => {
            [f64::MAX, -1e300, 0.0].map(Value::Float).into_iter().chain([Value::Null]).collect()
        }
        DataType::Bool => vec![Value::Bool(true), Value::Null, Value::Bool(false), Value::Bool(true)],
        DataType::VarChar => vec![text(""), text("a%_b"), Value::Null, text("中ü\u{1F600}")],
        DataType::Timestamptz => [i64::MIN, 1_709_164_800_000_000, i64::MAX]
            .map(Value::Int)
            .into_iter()
            .chain([Value::Null])
            .collect(),
        DataType::Geometry => {
            let point = [&[1, 1, 0, 0, 0][..], &1_f64.to_le_bytes(), &2_f64.to_le_bytes()].concat();
            vec![
                Value::Bytes(point),
                Value::Bytes(b"no shape".to_vec()),
                Value::Null,
                Value::Bytes(Vec::new()),
            ]
        }
        DataType::Array if field.id == 122 => vec![
            Value::Array(Vec::new()),
            Value::Array(vec![Value::Int(i64::MIN), Value::Int(2)]),
            Value::Null,
            Value::Array(vec![Value::Int(3)]),
        ],
        DataType::Array => vec![
            Value::Array(Vec::new()),
            Value::Array(vec![text("x"), text("y")]),
            Value::Null,
            Value::Array(vec![text("")]),
        ],
        _ => vec![
            text("{\"a\": [1.5, {\"b\": null}], \"color\": 3, \"c\": [[1, 2], \"x\"]}"),
            text("{}"),
            Value::Null,
            text("{\"a\": 9223372036854775808, \"color\": \"x\", \"b\": {\"c\": 1e400}}"),
        ],
    };
    let scalars = schema.fields.iter().filter(|field| !field.data_type.is_vector());
    let columns = scalars.map(|field| {
        let mut column = ColumnBuilder::for_field(field);
        values(field).iter().for_each(|value| assert!(column.push(value), "{value} in {}", field.name));
        (field.id, column.finish())
    });
    Rows(columns.collect(), 4)
}

pub fn run(input: &[u8]) {
    static WORLD: OnceLock<(CollectionSchema, Rows)> = OnceLock::new();
    let (schema, rows) = WORLD.get_or_init(|| {
        let schema = schema();
        let rows = rows(&schema);
        (schema, rows)
    });
    let mut filter = FilterText::new(String::from_utf8_lossy(input));
    let templates = [
        ("x", Value::Int(3)),
        ("y", Value::Float(-0.5)),
        ("part", Value::Float(0.5)),
        ("text", Value::Str("quick fox".to_owned())),
        ("list", Value::Array(vec![Value::Str("x".to_owned()), Value::Int(1)])),
    ];
    filter.templates.extend(templates.map(|(name, value)| (name.to_owned(), value)));
    let _ = elanus_filter::compile_delete(&filter, schema);
    if let Ok(Some(predicate)) = elanus_filter::compile(&filter, schema) {
        let (_, _) = (predicate.primary_keys(100), predicate.partition_keys(103));
        if let Ok(mut passing) = predicate.evaluate(rows) {
            predicate.sample(&mut passing);
            assert_eq!(passing.len(), rows.1, "one answer for every row");
        }
        if let Some(elements) = predicate.elements(rows) {
            assert_eq!(elements.len(), 3, "one answer for every element");
        }
    }
}

pub fn samples() -> Vec<Vec<u8>> {
    SAMPLES.iter().map(|text| text.as_bytes().to_vec()).collect()
}
