//! Expressions over a small set of rows, and the errors of wrong ones.

use crate::{ColumnSource, compile};
use elanus_kernels::Bitmap;
use elanus_types::input::FilterText;
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnView, DataType, FieldId, FieldSchema, Value,
};

/// The rows that pass, and those for which it is unknown.
pub(crate) fn answers(text: &str, schema: &CollectionSchema, rows: &Rows) -> (Vec<usize>, Vec<usize>) {
    let predicate = compile(&FilterText::new(text), schema);
    let predicate = predicate.unwrap_or_else(|error| panic!("{error}")).expect("not blank");
    let all = |map: elanus_types::Result<Bitmap>| map.expect("evaluates").iter().collect();
    (all(predicate.evaluate(rows)), all(predicate.unknown(rows)))
}

/// Why a filter is refused, without the frame.
pub(crate) fn refusal(filter: &FilterText, schema: &CollectionSchema) -> String {
    let error = compile(filter, schema).expect_err(&filter.expression);
    let (_, cause) = error.message().split_once("error: ").unwrap_or(("", error.message()));
    cause.trim_end_matches(": invalid parameter").to_owned()
}

/// Columns by field number.
pub(crate) struct Rows {
    pub(crate) rows: usize,
    pub(crate) columns: Vec<(FieldId, Column)>,
}

impl ColumnSource for Rows {
    fn rows(&self) -> usize {
        self.rows
    }

    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        self.columns.iter().find(|(id, _)| *id == field).map(|(_, column)| column.view())
    }
}

/// Builds a column of a field from values.
pub(crate) fn column(field: &FieldSchema, values: &[Value]) -> Column {
    let mut builder = ColumnBuilder::for_field(field);
    for value in values {
        assert!(builder.push(value), "{value} does not fit {}", field.name);
    }
    builder.finish()
}

fn schema() -> CollectionSchema {
    let mut fields = vec![
        FieldSchema::new(100, "id", DataType::Int64),
        FieldSchema::new(101, "small", DataType::Int8),
        FieldSchema::new(102, "price", DataType::Float),
        FieldSchema::new(103, "name", DataType::VarChar),
        FieldSchema::new(104, "flag", DataType::Bool),
    ];
    fields[0].primary_key = true;
    fields[1].nullable = true;
    CollectionSchema { fields, ..CollectionSchema::default() }
}

fn rows() -> Rows {
    let schema = schema();
    let float = Value::Float;
    let text = |s: &str| Value::Str(s.to_owned());
    let values = [
        (0..5).map(Value::Int).collect::<Vec<_>>(),
        vec![Value::Int(-3), Value::Null, Value::Int(0), Value::Int(127), Value::Null],
        vec![float(0.1), float(-0.0), float(f64::NAN), float(2.5), float(1e9)],
        vec![text(""), text("a"), text("ab"), text("b"), text("中")],
        [true, false, true, false, true].map(Value::Bool).to_vec(),
    ];
    let columns = schema.fields.iter().zip(&values).map(|(f, v)| (f.id, column(f, v))).collect();
    Rows { rows: 5, columns }
}

fn passing(text: &str) -> Vec<usize> {
    let predicate = compile(&FilterText::new(text), &schema());
    let predicate = predicate.unwrap_or_else(|error| panic!("{error}")).expect("not blank");
    let map: Bitmap = predicate.evaluate(&rows()).expect("evaluates");
    assert_eq!(map.len(), 5);
    map.iter().collect()
}

#[test]
fn comparisons_and_logic() {
    let cases: &[(&str, &[usize])] = &[
        ("id == 3", &[3]),
        ("id != 3", &[0, 1, 2, 4]),
        ("3 < id", &[4]),
        ("small >= 0", &[2, 3]),
        ("not (small >= 0)", &[0]),
        ("small < 300", &[0, 2, 3]),
        ("price == 0.1", &[0]),
        ("price == 0", &[1]),
        ("price != 2.5", &[0, 1, 2, 4]),
        ("name > \"a\"", &[2, 3, 4]),
        ("flag == true and id > 0", &[2, 4]),
        ("small == 5 or id == 1", &[1]),
        ("1 < id <= 3", &[2, 3]),
        ("3 >= id > 1", &[2, 3]),
        ("id in [1, 3, 99,]", &[1, 3]),
        ("small not in [0]", &[0, 3]),
        ("small in []", &[]),
        ("small not in []", &[0, 2, 3]),
        ("id == 0 or id == 1 and id == 2", &[0]),
        ("true", &[0, 1, 2, 3, 4]),
        ("1 == 2 || 1 <= 1.0", &[0, 1, 2, 3, 4]),
    ];
    for (text, expected) in cases {
        assert_eq!(passing(text), *expected, "{text}");
    }
}

mod documents;
mod elements;
mod errors;
mod full_text;
pub(crate) mod indexed;
mod moments;
mod oracle;
mod samples;
mod shapes;
mod starts_with;

#[test]
fn isolation_wants_one_key_pinned() {
    let schema = schema();
    let check = |text: &str| {
        let predicate = compile(&FilterText::new(text), &schema).expect("binds");
        crate::check_isolation(predicate.as_ref(), 103).map_err(|error| error.to_string())
    };
    assert!(check("name == \"a\"").is_ok() && check("id > 3 and name == \"a\" and flag == true").is_ok());
    for (text, cause) in [
        ("", "partition key not found"),
        ("id > 3", "partition key not found"),
        ("name > \"a\"", "partition key not found"),
        ("name == \"a\" and name == \"b\"", "partition key not found"),
        ("name in [\"a\", \"b\"]", "does not support IN"),
        ("name == \"a\" or id == 3", "does not support OR"),
        ("not (name == \"a\")", "does not support NOT"),
    ] {
        assert!(check(text).is_err_and(|error| error.contains(cause)), "{text}");
    }
}
