//! How values compare, and the filters that questions are asked with.

use crate::rows::{Round, Row};
use elanus_types::Value;
use elanus_types::query::OrderBy;
use std::cmp::Ordering;

/// Everything that can be ordered by.
const SORTABLE: [&str; 10] =
    ["id", "tiny", "big", "single", "double", "text", "flag", "json[\"x\"]", "json['y'][1]", "color"];

/// Which rows a question is about.
pub struct Subset {
    pub filter: String,
    pub partitions: Vec<String>,
    matches: fn(&Row, i64) -> bool,
    bound: i64,
}

impl Subset {
    pub fn random(random: &mut fastrand::Rng) -> Self {
        let bound = random.i64(0..150);
        let (filter, matches): (String, fn(&Row, i64) -> bool) = match random.u8(..5) {
            0 => (format!("id < {bound}"), |row, bound| row.id < bound),
            1 => (format!("id > {bound}"), |row, bound| row.id > bound),
            2 => ("tiny is not null".into(), |row, _| !row.value("tiny").is_null()),
            3 => ("big >= 1".into(), |row, _| matches!(row.value("big"), Value::Int(1..))),
            _ => ("id >= 0".into(), |_, _| true),
        };
        let partitions = if random.u8(..4) == 0 { vec!["two".to_owned()] } else { Vec::new() };
        Self { filter, partitions, matches, bound }
    }

    pub fn of<'a>(&self, round: &'a Round) -> Vec<&'a Row> {
        let inside = |row: &&Row| self.partitions.is_empty() || row.partition == "two";
        round.rows.iter().filter(inside).filter(|row| (self.matches)(row, self.bound)).collect()
    }
}

pub fn order_by(random: &mut fastrand::Rng) -> Vec<OrderBy> {
    let term = |random: &mut fastrand::Rng| {
        let by = OrderBy::new(SORTABLE[random.usize(..SORTABLE.len())], random.bool());
        if random.u8(..3) == 0 { OrderBy { nulls_first: random.bool(), ..by } } else { by }
    };
    (0..random.usize(1..4)).map(|_| term(random)).collect()
}

pub fn compare_rows(order: &[OrderBy], a: &Row, b: &Row) -> Ordering {
    order
        .iter()
        .map(|by| match (a.value(&by.field), b.value(&by.field)) {
            (Value::Null, Value::Null) => Ordering::Equal,
            (Value::Null, _) if by.nulls_first => Ordering::Less,
            (Value::Null, _) => Ordering::Greater,
            (_, Value::Null) if by.nulls_first => Ordering::Greater,
            (_, Value::Null) => Ordering::Less,
            (a, b) if by.descending => compare(&b, &a),
            (a, b) => compare(&a, &b),
        })
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

/// The order of two values that are not null.
pub fn compare(a: &Value, b: &Value) -> Ordering {
    match (plain(a), plain(b)) {
        (Value::Bool(a), Value::Bool(b)) => a.cmp(&b),
        (Value::Int(a), Value::Int(b)) => a.cmp(&b),
        (Value::Float(a), Value::Float(b)) => floats(a, b),
        // The whole numbers that rows have beside fractions are small or odd: twice each is exact as an i128.
        (Value::Int(a), Value::Float(b)) => (2 * i128::from(a)).cmp(&((2.0 * b) as i128)),
        (Value::Float(a), Value::Int(b)) => ((2.0 * a) as i128).cmp(&(2 * i128::from(b))),
        (Value::Str(a), Value::Str(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Json(a), Value::Json(b)) => a.to_string().cmp(&b.to_string()),
        (a, b) => class(&a).cmp(&class(&b)),
    }
}

fn floats(a: f64, b: f64) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) if a < b => Ordering::Less,
        (false, false) if a > b => Ordering::Greater,
        (false, false) | (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
    }
}

/// A scalar in a document as the scalar itself.
pub fn plain(value: &Value) -> Value {
    match value {
        Value::Json(serde_json::Value::Bool(v)) => Value::Bool(*v),
        Value::Json(serde_json::Value::String(v)) => Value::Str(v.clone()),
        Value::Json(serde_json::Value::Number(v)) => match v.as_i64() {
            Some(v) => Value::Int(v),
            None => Value::Float(v.as_f64().expect("a number")),
        },
        other => other.clone(),
    }
}

fn class(value: &Value) -> u8 {
    match value {
        Value::Bool(_) => 0,
        Value::Int(_) | Value::Float(_) => 1,
        Value::Str(_) => 2,
        _ => 3,
    }
}
