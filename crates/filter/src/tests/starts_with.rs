//! Texts that begin with another.

use super::{Rows, answers, column, refusal};
use elanus_types::input::FilterText;
use elanus_types::{CollectionSchema, DataType, FieldSchema, Value};

fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "s", DataType::VarChar),
        FieldSchema::new(102, "p", DataType::VarChar),
        FieldSchema::new(103, "j", DataType::Json),
        FieldSchema::new(104, "a", DataType::Array),
    ];
    fields[0].primary_key = true;
    fields[2].nullable = true;
    fields[4].element_type = Some(DataType::VarChar);
    CollectionSchema { fields, ..CollectionSchema::default() }
}

fn rows() -> Rows {
    let schema = schema();
    let text = |s: &str| Value::Str(s.to_owned());
    let list = |items: &[&str]| Value::Array(items.iter().map(|item| text(item)).collect());
    let values = [
        (0..4).map(Value::Int).collect::<Vec<_>>(),
        vec![text("abc"), text("abc"), text("abc"), text("")],
        vec![text("ab"), text("b"), Value::Null, text("")],
        vec![text(r#"{"k": "a"}"#), text(r#"{"k": 5}"#), text(r#"{"k": "\u0061bc"}"#), text("{}")],
        vec![list(&["x"]), list(&[]), list(&["abcd", "abc"]), list(&[""])],
    ];
    let columns = schema.fields.iter().zip(&values).map(|(f, v)| (f.id, column(f, v))).collect();
    Rows { rows: 4, columns }
}

#[test]
fn the_prefix_may_be_a_field() {
    let cases: &[(&str, &[usize], &[usize])] = &[
        ("starts_with(s, \"ab\")", &[0, 1, 2], &[]),
        ("starts_with(s, p)", &[0, 3], &[2]),
        ("not starts_with(s, p)", &[1], &[2]),
        ("starts_with(s, j[\"k\"])", &[0, 2], &[1, 3]),
        ("starts_with(a[0], s)", &[2, 3], &[1]),
        ("starts_with(j[\"k\"], a[1])", &[2], &[0, 1, 3]),
        ("id > 0 and starts_with(s, p)", &[3], &[2]),
    ];
    for (text, passing, unknown) in cases {
        let got = answers(text, &schema(), &rows());
        assert_eq!((got.0.as_slice(), got.1.as_slice()), (*passing, *unknown), "{text}");
    }
}

#[test]
fn refusals() {
    for (text, cause) in [
        ("starts_with(s, id)", "function starts_with(varchar, int64) not found"),
        ("starts_with(id, s)", "function starts_with(int64) not found"),
        ("starts_with(s, 5)", "function starts_with(varchar, int64) not found"),
        ("starts_with(s)", "starts_with takes 2 arguments, got 1"),
    ] {
        let refusal = refusal(&FilterText::new(text), &schema());
        assert!(refusal.contains(cause), "{text}: {refusal}");
    }
}
