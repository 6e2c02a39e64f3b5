//! The engine as it should be: rows by key, searched by comparing them all.

use fastrand::Rng;
use std::collections::{BTreeMap, BTreeSet};

/// A primary key, in the order that the engine sorts by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Int(i64),
    Text(String),
}

/// One row. The vector's elements are small whole numbers, so that distances are exact in every order of summing.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub number: Option<i64>,
    pub vector: Vec<i8>,
    pub partition: String,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub text_keys: bool,
    pub small_vectors: bool,
    pub partitions: BTreeSet<String>,
    pub rows: BTreeMap<Key, Row>,
    pub indexed: bool,
    pub released: bool,
}

/// Everything that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub tables: BTreeMap<String, Table>,
    pub aliases: BTreeMap<String, String>,
}

pub const DIM: usize = 4;

/// A condition on rows.
#[derive(Clone, Debug)]
pub enum Filter {
    Keys(Vec<Key>),
    Above(i64),
    Null,
    All,
}

impl Filter {
    pub fn matches(&self, key: &Key, row: &Row) -> bool {
        match self {
            Filter::Keys(keys) => keys.contains(key),
            Filter::Above(least) => row.number.is_some_and(|number| number > *least),
            Filter::Null => row.number.is_none(),
            Filter::All => true,
        }
    }

    pub fn text(&self, text_keys: bool) -> String {
        match self {
            Filter::Keys(keys) => {
                let keys: Vec<_> = keys.iter().map(Key::literal).collect();
                format!("key in [{}]", keys.join(", "))
            }
            Filter::Above(least) => format!("number > {least}"),
            Filter::Null => "number is null".to_owned(),
            Filter::All if text_keys => "key >= \"\"".to_owned(),
            Filter::All => "key >= 0".to_owned(),
        }
    }
}

impl Key {
    fn literal(&self) -> String {
        match self {
            Key::Int(number) => number.to_string(),
            Key::Text(text) => format!("{text:?}"),
        }
    }
}

/// A change.
#[derive(Clone, Debug)]
pub enum Change {
    Create { name: String, text_keys: bool, small_vectors: bool },
    Index { name: String },
    Drop { name: String },
    Rename { name: String, to: String },
    Alias { alias: String, name: String },
    DropAlias { alias: String },
    Release { name: String },
    Load { name: String },
    CreatePartition { name: String, partition: String },
    DropPartition { name: String, partition: String },
    Insert { name: String, upsert: bool, partition: Option<String>, rows: Vec<(Key, Row)> },
    Number { name: String, rows: Vec<(Key, Option<i64>)> },
    Delete { name: String, filter: Filter },
}

impl Table {
    /// Distances of the rows that match, smallest first.
    pub fn distances(&self, query: &[i8], filter: &Filter) -> Vec<(f32, Key)> {
        let distance = |row: &Row| -> f32 {
            row.vector.iter().zip(query).map(|(a, b)| f32::from(a - b) * f32::from(a - b)).sum()
        };
        let found = self.rows.iter().filter(|(key, row)| filter.matches(key, row));
        let mut all: Vec<_> = found.map(|(key, row)| (distance(row), key.clone())).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
        all
    }

    fn insert(&mut self, partition: Option<&str>, rows: &[(Key, Row)]) -> bool {
        let partition = partition.unwrap_or("_default");
        let there = self.partitions.contains(partition);
        for (key, row) in rows.iter().filter(|_| there) {
            self.rows.insert(key.clone(), Row { partition: partition.to_owned(), ..row.clone() });
        }
        there
    }

    fn renumber(&mut self, rows: &[(Key, Option<i64>)]) -> bool {
        let keys: BTreeSet<&Key> = rows.iter().map(|(key, _)| key).collect();
        let there = keys.len() == rows.len() && keys.iter().all(|key| self.rows.contains_key(*key));
        for (key, number) in rows.iter().filter(|_| there) {
            if let Some(row) = self.rows.get_mut(key) {
                row.number = *number;
            }
        }
        there
    }
}

impl World {
    /// The collection behind a name or an alias.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.get(name).or_else(|| self.tables.get(self.aliases.get(name)?))
    }

    fn table_mut(&mut self, name: &str) -> Option<&mut Table> {
        let name = if self.tables.contains_key(name) { name } else { self.aliases.get(name)? };
        self.tables.get_mut(name)
    }

    /// Makes the change; false, with nothing changed, when it is not legal.
    pub fn apply(&mut self, change: &Change) -> bool {
        self.try_apply(change).unwrap_or(false)
    }

    fn try_apply(&mut self, change: &Change) -> Option<bool> {
        match change {
            Change::Create { name, text_keys, small_vectors } => {
                let table = Table {
                    text_keys: *text_keys,
                    small_vectors: *small_vectors,
                    partitions: BTreeSet::from(["_default".to_owned()]),
                    rows: BTreeMap::new(),
                    indexed: false,
                    released: false,
                };
                self.tables.insert(name.clone(), table);
            }
            Change::Index { name } => self.table_mut(name)?.indexed = true,
            Change::Drop { name } => return Some(self.tables.remove(name).is_some()),
            Change::Rename { name, to } => {
                let table = self.tables.remove(name)?;
                self.tables.insert(to.clone(), table);
                self.aliases.values_mut().filter(|target| *target == name).for_each(|t| *t = to.clone());
            }
            Change::Alias { alias, name } => drop(self.aliases.insert(alias.clone(), name.clone())),
            Change::DropAlias { alias } => drop(self.aliases.remove(alias)),
            Change::Release { name } => self.table_mut(name)?.released = true,
            Change::Load { name } => self.table_mut(name)?.released = false,
            Change::CreatePartition { name, partition } => {
                self.table_mut(name)?.partitions.insert(partition.clone());
            }
            Change::DropPartition { name, partition } => {
                let table = self.table_mut(name)?;
                table.partitions.remove(partition);
                table.rows.retain(|_, row| row.partition != *partition);
            }
            Change::Insert { name, partition, rows, .. } => {
                return Some(self.table_mut(name)?.insert(partition.as_deref(), rows));
            }
            Change::Number { name, rows } => return Some(self.table_mut(name)?.renumber(rows)),
            Change::Delete { name, filter } => {
                self.table_mut(name)?.rows.retain(|key, row| !filter.matches(key, row));
            }
        }
        Some(true)
    }
}

pub fn vector(random: &mut Rng) -> Vec<i8> {
    (0..DIM).map(|_| random.i8(-3..4)).collect()
}
