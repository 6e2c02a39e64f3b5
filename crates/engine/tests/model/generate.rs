//! Random changes that are legal, mostly.

use crate::reference::{Change, Filter, Key, Row, World, vector};
use fastrand::Rng;

pub fn key(random: &mut Rng, text: bool) -> Key {
    let number = random.i64(0..24);
    if text { Key::Text(format!("k{number}")) } else { Key::Int(number) }
}

pub fn filter(random: &mut Rng, text: bool) -> Filter {
    match random.u8(..6) {
        0 => Filter::All,
        1 => Filter::Null,
        2 => Filter::Above(random.i64(-1..9)),
        _ => Filter::Keys((0..random.usize(1..5)).map(|_| key(random, text)).collect()),
    }
}

fn number(random: &mut Rng) -> Option<i64> {
    (random.u8(..4) > 0).then(|| random.i64(0..9))
}

fn partition(random: &mut Rng) -> String {
    format!("p{}", random.u8(..2))
}

fn rows(random: &mut Rng, text: bool) -> Vec<(Key, Row)> {
    let count = random.usize(1..7);
    let row =
        |random: &mut Rng| Row { number: number(random), vector: vector(random), partition: String::new() };
    (0..count).map(|_| (key(random, text), row(random))).collect()
}

pub fn change(random: &mut Rng, world: &World) -> Change {
    let names: Vec<&String> = world.tables.keys().collect();
    let Some(name) = random.choice(&names).map(|name| (*name).clone()) else { return create(random, "a") };
    let text = world.tables.get(&name).is_some_and(|table| table.text_keys);
    match random.u8(..40) {
        0 => match random.bool() || world.tables.contains_key("b") {
            true => Change::Drop { name },
            false => create(random, "b"),
        },
        1 => {
            let free = ["a", "b", "c"].iter().find(|name| !world.tables.contains_key(**name));
            Change::Rename { name, to: free.map_or("d", |free| free).to_owned() }
        }
        2 | 3 => Change::Alias { alias: "alias".to_owned(), name },
        4 => Change::DropAlias { alias: "alias".to_owned() },
        5 => Change::Release { name },
        6 | 7 => Change::Load { name },
        8 | 9 => Change::CreatePartition { name, partition: partition(random) },
        10 => Change::DropPartition { name, partition: partition(random) },
        11..=13 => Change::Index { name },
        14..=20 => Change::Delete { name, filter: filter(random, text) },
        21..=23 => {
            let rows = (0..random.usize(1..4)).map(|_| (key(random, text), number(random))).collect();
            Change::Number { name, rows }
        }
        other => {
            let partition = (random.u8(..3) == 0).then(|| partition(random));
            Change::Insert { name, upsert: other % 2 == 0, partition, rows: rows(random, text) }
        }
    }
}

fn create(random: &mut Rng, name: &str) -> Change {
    Change::Create { name: name.to_owned(), text_keys: random.bool(), small_vectors: random.bool() }
}
