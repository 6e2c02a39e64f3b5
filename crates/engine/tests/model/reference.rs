//! The engine as it should be: rows by key, every change judged and made at once.

use crate::filter::Filter;
use crate::shape::{KEYED_PARTITIONS, Shape};
use elanus_types::write::FieldOp;
use elanus_types::{ErrorKind, LoadState, Value};
use std::collections::BTreeMap;

/// A primary key, in the order that the engine sorts by.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    Int(i64),
    Text(String),
    /// One that the database assigned in a call that failed: nobody knows it.
    Unknown(usize),
}

impl Key {
    pub fn literal(&self) -> String {
        match self {
            Key::Int(number) => number.to_string(),
            Key::Text(text) => format!("{text:?}"),
            Key::Unknown(_) => panic!("a filter by an unknown key"),
        }
    }
}

/// Values of a row by column; the elements of vectors as bytes.
pub type Cells = BTreeMap<&'static str, Value>;

/// When a row was committed, in milliseconds; no difference between rows, as nobody can see it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Born(pub u64);

impl PartialEq for Born {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub cells: Cells,
    /// Empty where a partition key rules.
    pub partition: String,
    pub born: Born,
}

impl Row {
    pub fn cell(&self, column: &str) -> &Value {
        self.cells.get(column).unwrap_or(&Value::Null)
    }

    pub fn int(&self, column: &str) -> Option<i64> {
        match self.cell(column) {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }
}

/// Kind and metric.
pub type Index = (&'static str, &'static str);

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub shape: Shape,
    /// As set since the creation.
    pub description: Option<String>,
    /// Dynamic keys were switched on since the creation.
    pub widened: bool,
    /// Whether each is released.
    pub partitions: BTreeMap<String, bool>,
    /// By field.
    pub indexes: BTreeMap<&'static str, Index>,
    pub load: LoadState,
    pub rows: BTreeMap<Key, Row>,
}

/// Everything that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    pub tables: BTreeMap<String, Table>,
    pub aliases: BTreeMap<String, String>,
    /// Inserts of keys that exist are refused.
    pub reject: bool,
    /// In milliseconds.
    pub now: Born,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Insert,
    Upsert,
    Partial,
}

/// Something wrong with a request as a whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fault {
    UnknownField,
    RowCount,
}

/// Rows to write.
#[derive(Clone, Debug)]
pub struct Rows {
    pub name: String,
    pub mode: Mode,
    pub partition: Option<String>,
    pub keys: Option<Vec<Key>>,
    /// The columns that are sent.
    pub columns: Vec<&'static str>,
    pub rows: Vec<Cells>,
    /// What a partial upsert does with lists.
    pub list: FieldOp,
    /// Payloads leave out nulls.
    pub compact: bool,
    pub fault: Option<Fault>,
}

/// A change.
#[derive(Clone, Debug)]
pub enum Change {
    Create {
        name: String,
        shape: Shape,
    },
    Describe {
        name: String,
        text: &'static str,
    },
    /// Switches dynamic keys on.
    Widen {
        name: String,
    },
    Truncate {
        name: String,
    },
    Index {
        name: String,
        field: &'static str,
        index: Index,
    },
    /// No field = all of them.
    DropIndex {
        name: String,
        field: &'static str,
    },
    Drop {
        name: String,
    },
    Rename {
        name: String,
        to: String,
    },
    CreateAlias {
        alias: String,
        name: String,
    },
    AlterAlias {
        alias: String,
        name: String,
    },
    DropAlias {
        alias: String,
    },
    Release {
        name: String,
        partitions: Vec<String>,
    },
    Load {
        name: String,
        partitions: Vec<String>,
    },
    CreatePartition {
        name: String,
        partition: String,
    },
    DropPartition {
        name: String,
        partition: String,
    },
    Write(Rows),
    Delete {
        name: String,
        partition: Option<String>,
        filter: Filter,
    },
}

/// A refusal by its kind.
pub type Judged<T = ()> = Result<T, ErrorKind>;

/// What a change says when it has been made.
#[derive(Debug, Default, PartialEq)]
pub struct Made {
    /// Rows written or deleted; nothing where the engine need not count.
    pub count: Option<usize>,
}

impl Table {
    fn new(shape: &Shape) -> Self {
        let names = match shape.keyed {
            true => (0..KEYED_PARTITIONS).map(|i| format!("_default_{i}")).collect(),
            false => vec!["_default".to_owned()],
        };
        Self {
            shape: shape.clone(),
            description: None,
            widened: false,
            partitions: names.into_iter().map(|name| (name, false)).collect(),
            indexes: BTreeMap::new(),
            load: LoadState::NotLoaded,
            rows: BTreeMap::new(),
        }
    }

    /// Forgets rows that outlived their time.
    pub fn age(&mut self, now: u64) {
        let ttl = self.shape.ttl * 1000;
        self.rows.retain(|_, row| ttl == 0 || row.born.0 + ttl >= now);
    }

    /// Whether a row lies where reads may look.
    pub fn serves(&self, row: &Row) -> bool {
        self.load != LoadState::Released && !self.partitions.get(&row.partition).copied().unwrap_or(false)
    }

    /// The rows that a read of some partitions sees, or why it is refused.
    pub fn readable(&self, partition: Option<&str>) -> Judged<Vec<(&Key, &Row)>> {
        if self.load == LoadState::Released {
            return Err(ErrorKind::CollectionNotLoaded);
        }
        match partition {
            Some(_) if self.shape.keyed => return Err(ErrorKind::InvalidParameter),
            Some(name) => match self.partitions.get(name) {
                None => return Err(ErrorKind::InvalidParameter),
                Some(true) => return Err(ErrorKind::PartitionNotLoaded),
                Some(false) => {}
            },
            None if self.partitions.values().all(|released| *released) => {
                return Err(ErrorKind::PartitionNotLoaded);
            }
            None => {}
        }
        let meant = |row: &Row| partition.is_none_or(|name| row.partition == name) && self.serves(row);
        Ok(self.rows.iter().filter(|(_, row)| meant(row)).collect())
    }
}

impl World {
    /// Lets time pass.
    pub fn age(&mut self, now: u64) {
        self.now = Born(now);
        self.tables.values_mut().for_each(|table| table.age(now));
    }

    /// The collection behind a name or an alias.
    pub fn real_name<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        if self.tables.contains_key(name) {
            return Some(name);
        }
        self.aliases.get(name).map(String::as_str)
    }

    pub fn table(&self, name: &str) -> Judged<&Table> {
        let name = self.real_name(name).ok_or(ErrorKind::CollectionNotFound)?;
        self.tables.get(name).ok_or(ErrorKind::CollectionNotFound)
    }

    pub(super) fn table_mut(&mut self, name: &str) -> Judged<&mut Table> {
        let name = self.real_name(name).ok_or(ErrorKind::CollectionNotFound)?.to_owned();
        self.tables.get_mut(&name).ok_or(ErrorKind::CollectionNotFound)
    }

    /// Makes the change, or leaves all as it was and says why. `keys` are what the database assigned.
    pub fn apply(&mut self, change: &Change, keys: &[Key]) -> Judged<Made> {
        let before = self.clone();
        let made = self.try_apply(change, keys);
        if made.is_err() {
            *self = before;
        }
        made
    }

    fn try_apply(&mut self, change: &Change, keys: &[Key]) -> Judged<Made> {
        match change {
            Change::Create { name, shape } => self.create(name, shape)?,
            Change::Drop { name } => self.remove(name)?,
            Change::Rename { name, to } => self.rename(name, to)?,
            Change::CreateAlias { alias, name } => self.alias(alias, name, true)?,
            Change::AlterAlias { alias, name } => self.alias(alias, name, false)?,
            Change::DropAlias { alias } => drop(self.aliases.remove(alias)),
            Change::Describe { name, text } => self.table_mut(name)?.description = Some((*text).to_owned()),
            Change::Widen { name } => self.table_mut(name)?.widen(),
            Change::Truncate { name } => self.table_mut(name)?.rows.clear(),
            Change::Index { name, field, index } => self.table_mut(name)?.index(field, *index)?,
            Change::DropIndex { name, field } => self.table_mut(name)?.drop_index(field)?,
            Change::Load { name, partitions } => self.table_mut(name)?.load(partitions)?,
            Change::Release { name, partitions } => self.table_mut(name)?.release(partitions)?,
            Change::CreatePartition { name, partition } => {
                self.table_mut(name)?.create_partition(partition)?
            }
            Change::DropPartition { name, partition } => self.table_mut(name)?.drop_partition(partition)?,
            Change::Write(rows) => {
                let (reject, now) = (self.reject, self.now);
                let count = self.table_mut(&rows.name)?.write(rows, keys, reject, now)?;
                return Ok(Made { count: Some(count) });
            }
            Change::Delete { name, partition, filter } => {
                return self.table_mut(name)?.delete(partition.as_deref(), filter);
            }
        }
        Ok(Made::default())
    }

    fn create(&mut self, name: &str, shape: &Shape) -> Judged {
        if self.aliases.contains_key(name) {
            return Err(ErrorKind::AliasCollectionNameConflict);
        }
        match self.tables.get(name) {
            Some(there) if there.shape == *shape && there.description.is_none() && !there.widened => {}
            Some(_) => return Err(ErrorKind::InvalidParameter),
            None => drop(self.tables.insert(name.to_owned(), Table::new(shape))),
        }
        Ok(())
    }

    fn remove(&mut self, name: &str) -> Judged {
        if self.aliases.contains_key(name) || self.aliases.values().any(|target| target == name) {
            return Err(ErrorKind::InvalidParameter);
        }
        self.tables.remove(name);
        Ok(())
    }

    fn rename(&mut self, name: &str, to: &str) -> Judged {
        if name == to || self.aliases.contains_key(name) {
            return Err(ErrorKind::InvalidParameter);
        }
        if !self.tables.contains_key(name) {
            return Err(ErrorKind::CollectionNotFound);
        }
        if self.real_name(to).is_some() {
            return Err(ErrorKind::InvalidParameter);
        }
        let table = self.tables.remove(name).ok_or(ErrorKind::CollectionNotFound)?;
        self.tables.insert(to.to_owned(), table);
        self.aliases.values_mut().filter(|target| *target == name).for_each(|t| to.clone_into(t));
        Ok(())
    }

    fn alias(&mut self, alias: &str, name: &str, create: bool) -> Judged {
        if self.tables.contains_key(alias) {
            return Err(ErrorKind::AliasCollectionNameConflict);
        }
        if !self.tables.contains_key(name) {
            return Err(ErrorKind::CollectionNotFound);
        }
        match (self.aliases.get(alias), create) {
            (Some(there), true) if there != name => return Err(ErrorKind::AliasExists),
            (None, false) => return Err(ErrorKind::AliasNotFound),
            _ => {}
        }
        self.aliases.insert(alias.to_owned(), name.to_owned());
        Ok(())
    }
}
