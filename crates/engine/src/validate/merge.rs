//! Partial upserts: some fields of rows, merged with the rows they change.

mod dynamic;

use crate::validate::rows::{self, Sent};
use crate::validate::{Limits, invalid};
use elanus_segment::PrimaryKey;
use elanus_types::write::{FieldOp, InsertMode, InsertRequest};
use elanus_types::{
    CollectionMeta, CollectionSchema, Column, ColumnBuilder, DataType, Error, FieldId, FieldSchema, Result,
    RowBatch, Value,
};
use std::collections::HashSet;
use std::sync::Arc;

/// The rows of a partial upsert, checked as far as that is possible without the rows they change.
///
/// Used in three steps: [`PartialRows::check`]; find the newest visible row of each of [`PartialRows::keys`] and take
/// all its stored fields, where no other write can come between that and the commit; [`PartialRows::merge`].
#[derive(Debug)]
pub struct PartialRows {
    schema: Arc<CollectionSchema>,
    limits: Limits,
    rows: usize,
    /// The keys sent, when rows get new ones.
    replaced: Option<Column>,
    /// What the request brings, and the keys to store, full length.
    columns: Vec<(FieldId, Column)>,
    /// The key column among `columns`.
    primary: usize,
    /// Array fields that are not simply replaced.
    ops: Vec<(FieldId, FieldOp)>,
}

impl PartialRows {
    /// Checks what was sent. A key may stand in a request only once: there is no order in which two partial changes
    /// of one row could be told to apply. `new_keys` is that of [`rows::rows`].
    pub fn check(
        meta: &CollectionMeta,
        request: &InsertRequest,
        limits: &Limits,
        new_keys: impl FnOnce(usize) -> i64,
    ) -> Result<Self> {
        let sent = Sent::of(meta, request)?;
        rows::check_whole(&meta.schema, &sent)?;
        let assigned = rows::assigned(meta, &sent)?;
        let ops = field_ops(meta, request, &sent)?;
        let (mut columns, mut primary, mut replaced) = (Vec::new(), 0, None);
        for field in &meta.schema.fields {
            let Some(column) = sent.column(field, limits)? else { continue };
            if field.primary_key {
                check_distinct(&column)?;
                primary = columns.len();
            }
            columns.push((field.id, column));
        }
        rows::check_equal_lengths(&meta.schema, &columns)?;
        if let (true, Some((id, keys)), Some(field)) =
            (assigned, columns.get_mut(primary), meta.schema.primary())
            && *id == field.id
        {
            let stored = rows::numbered(field, new_keys(sent.rows), sent.rows);
            replaced = Some(std::mem::replace(keys, stored));
        }
        let (schema, limits, rows) = (Arc::clone(&meta.schema), limits.clone(), sent.rows);
        Ok(Self { schema, limits, rows, replaced, columns, primary, ops })
    }

    /// The keys of the rows to change, one per row sent.
    pub fn keys(&self) -> &Column {
        static NONE: Column = Column { data: elanus_types::ColumnData::Int64(Vec::new()), valid: None };
        let stored = self.columns.get(self.primary).map_or(&NONE, |(_, keys)| keys);
        self.replaced.as_ref().unwrap_or(stored)
    }

    /// Keys whose rows must be deleted because the merged rows have new ones (auto id). Without them the merged rows
    /// replace the rows of their own keys.
    pub fn deletes(&self) -> Option<&Column> {
        self.replaced.as_ref()
    }

    /// The full rows. `found[i]` is the row of `old` with the present values of key `i`, or nothing when the key is
    /// new: then the request must bring every field that is neither nullable nor defaulted. `old` has a column for
    /// every stored field (it may be empty when no key was found).
    pub fn merge(self, old: &[(FieldId, Column)], found: &[Option<u32>]) -> Result<RowBatch> {
        if found.len() != self.rows {
            let (got, rows) = (found.len(), self.rows);
            return Err(Error::internal(format!("a partial upsert of {rows} rows was given {got} look-ups")));
        }
        let fields = self.schema.fields.iter();
        let columns = fields.map(|field| {
            let old =
                Old { column: old.iter().find(|(id, _)| *id == field.id).map(|(_, column)| column), found };
            old.check(field)?;
            let sent = self.columns.iter().find(|(id, _)| *id == field.id).map(|(_, column)| column);
            let op = self.ops.iter().find(|(id, _)| *id == field.id).map_or(FieldOp::Replace, |(_, op)| *op);
            let column = match (sent, op) {
                (None, _) => kept(field, &old, self.keys())?,
                (Some(sent), _) if field.dynamic => self.merged_dynamic(field, sent, &old)?,
                (Some(sent), FieldOp::Replace) => sent.clone(),
                (Some(sent), op) => combined(field, op, sent, &old)?,
            };
            Ok((field.id, column))
        });
        Ok(RowBatch { rows: self.rows, columns: columns.collect::<Result<_>>()? })
    }

    fn merged_dynamic(&self, field: &FieldSchema, sent: &Column, old: &Old<'_>) -> Result<Column> {
        let mut column = ColumnBuilder::for_field(field);
        let view = sent.view();
        for row in 0..self.rows {
            let new = view.data.bytes(row).unwrap_or_default();
            let merged = dynamic::merged(old.bytes(row), new)?;
            rows::json_length(field, merged.len(), &self.limits)?;
            column.push_bytes(&merged);
        }
        Ok(column.finish())
    }
}

/// The present values of one field.
struct Old<'a> {
    column: Option<&'a Column>,
    found: &'a [Option<u32>],
}

impl Old<'_> {
    /// Whether every found row lies in the column.
    fn check(&self, field: &FieldSchema) -> Result<()> {
        let rows = self.column.map_or(0, Column::len);
        match self.found.iter().flatten().find(|row| **row as usize >= rows) {
            None => Ok(()),
            Some(row) => {
                Err(Error::internal(format!("row {row} of field {} was found but not taken", field.name)))
            }
        }
    }

    /// The value of the row that `row` changes; `None` = the key is new.
    fn value(&self, row: usize) -> Option<Value> {
        let at = (*self.found.get(row)?)?;
        Some(self.column?.view().value(at as usize))
    }

    /// The bytes of the row that `row` changes; empty for a null or a new key.
    fn bytes(&self, row: usize) -> &[u8] {
        let at = self.found.get(row).copied().flatten().map(|at| at as usize);
        let column = self.column.map(Column::view);
        match (at, column) {
            (Some(at), Some(view)) if view.is_valid(at) => view.data.bytes(at).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// A field the request does not bring: old values, and defaults or nulls for new keys.
fn kept(field: &FieldSchema, old: &Old<'_>, keys: &Column) -> Result<Column> {
    let required = field.default.is_none() && !field.nullable;
    if required && let Some(new) = old.found.iter().position(Option::is_none) {
        return Err(invalid(format!(
            "fieldSchema({}) has no corresponding fieldData pass in, it is needed for the new primary key {}",
            field.name,
            keys.view().value(new)
        )));
    }
    let mut column = ColumnBuilder::for_field(field);
    column.reserve(old.found.len());
    let view = old.column.map(Column::view);
    for found in old.found {
        match (found, &view) {
            (Some(row), Some(view)) => column.append_rows(view, &[*row]),
            _ => rows::push_default(&mut column, field)?,
        }
    }
    Ok(column.finish())
}

/// An array field whose elements are added to the old ones or taken out of them. A null sent changes nothing; a null
/// stored has no elements to take out, and a new key starts from nothing.
fn combined(field: &FieldSchema, op: FieldOp, sent: &Column, old: &Old<'_>) -> Result<Column> {
    let mut column = ColumnBuilder::for_field(field);
    let view = sent.view();
    for row in 0..sent.len() {
        let before = old.value(row);
        let value = match (before, view.value(row), op) {
            (Some(before), Value::Null, _) => before,
            (Some(Value::Array(mut items)), Value::Array(more), FieldOp::ArrayAppend) => {
                items.extend(more);
                Value::Array(items)
            }
            (Some(Value::Array(mut items)), Value::Array(gone), _) => {
                items.retain(|item| !gone.contains(item));
                Value::Array(items)
            }
            (Some(before), _, FieldOp::ArrayRemove) => before,
            (None, _, FieldOp::ArrayRemove) if field.nullable => Value::Null,
            (None, _, FieldOp::ArrayRemove) => Value::Array(Vec::new()),
            (_, sent, _) => sent,
        };
        if let Value::Array(items) = &value {
            rows::check_capacity(field, row, items.len())?;
        }
        if !column.push(&value) {
            return Err(Error::internal(format!("{value} does not fit field {}", field.name)));
        }
    }
    Ok(column.finish())
}

fn field_ops(
    meta: &CollectionMeta,
    request: &InsertRequest,
    sent: &Sent<'_>,
) -> Result<Vec<(FieldId, FieldOp)>> {
    let InsertMode::Upsert { field_ops, .. } = &request.mode else { return Ok(Vec::new()) };
    let mut ops: Vec<(FieldId, FieldOp)> = Vec::new();
    for (name, op) in field_ops {
        if let Some(structure) = struct_of(&meta.schema, name).filter(|_| *op != FieldOp::Replace) {
            return Err(invalid(format!(
                "field_ops can append to and remove from Array fields only, {structure} is a struct array field"
            )));
        }
        if meta.schema.structure(name).is_some() {
            continue;
        }
        let field = meta.schema.field(name);
        let field =
            field.ok_or_else(|| invalid(format!("field_ops names field {name}, which does not exist")))?;
        if ops.iter().any(|(id, _)| *id == field.id) {
            return Err(invalid(format!("field_ops names field {name} twice")));
        }
        if *op != FieldOp::Replace && field.data_type != DataType::Array {
            return Err(invalid(format!(
                "field_ops can append to and remove from Array fields only, field {name} is {}",
                field.data_type
            )));
        }
        if sent.input(field).is_none() {
            return Err(invalid(format!("field_ops names field {name}, for which no data was sent")));
        }
        ops.push((field.id, *op));
    }
    Ok(ops)
}

/// The struct array that a name means, or a part of.
fn struct_of<'a>(schema: &'a CollectionSchema, name: &str) -> Option<&'a str> {
    let whole = schema.structure(name);
    let of_part = || schema.structure_of(schema.field(name)?.id);
    whole.or_else(of_part).map(|structure| structure.name.as_str())
}

fn check_distinct(keys: &Column) -> Result<()> {
    let view = keys.view();
    let mut seen = HashSet::with_capacity(keys.len());
    match (0..keys.len()).all(|row| PrimaryKey::at(&view, row).is_none_or(|key| seen.insert(key))) {
        true => Ok(()),
        false => Err(invalid("duplicate primary keys are not allowed in the same batch")),
    }
}

#[cfg(test)]
mod tests;
