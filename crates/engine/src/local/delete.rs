//! Deletes by key and by filter.

use super::World;
use super::write::{Draft, primary};
use crate::collection::Collection;
use crate::read;
use elanus_filter::Predicate;
use elanus_types::write::{DeleteRequest, WriteOutcome};
use elanus_types::{CollectionMeta, Column, ColumnBuilder, DataType, Error, FieldSchema, Result, Value};

impl World {
    /// Deletes the rows a filter names. Keys given literally are deleted without a look; any other filter is
    /// resolved to keys at the delete's own place in the order of writes.
    pub fn delete(&self, request: &DeleteRequest) -> Result<WriteOutcome> {
        let (meta, collection) = self.resolve(&request.target)?;
        let primary = primary(&meta)?;
        let predicate = elanus_filter::compile_delete(&request.filter, &meta.schema)?;
        let partition = match request.partition.as_deref().filter(|name| !name.is_empty()) {
            None => 0,
            Some(name) => crate::validate::rows::named_partition(&meta, name)?.id,
        };
        let literal =
            predicate.primary_keys(primary.id).map(|keys| literal_keys(primary, &keys)).transpose()?;
        let mut count = literal.as_ref().map_or(0, Column::len);
        let timestamp = self.commit(&meta, &collection, |world| {
            let deletes = match literal {
                Some(keys) => keys,
                None => matching_keys(world, &meta, &collection, &predicate, partition)?,
            };
            count = deletes.len();
            Ok(Draft {
                replace: false,
                deletes: Some(deletes),
                delete_partition: partition,
                parts: Vec::new(),
            })
        })?;
        Ok(WriteOutcome { ids: None, count, timestamp })
    }
}

fn literal_keys(primary: &FieldSchema, keys: &[Value]) -> Result<Column> {
    let mut column = ColumnBuilder::for_field(primary);
    for key in keys {
        if !column.push(key) {
            return Err(Error::invalid(format!(
                "{key} cannot be a key of field {}, which is {}",
                primary.name, primary.data_type
            )));
        }
    }
    Ok(column.finish())
}

fn matching_keys(
    world: &World,
    meta: &CollectionMeta,
    collection: &Collection,
    predicate: &Predicate,
    partition: i64,
) -> Result<Column> {
    read::require_loaded(meta, "delete")?;
    collection.turns.drain();
    let primary = primary(meta)?;
    let view = collection.view();
    let mut keys = ColumnBuilder::for_type(match primary.data_type {
        DataType::VarChar => DataType::VarChar,
        _ => DataType::Int64,
    });
    for segment in view.set.iter().filter(|segment| partition == 0 || segment.partition() == partition) {
        let rows = read::matching_rows(world, segment.as_ref(), Some(predicate), view.applied)?;
        for column in segment.take(&rows, &[primary.id])? {
            keys.append(&column.view());
        }
    }
    Ok(keys.finish())
}
