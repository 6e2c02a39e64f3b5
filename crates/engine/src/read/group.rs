//! Group-by of a search: the best hits of every value of a field.

use super::merge::Found;
use super::search::Prepared;
use super::snapshot::Snapshot;
use crate::local::World;
use elanus_types::query::OutputField;
use elanus_types::search::GroupBy;
use elanus_types::{CollectionMeta, ColumnBuilder, DataType, Error, FieldSchema, Result, Value};
use std::collections::HashMap;

/// The hits of one value of the field, best first.
pub type Group = Vec<Found>;

/// A group-by, resolved.
pub struct Grouping {
    field: FieldSchema,
    /// Key inside `$meta`, when the groups come from a dynamic key.
    key: Option<String>,
    size: usize,
}

impl Grouping {
    /// Resolves the field or dynamic key and checks that its values can form groups.
    pub fn new(meta: &CollectionMeta, by: &GroupBy) -> Result<Self> {
        if meta.schema.structure(&by.field).is_some() {
            return Err(Error::invalid("unsupported data type ArrayOfStruct for group by operator"));
        }
        let (field, key) = match (meta.schema.field(&by.field), meta.schema.dynamic()) {
            (Some(field), _) => (field, None),
            (None, Some(dynamic)) => (dynamic, Some(by.field.clone())),
            (None, None) => {
                return Err(Error::invalid(format!(
                    "groupBy field not found in schema: field {} not exist",
                    by.field
                )));
            }
        };
        let groupable = field.data_type == DataType::Bool
            || field.data_type.is_integer()
            || matches!(field.data_type, DataType::VarChar | DataType::Timestamptz)
            || key.is_some();
        if !groupable {
            return Err(Error::invalid(format!(
                "unsupported data type {} for group by operator",
                field.data_type
            )));
        }
        Ok(Self { field: field.clone(), key, size: by.size.max(1) })
    }

    /// Searches deeper and deeper until `groups` groups are full or everything was seen; the groups of every query.
    pub fn find(
        &self,
        world: &World,
        snapshot: &Snapshot,
        prepared: &Prepared,
        groups: usize,
    ) -> Result<Vec<Vec<Group>>> {
        let rows: usize = snapshot.segments.iter().map(|segment| segment.rows()).sum();
        let mut k = groups.saturating_mul(self.size).saturating_mul(2).clamp(1, rows.max(1));
        loop {
            let wider = Prepared {
                k,
                queries: prepared.queries.clone(),
                predicate: prepared.predicate.clone(),
                params: prepared.params,
                zone: prepared.zone.clone(),
                ..*prepared
            };
            let lists = world.find(snapshot, &wider)?;
            let grouped =
                lists.iter().map(|hits| self.select(snapshot, hits, groups)).collect::<Result<Vec<_>>>()?;
            let full = |hits: &Vec<Found>, selected: &Vec<Group>| {
                hits.len() < k || selected.iter().map(Vec::len).sum::<usize>() >= groups * self.size
            };
            if k >= rows || lists.iter().zip(&grouped).all(|(hits, selected)| full(hits, selected)) {
                return Ok(grouped);
            }
            k = k.saturating_mul(4).min(rows);
        }
    }

    /// The first `groups` groups in order of their best hit, each with its best `size` hits.
    fn select(&self, snapshot: &Snapshot, hits: &[Found], groups: usize) -> Result<Vec<Group>> {
        let values = self.values_of(snapshot, hits)?;
        let mut order: Vec<Group> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (hit, value) in hits.iter().zip(values) {
            let next = order.len();
            let place = *known.entry(value.to_string()).or_insert(next);
            if place == next {
                order.push(Vec::new());
            }
            if let Some(group) = order.get_mut(place)
                && group.len() < self.size
            {
                group.push(hit.clone());
            }
        }
        order.truncate(groups);
        Ok(order)
    }

    /// The group values of all hits as an output column.
    pub fn values(&self, snapshot: &Snapshot, lists: &[Vec<Found>]) -> Result<OutputField> {
        let hits: Vec<Found> = lists.iter().flatten().cloned().collect();
        let values = self.values_of(snapshot, &hits)?;
        let mut field = self.field.clone();
        if let Some(key) = &self.key {
            field = FieldSchema::new(field.id, key.clone(), DataType::VarChar);
        }
        let mut column = ColumnBuilder::for_field(&field);
        for value in values {
            if !column.push(&value) {
                column.push(&Value::Str(value.to_string()));
            }
        }
        field.nullable = column.view().valid.is_some();
        Ok(OutputField { field, column: column.finish() })
    }

    fn values_of(&self, snapshot: &Snapshot, hits: &[Found]) -> Result<Vec<Value>> {
        hits.iter()
            .map(|hit| {
                let segment = snapshot.segments.get(hit.place.segment as usize);
                let segment = segment.ok_or_else(|| Error::internal("a hit outside the snapshot"))?;
                let columns = segment.take(&[hit.place.row], &[self.field.id])?;
                let value = columns.first().map_or(Value::Null, |column| column.view().value(0));
                Ok(match (&self.key, value) {
                    (Some(key), Value::Str(json)) => dynamic_value(&json, key),
                    (_, value) => value,
                })
            })
            .collect()
    }
}

fn dynamic_value(json: &str, key: &str) -> Value {
    let parsed: serde_json::Value = serde_json::from_str(json).unwrap_or_default();
    match parsed.get(key) {
        None | Some(serde_json::Value::Null) => Value::Null,
        Some(serde_json::Value::String(text)) => Value::Str(text.clone()),
        Some(other) => Value::Str(other.to_string()),
    }
}
