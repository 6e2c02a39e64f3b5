//! Random changes, most of them legal.

use crate::filter::Filter;
use crate::reference::{Cells, Change, Fault, Index, Key, Mode, Rows, Table, World};
use crate::shape::{DIM, Shape};
use elanus_types::write::FieldOp;
use elanus_types::{DataType, Value};
use fastrand::Rng;

pub const KINDS: [&str; 6] = ["AUTOINDEX", "FLAT", "HNSW", "BIN_FLAT", "SPARSE_INVERTED_INDEX", "INVERTED"];
pub const METRICS: [&str; 5] = ["L2", "IP", "COSINE", "HAMMING", "JACCARD"];

fn one_in(random: &mut Rng, many: u32) -> bool {
    random.u32(..many) == 0
}

fn one_of<T: Copy>(random: &mut Rng, all: &[T]) -> T {
    all[random.usize(..all.len())]
}

fn key(random: &mut Rng, table: &Table) -> Key {
    let held = table.rows.len();
    if held > 0 && (table.shape.auto_id || random.bool()) && !one_in(random, 6) {
        let place = random.usize(..held);
        if let Some(key) = table.rows.keys().nth(place) {
            return key.clone();
        }
    }
    let number = random.i64(0..24);
    if table.shape.text_keys { Key::Text(format!("k{number}")) } else { Key::Int(number) }
}

fn group(random: &mut Rng, shape: &Shape) -> Value {
    let number = random.i64(0..5);
    if shape.text_groups { Value::Str(format!("g{number}")) } else { Value::Int(number) }
}

pub fn filter(random: &mut Rng, table: &Table) -> Filter {
    let inner = |random: &mut Rng| Box::new(filter(random, table));
    match random.u8(..22) {
        0 => Filter::All,
        1..=5 => Filter::Keys((0..random.usize(1..5)).map(|_| key(random, table)).collect()),
        6 => Filter::After(key(random, table)),
        7 | 8 => Filter::NumberAbove(random.i64(-1..9)),
        9 => Filter::NumberIsNull(random.bool()),
        10 => Filter::TwiceNumberBelow(random.i64(0..18)),
        11 => Filter::Level(random.i64(0..9)),
        12 => Filter::LabelBegins(one_of(random, &["a", "ab", "n", "x"])),
        13 | 14 => Filter::Groups((0..random.usize(1..3)).map(|_| group(random, &table.shape)).collect()),
        15 => Filter::RealBelow(random.i64(0..5)),
        16 => Filter::Flag(random.bool()),
        17 => Filter::ListHas(random.i64(0..4)),
        18 if table.shape.dynamic => Filter::ColorAbove(random.i64(0..5)),
        19 => Filter::Not(inner(random)),
        20 => Filter::And(inner(random), inner(random)),
        _ => Filter::Or(inner(random), inner(random)),
    }
}

pub fn vector(random: &mut Rng, shape: &Shape) -> Value {
    let element = |random: &mut Rng| match shape.vector {
        DataType::BinaryVector => random.u8(..16),
        DataType::SparseFloatVector => random.u8(..4),
        _ => random.i8(-3..4) as u8,
    };
    Value::Bytes((0..DIM).map(|_| element(random)).collect())
}

fn cell(random: &mut Rng, shape: &Shape, column: &str) -> Value {
    let rarely = one_in(random, 200);
    let null = one_in(random, 5) && (shape.absent(column).is_some() || rarely);
    match column {
        _ if null => Value::Null,
        "level" if rarely => Value::Int(40_000),
        "level" | "number" => Value::Int(random.i64(0..9)),
        "label" if rarely => Value::Str("longer than allowed".to_owned()),
        "label" => Value::Str(one_of(random, &["", "a", "ab", "abc", "x"]).to_owned()),
        "group" => group(random, shape),
        "real" => Value::Float(random.i32(0..10) as f64 / 2.0),
        "flag" => Value::Bool(random.bool()),
        "list" => {
            let items = if rarely { 6 } else { random.usize(0..4) };
            Value::Array((0..items).map(|_| Value::Int(random.i64(0..4))).collect())
        }
        "vector" => vector(random, shape),
        _ => {
            let mut keys = serde_json::Map::new();
            if random.bool() {
                keys.insert("color".to_owned(), random.i64(0..6).into());
            }
            if random.bool() {
                keys.insert("size".to_owned(), one_of(random, &["s", "m"]).into());
            }
            Value::Json(keys.into())
        }
    }
}

fn partition(random: &mut Rng) -> String {
    one_of(random, &["p0", "p1", "p0", "p1", "_default", "p2"]).to_owned()
}

fn some_partitions(random: &mut Rng, table: &Table) -> Vec<String> {
    if table.shape.keyed && !one_in(random, 10) {
        return Vec::new();
    }
    (0..random.usize(..3)).map(|_| partition(random)).collect()
}

fn write(random: &mut Rng, name: String, table: &Table) -> Change {
    let shape = &table.shape;
    let mode = one_of(random, &[Mode::Insert, Mode::Insert, Mode::Upsert, Mode::Upsert, Mode::Partial]);
    let count = random.usize(1..7);
    let wants_keys =
        mode != Mode::Insert || (if shape.auto_id { shape.own_ids && random.bool() } else { true });
    let keys = wants_keys != one_in(random, 60);
    let mut keys: Option<Vec<Key>> = keys.then(|| (0..count).map(|_| key(random, table)).collect());
    if let Some(keys) = keys.as_mut().filter(|_| mode == Mode::Partial && random.u8(..8) > 0) {
        keys.sort();
        keys.dedup();
    }
    let count = keys.as_ref().map_or(count, Vec::len);
    let sends = |random: &mut Rng, column: &str| match mode {
        Mode::Partial => random.u8(..5) < 2,
        _ if shape.absent(column).is_none() => !one_in(random, 100),
        _ => random.u8(..4) > 0,
    };
    let mut columns = shape.columns();
    if !shape.dynamic && one_in(random, 80) {
        columns.push("$meta");
    }
    columns.retain(|column| sends(random, column));
    let cells = |random: &mut Rng| -> Cells {
        columns.iter().map(|column| (*column, cell(random, shape, column))).collect()
    };
    Change::Write(Rows {
        name,
        mode,
        partition: one_in(random, if shape.keyed { 40 } else { 3 }).then(|| partition(random)),
        keys,
        rows: (0..count).map(|_| cells(random)).collect(),
        columns,
        list: one_of(random, &[FieldOp::Replace, FieldOp::ArrayAppend, FieldOp::ArrayRemove]),
        compact: random.bool(),
        fault: one_in(random, 60).then(|| one_of(random, &[Fault::UnknownField, Fault::RowCount])),
    })
}

fn index(random: &mut Rng, shape: &Shape) -> (&'static str, Index) {
    if one_in(random, 5) {
        return ("number", ("INVERTED", ""));
    }
    let (kinds, metrics): (&[_], &[_]) = match shape.vector {
        DataType::BinaryVector => (&["AUTOINDEX", "BIN_FLAT"], &["HAMMING", "JACCARD"]),
        DataType::SparseFloatVector => (&["AUTOINDEX", "SPARSE_INVERTED_INDEX"], &["IP"]),
        _ => (&["AUTOINDEX", "FLAT", "HNSW", "HNSW"], &["L2", "L2", "IP", "COSINE"]),
    };
    ("vector", (one_of(random, kinds), one_of(random, metrics)))
}

fn name(random: &mut Rng, world: &World) -> String {
    let names: Vec<&String> = world.tables.keys().chain(world.aliases.keys()).collect();
    match random.choice(&names) {
        Some(name) if !one_in(random, 50) => (*name).clone(),
        _ => "nobody".to_owned(),
    }
}

pub fn change(random: &mut Rng, world: &World) -> Change {
    if world.tables.is_empty() {
        return Change::Create { name: "a".to_owned(), shape: Shape::random(random) };
    }
    let name = name(random, world);
    let Ok(table) = world.table(&name) else {
        return rare(random, world, name);
    };
    match random.u8(..60) {
        0..=2 => rare(random, world, name),
        3 => Change::Release { name, partitions: some_partitions(random, table) },
        4 | 5 => Change::Load { name, partitions: some_partitions(random, table) },
        6 | 7 => Change::CreatePartition { name, partition: partition(random) },
        8 => Change::DropPartition { name, partition: partition(random) },
        9..=11 => {
            let (field, index) = index(random, &table.shape);
            Change::Index { name, field, index }
        }
        12 => Change::DropIndex { name, field: one_of(random, &["vector", "number", ""]) },
        13..=23 => delete(random, name, table),
        _ => write(random, name, table),
    }
}

/// A change of the rows of a collection that exists.
pub fn row_change(random: &mut Rng, world: &World, name: &str) -> Change {
    let (table, name) = (&world.tables[name], name.to_owned());
    if one_in(random, 3) { delete(random, name, table) } else { write(random, name, table) }
}

fn delete(random: &mut Rng, name: String, table: &Table) -> Change {
    let partition = one_in(random, if table.shape.keyed { 40 } else { 4 }).then(|| partition(random));
    Change::Delete { name, partition, filter: filter(random, table) }
}

/// Changes of what exists.
fn rare(random: &mut Rng, world: &World, name: String) -> Change {
    let other = one_of(random, &["a", "b", "c", "alias"]).to_owned();
    let alias = one_of(random, &["alias", "alias", "second", "a"]).to_owned();
    match random.u8(..12) {
        0 => Change::Drop { name },
        1 | 2 => {
            let shape = match world.table(&other) {
                Ok(table) if random.bool() => table.shape.clone(),
                _ => Shape::random(random),
            };
            Change::Create { name: other, shape }
        }
        3 => Change::Rename { name, to: other },
        4 => Change::CreateAlias { alias, name },
        5 => Change::AlterAlias { alias, name },
        6 => Change::DropAlias { alias },
        7 => Change::Widen { name },
        8 => Change::Truncate { name },
        _ => Change::Describe { name, text: one_of(random, &["", "things", "more things"]) },
    }
}
