//! Moments, intervals and time zones.

use super::{Rows, answers, column, refusal};
use crate::{compile, compile_in};
use elanus_geotime::time::{self, Zone};
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};

fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "t", DataType::Timestamptz),
        FieldSchema::new(102, "u", DataType::Timestamptz),
        FieldSchema::new(103, "$meta", DataType::Json),
    ];
    fields[0].primary_key = true;
    fields[1].nullable = true;
    fields[3].dynamic = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

fn rows() -> Rows {
    let moment = |text: &str| Value::Int(time::parse(text, &Zone::UTC).expect("a moment"));
    let schema = schema();
    let values = [
        (0..5).map(Value::Int).collect::<Vec<_>>(),
        vec![
            moment("2024-01-31T12:00:00Z"),
            moment("2024-02-29T00:00:00Z"),
            Value::Null,
            moment("2025-03-30T01:30:00Z"),
            moment("9999-12-31T23:59:59.999999Z"),
        ],
        vec![
            moment("2024-01-31T12:00:00Z"),
            moment("2025-01-01T00:00:00Z"),
            moment("2025-01-01T00:00:00Z"),
            moment("2025-01-01T00:00:00Z"),
            moment("1969-12-31T23:59:59.999999Z"),
        ],
    ];
    let columns = schema.fields.iter().zip(&values).map(|(f, v)| (f.id, column(f, v))).collect();
    Rows { rows: 5, columns }
}

#[test]
fn comparisons_with_moments() {
    let cases: &[(&str, &[usize])] = &[
        ("t == ISO '2024-02-29T00:00:00Z'", &[1]),
        ("t != iso '2024-02-29T00:00:00Z'", &[0, 3, 4]),
        ("t >= ISO '2024-02-29T08:00:00+08:00'", &[1, 3, 4]),
        ("ISO '2024-02-29T00:00:00Z' > t", &[0]),
        ("ISO \"2024-02-29T00:00:00Z\" <= t and t < ISO '2026-01-01T00:00:00Z'", &[1, 3]),
        ("not (t < ISO '2024-02-29T00:00:00Z')", &[1, 3, 4]),
        ("t + INTERVAL 'P1D' == ISO '2024-03-01T00:00:00Z'", &[1]),
        ("ISO '2024-03-01T00:00:00Z' == t + interval 'P1D'", &[1]),
        // The last day of the month, and of a leap year.
        ("t + INTERVAL 'P1M' == ISO '2024-02-29T12:00:00Z'", &[0]),
        ("t - INTERVAL 'P1Y' == ISO '2023-02-28T00:00:00Z'", &[1]),
        ("t + INTERVAL 'P1Y1M' > ISO '2026-01-01T00:00:00Z'", &[3, 4]),
        ("ISO '2025-01-01T00:00:00Z' >= t - INTERVAL 'P1M1DT1H'", &[0, 1]),
        // Beyond the calendar is after everything in it.
        ("t + INTERVAL 'P1M' > ISO '9999-12-31T23:59:59Z'", &[4]),
        ("t - INTERVAL 'P9999Y' < ISO '0001-01-01T00:00:00Z'", &[0, 1, 3, 4]),
        ("t + INTERVAL 'PT900000000000S' < ISO '2025-01-01T00:00:00Z'", &[]),
        ("t == u", &[0]),
        ("t > u", &[3, 4]),
        ("u < ISO '1970-01-01T00:00:00Z'", &[4]),
        ("t is null", &[2]),
        ("t is not null and id < 2", &[0, 1]),
    ];
    for (text, expected) in cases {
        assert_eq!(answers(text, &schema(), &rows()).0, *expected, "{text}");
    }
    let (_, unknown) = answers("not (t + INTERVAL 'P1M' > ISO '2025-01-01T00:00:00Z')", &schema(), &rows());
    assert_eq!(unknown, [2]);
}

#[test]
fn moments_without_an_offset_are_local_times() {
    let passing = |filter: &FilterText, zone: Option<&str>| {
        let predicate = match zone {
            Some(name) => compile_in(filter, &schema(), &Zone::find(name).expect("a zone")),
            None => compile(filter, &schema()),
        };
        let predicate = predicate.expect("compiles").expect("not blank");
        predicate.evaluate(&rows()).expect("evaluates").iter().collect::<Vec<_>>()
    };
    let filter = FilterText::new("t == ISO '2025-03-30 03:30:00'");
    assert_eq!(passing(&filter, Some("Europe/Berlin")), [3]);
    assert_eq!(passing(&filter, None), [0_usize; 0]);
    let named = FilterText { timezone: Some("Europe/Berlin".into()), ..filter };
    assert_eq!(passing(&named, None), [3]);
    // Skipped in Berlin, where clocks went from 02:00 to 03:00.
    let skipped = FilterText::new("t == ISO '2025-03-30T02:30:00'");
    assert_eq!(passing(&skipped, Some("Europe/Berlin")), [3]);
    let unknown = FilterText { timezone: Some("Nowhere".into()), ..FilterText::new("id == 1") };
    assert!(
        compile(&unknown, &schema()).expect_err("no zone").message().contains("IANA Time Zone ID: Nowhere")
    );
}

#[test]
fn refusals() {
    let cases = [
        ("t > '2025-01-01T00:00:00Z'", "comparisons between Timestamptz and VarChar are not supported"),
        ("5 < t", "comparisons between Int64 and Timestamptz are not supported"),
        ("t == id", "comparisons between Timestamptz and Int64 are not supported"),
        ("t in ['2025-01-01T00:00:00Z']", "in list cannot be casted to Timestamptz"),
        ("t in [ISO '2025-01-01T00:00:00Z']", "in list cannot be a non-const expression"),
        ("t > ISO 'yesterday'", "can not convert compare string: yesterday"),
        ("t > ISO '2025-01-01T00:00:00+15:00'", "can not convert compare string"),
        ("t + INTERVAL '1D' > ISO '2025-01-01T00:00:00Z'", "can not convert interval string: 1D"),
        ("t + INTERVAL 'P1.5D' > ISO '2025-01-01T00:00:00Z'", "can not convert interval string"),
        ("id > ISO '2025-01-01T00:00:00Z'", "field 'id' is not a timestamptz datatype"),
        ("color > ISO '2025-01-01T00:00:00Z'", "field 'color' is not a timestamptz datatype"),
        ("id + INTERVAL 'P1D' > ISO '2025-01-01T00:00:00Z'", "field 'id' is not a timestamptz datatype"),
        ("t * INTERVAL 'P1D' > ISO '2025-01-01T00:00:00Z'", "an interval can only be added or subtracted"),
        ("t + 5 > 6", "cannot perform arithmetic between Timestamptz field and Int64"),
        ("t - u > INTERVAL 'P1D'", "between multiple fields"),
        (
            "INTERVAL 'P1D' + t > ISO '2025-01-01T00:00:00Z'",
            "complicated arithmetic operations are not supported",
        ),
        ("t + INTERVAL 'P1D' > u", "comparisons between Timestamptz and Timestamptz are not supported"),
        (
            "ISO '2025-01-01T00:00:00Z' < t < ISO '2026-01-01T00:00:00Z'",
            "range operations are not supported on timestamptz",
        ),
        ("1 < t < 2", "comparisons between Timestamptz and Int64 are not supported"),
        ("t like '2025%'", "like operation on non-string"),
        ("exists t", "only supportted on json field, got:Timestamptz"),
        ("t", "data type: Timestamptz"),
        ("ISO '2025-01-01T00:00:00Z' == ISO '2025-01-01T00:00:00Z'", "only comparison between two fields"),
        ("t > ISO", "no viable alternative"),
    ];
    for (text, cause) in cases {
        let refusal = refusal(&FilterText::new(text), &schema());
        assert!(refusal.contains(cause), "{text}: {refusal}");
    }
}
