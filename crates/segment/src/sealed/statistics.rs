//! Smallest and largest values of a column.

use super::files::Statistics;
use elanus_filter::Predicate;
use elanus_types::{ColumnRef, ColumnView, FieldId, FieldSchema, Value};

/// Longer texts are not kept in a manifest; the bound counts as unknown.
const MAX_TEXT: usize = 128;

/// Statistics of a scalar column; lists and JSON only count nulls.
pub(super) fn of(field: &FieldSchema, column: &ColumnView<'_>) -> Statistics {
    let nulls = (0..column.len()).filter(|&row| !column.is_valid(row)).count();
    let bounds = bounds(field, column).unwrap_or_default();
    Statistics { field: field.id, nulls, min: bounds.0, max: bounds.1 }
}

/// Whether no row can pass, because the filter asks for values that all lie outside what there is.
pub(super) fn rule_out(known: &[Statistics], predicate: &Predicate) -> bool {
    let bounds = |field: FieldId| {
        let known = known.iter().find(|known| known.field == field)?;
        known.min.as_ref().zip(known.max.as_ref())
    };
    !predicate.can_pass(&bounds)
}

type Bounds = (Option<Value>, Option<Value>);

fn bounds(field: &FieldSchema, column: &ColumnView<'_>) -> Option<Bounds> {
    let rows = || (0..column.len()).filter(|&row| column.is_valid(row));
    let integers = |values: &mut dyn Iterator<Item = i64>| {
        let (min, max) = values.fold((i64::MAX, i64::MIN), |(min, max), v| (min.min(v), max.max(v)));
        (min <= max).then_some((Some(Value::Int(min)), Some(Value::Int(max))))
    };
    match &column.data {
        ColumnRef::Int8(v) => integers(&mut rows().map(|row| i64::from(v[row]))),
        ColumnRef::Int16(v) => integers(&mut rows().map(|row| i64::from(v[row]))),
        ColumnRef::Int32(v) => integers(&mut rows().map(|row| i64::from(v[row]))),
        ColumnRef::Int64(v) => integers(&mut rows().map(|row| v[row])),
        ColumnRef::Float(v) => floats(&mut rows().map(|row| f64::from(v[row]))),
        ColumnRef::Double(v) => floats(&mut rows().map(|row| v[row])),
        ColumnRef::Bytes { .. } if field.data_type == elanus_types::DataType::VarChar => Some((
            text(rows().filter_map(|row| column.data.bytes(row)).min()),
            text(rows().filter_map(|row| column.data.bytes(row)).max()),
        )),
        _ => None,
    }
}

/// A column with a value that is not finite has no bounds: JSON, the manifest's form, cannot write them.
fn floats(values: &mut dyn Iterator<Item = f64>) -> Option<Bounds> {
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        if !value.is_finite() {
            return None;
        }
        (min, max) = (min.min(value), max.max(value));
    }
    (min <= max).then_some((Some(Value::Float(min)), Some(Value::Float(max))))
}

fn text(bytes: Option<&[u8]>) -> Option<Value> {
    let text = std::str::from_utf8(bytes.filter(|bytes| bytes.len() <= MAX_TEXT)?).ok()?;
    Some(Value::Str(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::input::FilterText;
    use elanus_types::{CollectionSchema, DataType};

    #[test]
    fn lists_outside_the_bounds_rule_a_segment_out() {
        let fields = vec![
            FieldSchema { primary_key: true, ..FieldSchema::new(100, "id", DataType::Int64) },
            FieldSchema::new(101, "name", DataType::VarChar),
        ];
        let schema = CollectionSchema { fields, version: 1, ..CollectionSchema::default() };
        let bounds = |field, min: Value, max| Statistics { field, nulls: 0, min: Some(min), max };
        let known = [
            bounds(100, Value::Int(10), Some(Value::Int(20))),
            bounds(101, Value::Str("b".into()), Some(Value::Str("c".into()))),
        ];
        let ruled_out = |text: &str| {
            let predicate = elanus_filter::compile(&FilterText::new(text), &schema).unwrap().unwrap();
            rule_out(&known, &predicate)
        };
        assert!(ruled_out("id == 9") && ruled_out("id in [1, 21]") && ruled_out("name == \"a\""));
        assert!(ruled_out("id == 9 and name == \"c\"") && ruled_out("id == 9 or id == 21"));
        assert!(ruled_out("id > 20") && ruled_out("1 < id < 10") && ruled_out("name >= \"d\""));
        assert!(!ruled_out("id in [1, 10]") && !ruled_out("id == 20") && !ruled_out("id >= 20"));
        assert!(!ruled_out("id == 9 or name == \"c\"") && !ruled_out("not (id == 9)"));
    }
}
