//! Grouped and aggregated queries.

use crate::rows::{FIELDS, Round, Row, run, target};
use crate::values::{Subset, compare};
use elanus_engine::Db;
use elanus_types::input::FilterText;
use elanus_types::query::QueryRequest;
use elanus_types::{DataType, Error, Value};

const GROUPABLE: [&str; 5] = ["id", "tiny", "big", "text", "flag"];

pub fn query(round: &Round, random: &mut fastrand::Rng) {
    let subset = Subset::random(random);
    let groups: Vec<&str> = GROUPABLE.into_iter().filter(|_| random.u8(..4) == 0).collect();
    let aggregates: Vec<String> = (0..random.usize(0..5)).map(|_| aggregate(random)).collect();
    let mut outputs: Vec<String> = groups.iter().map(|name| (*name).to_owned()).collect();
    outputs.extend(aggregates.iter().cloned());
    if aggregates.is_empty() && groups.is_empty() {
        return;
    }
    let limit = (!groups.is_empty() && random.bool()).then(|| random.usize(1..10));
    let offset = limit.map_or(0, |_| random.usize(0..4));
    let request = QueryRequest {
        filter: FilterText::new(subset.filter.as_str()),
        partitions: subset.partitions.clone(),
        group_by: groups.iter().map(|name| (*name).to_owned()).collect(),
        output_fields: outputs.clone(),
        limit,
        offset,
        ..QueryRequest::new(target())
    };
    let expected = expected(&groups, &outputs, subset.of(round));
    let found = run(round.db.query(request.clone()));
    let (found, expected) = match (found, expected) {
        (Ok(found), Some(expected)) => (found, expected),
        (Err(error), None) => return assert!(is_overflow(&error), "{request:?}: {error}"),
        (found, expected) => panic!("{request:?}: {found:?}, expected {expected:?}"),
    };
    let expected: Vec<_> = expected.into_iter().skip(offset).take(limit.unwrap_or(usize::MAX)).collect();
    let rows = found.fields[0].column.len();
    assert_eq!(rows, expected.len(), "{request:?}");
    for (row, expected) in expected.iter().enumerate() {
        for (name, expected) in outputs.iter().zip(expected) {
            let output = found.fields.iter().find(|output| output.field.name == *name).expect("a column");
            let value = output.column.view().value(row);
            assert!(
                same(&value, expected),
                "{name} of group {row} is {value}, expected {expected}: {request:?}"
            );
        }
    }
}

fn aggregate(random: &mut fastrand::Rng) -> String {
    let (field, data_type) = FIELDS[random.usize(..FIELDS.len())];
    match random.u8(..5) {
        0 => "count(*)".to_owned(),
        1 => format!("count({field})"),
        2 if data_type.is_number() => format!("sum({field})"),
        3 if data_type.is_number() => format!("avg({field})"),
        _ if data_type.is_number() || data_type == DataType::VarChar => {
            format!("{}({field})", if random.bool() { "min" } else { "max" })
        }
        _ => "count(json)".to_owned(),
    }
}

fn is_overflow(error: &Error) -> bool {
    error.message().contains("more than 64 bits hold")
}

/// The rows of the answer by the groups' values; `None` where a sum does not fit.
fn expected(groups: &[&str], outputs: &[String], rows: Vec<&Row>) -> Option<Vec<Vec<Value>>> {
    let mut found: Vec<(Vec<Value>, Vec<&Row>)> = Vec::new();
    if groups.is_empty() {
        found.push((Vec::new(), rows));
    } else {
        for row in rows {
            let key: Vec<Value> = groups.iter().map(|name| row.value(name)).collect();
            match found.iter_mut().find(|(known, _)| *known == key) {
                Some((_, rows)) => rows.push(row),
                None => found.push((key, vec![row])),
            }
        }
    }
    found.sort_by(|(a, _), (b, _)| {
        let nulls_last = |(a, b): (&Value, &Value)| match (a.is_null(), b.is_null()) {
            (false, false) => compare(a, b),
            (a, b) => a.cmp(&b),
        };
        a.iter().zip(b).map(nulls_last).find(|order| order.is_ne()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let row = |(key, rows): &(Vec<Value>, Vec<&Row>)| {
        let value = |name: &String| match groups.iter().position(|group| group == name) {
            Some(place) => Some(key[place].clone()),
            None => computed(name, rows),
        };
        outputs.iter().map(value).collect()
    };
    found.iter().map(row).collect()
}

fn computed(name: &str, rows: &[&Row]) -> Option<Value> {
    let (function, field) = name.strip_suffix(')').and_then(|name| name.split_once('(')).expect("a call");
    if matches!(field, "*" | "json") {
        return Some(Value::Int(rows.len() as i64));
    }
    let values: Vec<Value> =
        rows.iter().map(|row| row.value(field)).filter(|value| !value.is_null()).collect();
    let count = values.len() as i64;
    let float = |value: &Value| match value {
        Value::Int(v) => *v as f64,
        Value::Float(v) => *v,
        other => panic!("{other} is no number"),
    };
    let whole: i128 =
        values.iter().map(|value| if let Value::Int(v) = value { i128::from(*v) } else { 0 }).sum();
    let sum = || match values.first() {
        Some(Value::Int(_)) => whole as f64,
        _ => values.iter().map(float).sum(),
    };
    Some(match function {
        "count" => Value::Int(count),
        _ if count == 0 => Value::Null,
        "avg" => Value::Float(sum() / count as f64),
        "sum" if matches!(values[0], Value::Int(_)) => Value::Int(whole.try_into().ok()?),
        "sum" => Value::Float(sum()),
        "min" => values.into_iter().min_by(compare)?,
        _ => values.into_iter().max_by(compare)?,
    })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Float(a), Value::Float(b)) => {
            a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-9 * a.abs().max(b.abs())
        }
        (a, b) => a == b,
    }
}
