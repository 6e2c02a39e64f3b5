//! Worlds side by side.

use crate::reference::{Key, Row, Table, World};
use std::collections::BTreeMap;
use std::fmt::Write;

/// The world as the engine holds it, with the keys that only the engine knows; nothing when it holds another one.
/// Rows that are released cannot be seen: those of the world count.
pub fn adopt(world: &World, held: &World) -> Option<World> {
    if world.aliases != held.aliases || !world.tables.keys().eq(held.tables.keys()) {
        return None;
    }
    let tables = world.tables.iter().zip(held.tables.values());
    let tables = tables.map(|((name, table), held)| Some((name.clone(), adopt_table(table, held)?)));
    Some(World { tables: tables.collect::<Option<_>>()?, ..world.clone() })
}

fn adopt_table(table: &Table, held: &Table) -> Option<Table> {
    let frame = |table: &Table| Table { rows: BTreeMap::new(), ..table.clone() };
    if frame(table) != frame(held) {
        return None;
    }
    let mut left: BTreeMap<&Key, &Row> = held.rows.iter().collect();
    let mut rows = BTreeMap::new();
    let is_unknown = |key: &Key| matches!(key, Key::Unknown(_));
    let (unknown, known): (Vec<_>, Vec<_>) = table.rows.iter().partition(|(key, _)| is_unknown(key));
    for (key, row) in known {
        if is_visible(table, row) && left.remove(key) != Some(row) {
            return None;
        }
        rows.insert(key.clone(), row.clone());
    }
    for (_, row) in unknown.into_iter().filter(|(_, row)| is_visible(table, row)) {
        let key = left.iter().find(|(_, other)| **other == row).map(|(key, _)| (*key).clone())?;
        left.remove(&key);
        rows.insert(key, row.clone());
    }
    left.is_empty().then(|| Table { rows, ..table.clone() })
}

fn is_visible(table: &Table, row: &Row) -> bool {
    table.readable(None).is_ok() && table.serves(row)
}

/// What differs, in words.
pub fn differences(world: &World, held: &World) -> String {
    let mut text = format!("aliases expected {:?}, held {:?}\n", world.aliases, held.aliases);
    let names = |world: &World| world.tables.keys().cloned().collect::<Vec<_>>();
    let _ = writeln!(text, "tables expected {:?}, held {:?}", names(world), names(held));
    for (name, table) in &world.tables {
        let Some(other) = held.tables.get(name) else { continue };
        let frame = |table: &Table| Table { rows: BTreeMap::new(), ..table.clone() };
        if frame(table) != frame(other) {
            let _ = writeln!(text, "{name} expected {:?}\n{name} held {:?}", frame(table), frame(other));
        }
        for (key, row) in table.rows.iter().filter(|(key, row)| other.rows.get(key) != Some(row)) {
            let _ = writeln!(text, "{name} {key:?} expected {row:?}, held {:?}", other.rows.get(key));
        }
        for (key, row) in other.rows.iter().filter(|(key, _)| !table.rows.contains_key(key)) {
            let _ = writeln!(text, "{name} {key:?} not expected, held {row:?}");
        }
    }
    text
}
