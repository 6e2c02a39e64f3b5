//! Questions about shapes.

use super::{Rows, answers, column, refusal};
use crate::compile;
use elanus_geotime::geometry;
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};

fn schema() -> CollectionSchema {
    let mut fields =
        vec![FieldSchema::new(100, "id", DataType::Int64), FieldSchema::new(101, "g", DataType::Geometry)];
    fields[0].primary_key = true;
    fields[1].nullable = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

const SHAPES: [&str; 6] = [
    "POINT(1 1)",
    "LINESTRING(0 0,2 2)",
    "POLYGON((0 0,4 0,4 4,0 4,0 0))",
    "POLYGON((0 0,4 4,4 0,0 4,0 0))",
    "MULTIPOINT(9 9,1 1)",
    "POINT EMPTY",
];

/// The shapes, a null, and bytes that are no shape.
fn rows() -> Rows {
    let schema = schema();
    let mut shapes: Vec<Value> =
        SHAPES.iter().map(|text| Value::Bytes(geometry::from_wkt(text).expect("WKT"))).collect();
    shapes.extend([Value::Null, Value::Bytes(b"damaged".to_vec())]);
    let values = [(0..8).map(Value::Int).collect(), shapes];
    let columns = schema.fields.iter().zip(&values).map(|(f, v)| (f.id, column(f, v))).collect();
    Rows { rows: 8, columns }
}

#[test]
fn relations_go_from_the_field_to_the_literal() {
    let cases: &[(&str, &[usize])] = &[
        ("st_equals(g, 'POINT(1 1)')", &[0]),
        ("st_within(g, 'POLYGON((0 0,4 0,4 4,0 4,0 0))')", &[0, 1, 2]),
        ("ST_CONTAINS(g, 'POINT(1 0.5)')", &[2]),
        ("st_intersects(g, 'POINT(1 1)')", &[0, 1, 2, 3, 4]),
        ("st_touches(g, 'LINESTRING(4 0,6 0)')", &[2]),
        ("st_overlaps(g, 'MULTIPOINT(1 1,5 5)')", &[4]),
        ("st_crosses(g, 'LINESTRING(0 2,2 0)')", &[1, 3, 4]),
        ("ST_ISVALID(g)", &[0, 1, 2, 4, 5]),
        ("not st_isvalid(g)", &[3, 7]),
        ("st_dwithin(g, 'POINT(1 1)', 0)", &[0, 1, 2, 3, 4]),
        ("st_dwithin(g, 'POINT(1 2)', 111195.0) and id < 2", &[0, 1]),
        ("st_dwithin(g, 'POINT(1 2)', 111190.0) and id < 1", &[]),
        ("g is null", &[6]),
        ("g is not null and id > 4", &[5, 7]),
    ];
    for (text, expected) in cases {
        let (passing, unknown) = answers(text, &schema(), &rows());
        assert_eq!(passing, *expected, "{text}");
        assert!(unknown.iter().all(|row| *row == 6), "{text}");
    }
    assert_eq!(
        answers("not st_equals(g, 'POINT(1 1)')", &schema(), &rows()),
        (vec![1, 2, 3, 4, 5, 7], vec![6])
    );
}

#[test]
fn shapes_may_come_as_templates() {
    let mut filter = FilterText::new("st_dwithin(g, {where}, {far})");
    filter.templates.insert("where".into(), Value::Str("POINT(1 1)".into()));
    filter.templates.insert("far".into(), Value::Int(10));
    let predicate = compile(&filter, &schema()).expect("compiles").expect("not blank");
    assert_eq!(predicate.evaluate(&rows()).expect("evaluates").count(), 5);
    assert_eq!(predicate.fields(), [101]);
}

#[test]
fn refusals() {
    let cases = [
        ("st_within(g, 'POLYGON((0 0,1 1,0 0))')", "invalid WKT: a ring needs four points"),
        ("st_within(g, 'somewhere')", "invalid WKT"),
        ("st_within(g, 5)", "st_within needs a shape as WKT, but got: 5"),
        ("st_within(g, g)", "st_within needs a shape as WKT"),
        ("st_within(g)", "st_within takes 2 arguments, got 1"),
        (
            "st_within(id, 'POINT(1 1)')",
            "st_within operation are only supported on geometry fields now, got: Int64",
        ),
        ("st_dwithin(g, 'LINESTRING(0 0,1 1)', 5)", "only supports POINT geometry: LINESTRING(0 0,1 1)"),
        ("st_dwithin(g, 'POINT(0 0)', -1)", "distance parameter must be non-negative, got: -1"),
        ("st_dwithin(g, 'POINT(0 0)', 'far')", "distance parameter must be a number"),
        ("g == 'POINT(1 1)'", "comparisons between Geometry and VarChar are not supported"),
        ("g == g", "comparisons between Geometry and Geometry are not supported"),
        ("g in ['POINT(1 1)']", "in list cannot be casted to Geometry"),
        ("g like 'POINT%'", "like operation on non-string"),
        ("g + 1 == 2", "cannot perform arithmetic between Geometry field and Int64"),
        ("st_isvalid(g) == true", "incompatible operands"),
    ];
    for (text, cause) in cases {
        let refusal = refusal(&FilterText::new(text), &schema());
        assert!(refusal.contains(cause), "{text}: {refusal}");
    }
}
