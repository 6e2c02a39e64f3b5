//! Changes of one collection: what is served, partitions, indexes, rows.

use crate::filter::Filter;
use crate::reference::{Born, Cells, Index, Judged, Key, Made, Mode, Row, Rows, Table};
use crate::shape::CAPACITY;
use elanus_types::write::FieldOp;
use elanus_types::{ErrorKind, LoadState, Value};
use std::collections::{BTreeMap, BTreeSet};

const INVALID: ErrorKind = ErrorKind::InvalidParameter;

impl Table {
    pub(super) fn index(&mut self, field: &'static str, index: Index) -> Judged {
        match self.indexes.get(field) {
            Some(there) if *there != index => return Err(INVALID),
            _ => self.indexes.insert(field, index),
        };
        Ok(())
    }

    /// Rows that are there have no dynamic keys then.
    pub(super) fn widen(&mut self) {
        (self.shape.dynamic, self.widened) = (true, true);
        let nothing = self.shape.absent("$meta").unwrap_or(Value::Null);
        for row in self.rows.values_mut() {
            row.cells.entry("$meta").or_insert_with(|| nothing.clone());
        }
    }

    pub(super) fn drop_index(&mut self, field: &str) -> Judged {
        let doomed = |name: &str| field.is_empty() || name == field;
        let on_vector = self.indexes.contains_key("vector") && doomed("vector");
        if self.load == LoadState::Loaded && on_vector {
            return Err(INVALID);
        }
        self.indexes.retain(|name, _| !doomed(name));
        Ok(())
    }

    pub(super) fn load(&mut self, partitions: &[String]) -> Judged {
        if self.indexes.is_empty() {
            return Err(ErrorKind::IndexNotFound);
        }
        if !self.indexes.contains_key("vector") {
            return Err(INVALID);
        }
        self.known(partitions)?;
        let all_served = self.load == LoadState::Loaded;
        for (name, released) in &mut self.partitions {
            let named = partitions.is_empty() || partitions.contains(name);
            *released = !named && (*released || !all_served);
        }
        self.load = LoadState::Loaded;
        Ok(())
    }

    pub(super) fn release(&mut self, partitions: &[String]) -> Judged {
        self.known(partitions)?;
        if self.load == LoadState::Released && !partitions.is_empty() {
            return Ok(());
        }
        for (name, released) in &mut self.partitions {
            *released |= partitions.contains(name);
        }
        if partitions.is_empty() || self.partitions.values().all(|released| *released) {
            self.load = LoadState::Released;
            self.partitions.values_mut().for_each(|released| *released = false);
        }
        Ok(())
    }

    /// Whether partitions may be named and are there.
    fn known(&self, partitions: &[String]) -> Judged {
        if self.shape.keyed && !partitions.is_empty() {
            return Err(INVALID);
        }
        let there = partitions.iter().all(|name| self.partitions.contains_key(name));
        if there { Ok(()) } else { Err(ErrorKind::PartitionNotFound) }
    }

    pub(super) fn create_partition(&mut self, partition: &str) -> Judged {
        if self.shape.keyed {
            return Err(INVALID);
        }
        self.partitions.entry(partition.to_owned()).or_default();
        Ok(())
    }

    pub(super) fn drop_partition(&mut self, partition: &str) -> Judged {
        if self.shape.keyed || partition == "_default" {
            return Err(INVALID);
        }
        if self.load == LoadState::Loaded && self.partitions.get(partition) == Some(&false) {
            return Err(INVALID);
        }
        self.partitions.remove(partition);
        self.rows.retain(|_, row| row.partition != partition);
        Ok(())
    }

    pub(super) fn delete(&mut self, partition: Option<&str>, filter: &Filter) -> Judged<Made> {
        self.known(&partition.map(str::to_owned).into_iter().collect::<Vec<_>>())?;
        if self.load == LoadState::Released && !filter.is_literal() {
            return Err(ErrorKind::CollectionNotLoaded);
        }
        let before = self.rows.len();
        let meant = |row: &Row| partition.is_none_or(|name| row.partition == name);
        self.rows.retain(|key, row| !(meant(row) && filter.matches(key, row)));
        let count = before - self.rows.len();
        Ok(Made { count: (!filter.is_literal()).then_some(count) })
    }

    /// Writes rows; `assigned` are the keys that the database gave them.
    pub(super) fn write(&mut self, rows: &Rows, assigned: &[Key], reject: bool, now: Born) -> Judged<usize> {
        self.known(rows.partition.as_slice())?;
        if rows.mode == Mode::Partial && self.load == LoadState::Released {
            return Err(ErrorKind::CollectionNotLoaded);
        }
        if rows.fault.is_some() || !self.may_bring(rows) {
            return Err(INVALID);
        }
        let sent: Vec<Option<&Key>> = match &rows.keys {
            Some(keys) => keys.iter().map(Some).collect(),
            None => vec![None; rows.rows.len()],
        };
        let distinct = sent.iter().flatten().collect::<BTreeSet<_>>().len() == sent.len();
        let exists = sent.iter().flatten().any(|key| self.rows.contains_key(*key));
        if rows.mode == Mode::Partial && !distinct {
            return Err(INVALID);
        }
        let assigns = self.shape.assigns(rows.keys.is_some());
        if reject && rows.mode == Mode::Insert && !assigns && (exists || !distinct) {
            return Err(INVALID);
        }
        let mut fresh = BTreeMap::new();
        for (place, (key, cells)) in sent.iter().zip(&rows.rows).enumerate() {
            let old = key.and_then(|key| self.rows.get(key)).filter(|_| rows.mode == Mode::Partial);
            let mut row = self.row(rows, cells, old, now)?;
            if let (Some(old), None) = (old, &rows.partition) {
                old.partition.clone_into(&mut row.partition);
            }
            let key = match assigns {
                true => assigned.get(place).cloned().unwrap_or(Key::Unknown(place)),
                false => (*key).ok_or(INVALID)?.clone(),
            };
            fresh.insert(key, row);
        }
        for key in sent.into_iter().flatten() {
            self.rows.remove(key);
        }
        self.rows.extend(fresh);
        Ok(rows.rows.len())
    }

    /// Whether keys and columns are those that a request of this mode may and must bring.
    fn may_bring(&self, rows: &Rows) -> bool {
        let shape = &self.shape;
        let keys = match (rows.mode, &rows.keys) {
            (Mode::Insert, Some(_)) => !shape.auto_id || shape.own_ids,
            (Mode::Insert, None) => shape.auto_id,
            (_, keys) => keys.is_some(),
        };
        let known = rows.columns.iter().all(|column| shape.columns().contains(column));
        let values = |cells: &Cells| rows.columns.iter().all(|column| shape.allows(column, &cells[column]));
        keys && known && rows.rows.iter().all(values)
    }

    /// A row as stored: what is sent, else what was there, else what stands for nothing.
    fn row(&self, rows: &Rows, sent: &Cells, old: Option<&Row>, now: Born) -> Judged<Row> {
        let mut cells = Cells::new();
        for column in self.shape.columns() {
            let absent = self.shape.absent(column);
            let sent = sent.get(column).filter(|_| rows.columns.contains(&column));
            let sent = sent.map(|value| match (value, &absent) {
                (Value::Null, Some(absent)) => absent.clone(),
                (value, _) => value.clone(),
            });
            let old = old.map(|row| row.cell(column).clone());
            let value = match (sent, old) {
                (Some(sent), old) if rows.mode == Mode::Partial => combined(column, rows.list, sent, old)?,
                (Some(sent), _) => sent,
                (None, Some(old)) => old,
                (None, None) => absent.ok_or(INVALID)?,
            };
            cells.insert(column, value);
        }
        let default = if self.shape.keyed { "" } else { "_default" };
        let partition = rows.partition.as_deref().unwrap_or(default).to_owned();
        Ok(Row { cells, partition, born: now })
    }
}

/// What a partial upsert makes of a value sent and the one there.
fn combined(column: &str, op: FieldOp, sent: Value, old: Option<Value>) -> Judged<Value> {
    let value = match (column, sent, old) {
        ("$meta", Value::Json(sent), Some(Value::Json(mut old))) => {
            if let (Some(old), Some(sent)) = (old.as_object_mut(), sent.as_object()) {
                old.extend(sent.clone());
            }
            Value::Json(old)
        }
        ("list", sent, old) if op != FieldOp::Replace => listed(op, sent, old),
        (_, sent, _) => sent,
    };
    match &value {
        Value::Array(items) if items.len() > CAPACITY => Err(INVALID),
        _ => Ok(value),
    }
}

fn listed(op: FieldOp, sent: Value, old: Option<Value>) -> Value {
    match (old, sent) {
        (Some(old), Value::Null) => old,
        (Some(Value::Array(mut old)), Value::Array(sent)) => {
            match op {
                FieldOp::ArrayAppend => old.extend(sent),
                _ => old.retain(|item| !sent.contains(item)),
            }
            Value::Array(old)
        }
        (None | Some(_), sent) if op == FieldOp::ArrayAppend => sent,
        _ => Value::Null,
    }
}
