//! Random expressions over random rows, compared with an evaluator that walks the parsed tree row by row.

use super::documents::schema;
use super::{Rows, column};
use crate::ast::{Comparison, Kind, Node, Step};
use elanus_types::Value;
use fastrand::Rng;
use serde_json::{Value as Json, json};
use std::cmp::Ordering;
use std::collections::BTreeMap;

pub(super) type Row = BTreeMap<String, Json>;

fn pick<'a>(random: &mut Rng, from: &[&'a str]) -> &'a str {
    from[random.usize(0..from.len())]
}

fn scalar(random: &mut Rng) -> Json {
    match random.u8(0..6) {
        0 => json!(random.i64(-2..4)),
        1 => json!(random.i64(-2..4) as f64 / 2.0),
        2 => json!(pick(random, &["a", "ab", "b", "é%", ""])),
        3 => json!(random.bool()),
        4 => Json::Null,
        _ => json!(random.i64(0..2) + (1 << 53)),
    }
}

fn document(random: &mut Rng, depth: u8) -> Json {
    match random.u8(0..4) {
        0 if depth > 0 => {
            (0..random.usize(0..4)).map(|_| document(random, depth - 1)).collect::<Vec<_>>().into()
        }
        1 | 2 if depth > 0 => {
            let entries = (0..random.usize(0..4))
                .map(|_| (pick(random, &["k", "l", "q\"", "m"]), document(random, depth - 1)));
            Json::Object(entries.map(|(key, value)| (key.to_owned(), value)).collect())
        }
        _ => scalar(random),
    }
}

pub(super) fn row(random: &mut Rng) -> Row {
    let maybe = |random: &mut Rng, value: Json| if random.u8(0..4) == 0 { Json::Null } else { value };
    let (n, list) =
        (json!(random.i8(..)), (0..random.usize(0..4)).map(|_| random.i64(0..3)).collect::<Vec<_>>());
    let document_j = document(random, 3);
    let entries = [
        ("id", json!(random.i64(-3..5))),
        ("n", maybe(random, n)),
        ("d", json!(random.i64(-4..6) as f64 / 2.0)),
        ("s", json!(pick(random, &["a", "ab", "b", "é%", "", "aab"]))),
        ("j", if document_j.is_null() { Json::Null } else { maybe(random, document_j) }),
        ("a", maybe(random, json!(list))),
        ("$meta", json!({ "k": document(random, 1), "c": scalar(random) })),
    ];
    entries.map(|(name, value)| (name.to_owned(), value)).into()
}

pub(super) fn source(rows: &[Row]) -> Rows {
    let schema = schema();
    let value = |row: &Row, name: &str| match (name, row.get(name)) {
        (_, None | Some(Json::Null)) => Value::Null,
        ("j" | "$meta", Some(value)) => Value::Json(value.clone()),
        (_, Some(Json::String(text))) => Value::Str(text.clone()),
        (_, Some(Json::Array(list))) => {
            Value::Array(list.iter().filter_map(Json::as_i64).map(Value::Int).collect())
        }
        ("d", Some(number)) => Value::Float(number.as_f64().unwrap_or(0.0)),
        (_, Some(number)) => Value::Int(number.as_i64().unwrap_or(0)),
    };
    let columns = schema.fields.iter().filter(|field| rows[0].contains_key(&field.name)).map(|field| {
        let values: Vec<Value> = rows.iter().map(|row| value(row, &field.name)).collect();
        (field.id, column(field, &values))
    });
    Rows { rows: rows.len(), columns: columns.collect() }
}

fn leaf(random: &mut Rng) -> String {
    let path =
        pick(random, &["j[\"k\"]", "j[\"k\"][0]", "j[\"q\\\"\"]", "j", "k", "c", "j[\"l\"][\"m\"]", "j[1]"])
            .to_owned();
    let op = pick(random, &["==", "!=", "<", "<=", ">", ">="]);
    let number = random.i64(-3..5);
    let value = pick(random, &["1", "0.5", "\"a\"", "true", "9007199254740993", "2.0"]);
    match random.u8(0..16) {
        0 => format!("{} {op} {number}", pick(random, &["id", "n", "d", "a[0]"])),
        1 | 2 => format!("{path} {op} {value}"),
        3 => format!("{} in [{number}, 2, 3]", pick(random, &["id", "n", "d", "a[1]"])),
        4 => format!("{path} not in [1, {number}.5, \"a\", true]"),
        5 => format!("{path} in [1, {number}, 9007199254740993]"),
        6 => format!(
            "{} like \"{}\"",
            pick(random, &["s", &path]),
            pick(random, &["a%", "%b", "_%", "a_", "%a%b%", "é\\%"])
        ),
        7 => format!(
            "{} is {}null",
            pick(random, &["n", "j[\"k\"]", "a", "j", "c"]),
            pick(random, &["", "not "])
        ),
        8 => format!("exists {}", pick(random, &["j[\"k\"]", "k", "j[\"l\"][\"m\"]"])),
        9 => format!("array_contains{}(a, [{number}, 1])", pick(random, &["_all", "_any"])),
        10 => format!("json_contains{}({path}, [1, \"a\", {number}])", pick(random, &["_all", "_any"])),
        11 => format!("array_length({}) {op} 1", pick(random, &["a", &path])),
        12 => format!("{} {op} {}", pick(random, &["id", "n", "d"]), pick(random, &["d", "n", "id"])),
        13 => format!("{number} < {} <= 3", pick(random, &["id", "n", "d", &path]))
            .replace("3 < ", "2 < ")
            .replace("4 < ", "1 < "),
        14 => format!(
            "{} {} 2 {op} {number}",
            pick(random, &["n", "id", &path]),
            pick(random, &["+", "-", "*"])
        ),
        _ => format!("{path} {} [1, \"a\"]", pick(random, &["==", "!="])),
    }
}

pub(super) fn expression(random: &mut Rng, depth: u8) -> String {
    match random.u8(0..5) {
        0 if depth > 0 => {
            format!("({} and {})", expression(random, depth - 1), expression(random, depth - 1))
        }
        1 if depth > 0 => format!("({} or {})", expression(random, depth - 1), expression(random, depth - 1)),
        2 if depth > 0 => format!("not ({})", expression(random, depth - 1)),
        _ => leaf(random),
    }
}

/// The value of an operand, `None` where it is null or missing.
fn value(node: &Node, row: &Row) -> Option<Json> {
    let step = |value: Json, step: &Step| match step {
        Step::Key(key) => value.as_object().and_then(|object| object.get(key)).cloned(),
        Step::Index(index) => value.as_array().and_then(|array| array.get(*index)).cloned(),
    };
    let named = |name: &str| match row.get(name) {
        Some(value) => Some(value.clone()),
        None => row.get("$meta").and_then(|meta| meta.get(name)).cloned(),
    };
    let found = match &node.kind {
        Kind::Bool(value) => json!(value),
        Kind::Int(value) => json!(value),
        Kind::Float(value) => json!(value),
        Kind::Str(literal) => json!(literal.raw),
        Kind::List(items) => items.iter().map(|item| value(item, row)).collect::<Option<Vec<_>>>()?.into(),
        Kind::Unary(_, inner) => match value(inner, row)? {
            Json::Number(number) if number.is_i64() => json!(-number.as_i64()?),
            number => json!(-number.as_f64()?),
        },
        Kind::Binary(sign, left, right) => {
            let (left, right) = (value(left, row)?, value(right, row)?);
            match (left.as_i64(), right.as_i64(), *sign) {
                (Some(a), Some(b), "+") => json!(a.wrapping_add(b)),
                (Some(a), Some(b), "-") => json!(a.wrapping_sub(b)),
                (Some(a), Some(b), _) => json!(a.wrapping_mul(b)),
                (_, _, "+") => json!(left.as_f64()? + right.as_f64()?),
                (_, _, "-") => json!(left.as_f64()? - right.as_f64()?),
                _ => json!(left.as_f64()? * right.as_f64()?),
            }
        }
        Kind::Name(name) => named(name)?,
        Kind::Path(name, steps) => steps.iter().try_fold(named(name)?, step)?,
        Kind::Call(call) => json!(value(&call.arguments[0], row)?.as_array()?.len()),
        other => panic!("{other:?}"),
    };
    Some(found).filter(|value| !value.is_null())
}

fn order(left: &Json, right: &Json) -> Option<Ordering> {
    match (left, right) {
        (Json::Bool(a), Json::Bool(b)) => Some(a.cmp(b)),
        (Json::String(a), Json::String(b)) => Some(a.cmp(b)),
        (Json::Number(a), Json::Number(b)) => match (a.as_i64(), b.as_i64()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
        },
        (Json::Array(a), Json::Array(b)) => {
            let same =
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| order(a, b) == Some(Ordering::Equal));
            Some(if same { Ordering::Equal } else { Ordering::Less })
        }
        _ => None,
    }
}

fn empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.iter().all(empty),
        Json::Object(entries) => entries.values().all(empty),
        _ => false,
    }
}

fn like(pattern: &[char], text: &[char]) -> bool {
    match pattern {
        [] => text.is_empty(),
        ['%', rest @ ..] => (0..=text.len()).any(|skip| like(rest, &text[skip..])),
        ['\\', plain, rest @ ..] => text.first() == Some(plain) && like(rest, &text[1..]),
        [one, rest @ ..] => text.first().is_some_and(|c| *one == '_' || c == one) && like(rest, &text[1..]),
    }
}

fn truth(node: &Node, row: &Row) -> Option<bool> {
    match &node.kind {
        Kind::And(operands) => operands
            .iter()
            .map(|operand| truth(operand, row))
            .min_by_key(|t| t.map_or(1, |t| 2 * u8::from(t)))?,
        Kind::Or(operands) => operands
            .iter()
            .map(|operand| truth(operand, row))
            .max_by_key(|t| t.map_or(1, |t| 2 * u8::from(t)))?,
        Kind::Unary(_, inner) => truth(inner, row).map(|t| !t),
        Kind::Compare(op, left, right) => {
            order(&value(left, row)?, &value(right, row)?).map(|o| op.holds(Some(o)))
        }
        Kind::Range(chain) => {
            let middle = value(&chain.middle, row)?;
            let above = if chain.low_inclusive { Comparison::Ge } else { Comparison::Gt };
            let below = if chain.high_inclusive { Comparison::Le } else { Comparison::Lt };
            let low = order(&middle, &value(&chain.low, row)?)?;
            let high = order(&middle, &value(&chain.high, row)?)?;
            Some(above.holds(Some(low)) && below.holds(Some(high)))
        }
        Kind::In { negated, operand, list } => {
            let (operand, list) = (value(operand, row)?, value(list, row)?);
            let mixed = list.as_array()?.iter().any(Json::is_f64);
            let operand = if mixed && operand.is_number() { json!(operand.as_f64()?) } else { operand };
            let orders: Vec<_> = list.as_array()?.iter().filter_map(|item| order(&operand, item)).collect();
            (!orders.is_empty()).then(|| orders.contains(&Ordering::Equal) != *negated)
        }
        Kind::Like(operand, pattern) => {
            let Kind::Str(pattern) = &pattern.kind else { return None };
            let (pattern, text): (Vec<char>, Vec<char>) =
                (pattern.raw.chars().collect(), value(operand, row)?.as_str()?.chars().collect());
            Some(like(&pattern, &text))
        }
        Kind::IsNull { negated, operand } => {
            let found = value(operand, row);
            let whole = matches!(&operand.kind, Kind::Name(name) if row.contains_key(name));
            Some(found.is_none_or(|value| !whole && empty(&value)) != *negated)
        }
        Kind::Exists(operand) => Some(value(operand, row).is_some_and(|value| !empty(&value))),
        Kind::Call(call) => {
            let (array, wanted) = (value(&call.arguments[0], row)?, value(&call.arguments[1], row)?);
            let array = array.as_array()?;
            let held = |wanted: &Json| array.iter().any(|item| order(item, wanted) == Some(Ordering::Equal));
            let mut wanted = wanted.as_array()?.iter();
            Some(if call.name.ends_with("_all") { wanted.all(held) } else { wanted.any(held) })
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn agrees_with_rows_one_by_one() {
    let rounds = std::env::var("FILTER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_000);
    let mut bound = 0;
    for seed in 0..rounds {
        let mut random = Rng::with_seed(seed);
        let rows: Vec<Row> = (0..random.usize(1..90)).map(|_| row(&mut random)).collect();
        let text = expression(&mut random, 3);
        let expr = crate::parse(&text).unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let Ok(predicate) = crate::bind(&expr, &schema(), &BTreeMap::new()) else { continue };
        bound += 1;
        let source = source(&rows);
        let (yes, unknown) =
            (predicate.evaluate(&source).expect("yes"), predicate.unknown(&source).expect("unknown"));
        for (number, row) in rows.iter().enumerate() {
            let got = if unknown.get(number) { None } else { Some(yes.get(number)) };
            assert_eq!(got, truth(expr.root(), row), "seed {seed}: {text} over {row:?}");
        }
    }
    assert!(bound * 4 > rounds * 3, "only {bound} of {rounds} expressions were sound");
}
