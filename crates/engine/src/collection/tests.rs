//! Moments between two steps of a write that no caller can force.

use crate::db::{CatalogChange, NewCollection};
use crate::local::{Options, World, checkpoint, open_world};
use elanus_runtime::ManualClock;
use elanus_storage::SimDisk;
use elanus_types::input::{InputData, InputField};
use elanus_types::write::{InsertMode, InsertRequest};
use elanus_types::{Catalog, CollectionRef, DataType, FieldSchema, Result};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "things".into() }
}

pub(crate) fn world(disk: &SimDisk) -> Result<World> {
    let options = Options { maintenance: false, threads: 1, ..Options::default() };
    let clock = Arc::new(ManualClock::new(1_700_000_000_000));
    open_world(Arc::new(disk.clone()), clock, options, None)
}

pub(crate) fn create(world: &World) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let number = FieldSchema::new(0, "number", DataType::Int64);
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = 2;
    let spec = NewCollection {
        target: target(),
        description: String::new(),
        fields: vec![id, number, vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    };
    world.alter(&CatalogChange::CreateCollection(Box::new(spec)))?;
    world.alter(&CatalogChange::CreatePartition { target: target(), name: "p".into() })
}

fn upsert(world: &World, keys: &[i64], partition: &str) -> Result<()> {
    numbered(world, keys, 0, partition)
}

pub(crate) fn numbered(world: &World, keys: &[i64], number: i64, partition: &str) -> Result<()> {
    let field = |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
    let data = vec![0_u8; keys.len() * 8].into();
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data };
    let request = InsertRequest {
        target: target(),
        partition: Some(partition.into()),
        rows: keys.len(),
        fields: vec![
            field("id", InputData::Long(keys.to_vec())),
            field("number", InputData::Long(vec![number; keys.len()])),
            field("vector", vector),
        ],
        schema_timestamp: 0,
        mode: InsertMode::Upsert { partial: false, field_ops: Vec::new() },
    };
    world.insert(&request).map(|_| ())
}

fn rows(world: &World) -> Result<Vec<(i64, u64)>> {
    Ok(world.status(&target())?.partition_rows)
}

#[test]
fn rows_on_their_way_into_a_partition_go_with_it() -> Result<()> {
    let disk = SimDisk::new(1);
    {
        let world = world(&disk)?;
        create(&world)?;
        upsert(&world, &[1, 2], "_default")?;
        let (meta, collection) = world.resolve(&target())?;
        let end = world.log.end();
        std::thread::scope(|scope| {
            let changing = collection.changing.lock();
            let writer = scope.spawn(|| upsert(&world, &[2, 3], "p"));
            while world.log.end() == end {
                std::thread::yield_now();
            }
            // The record is durable; the writer comes to the lock that is held here.
            std::thread::sleep(Duration::from_millis(100));
            let mut catalog = Catalog::clone(&world.catalog());
            let gone = meta.partition("p").map(|partition| partition.id);
            let meta = catalog.collections.get_mut(&meta.id).map(Arc::make_mut);
            meta.into_iter().for_each(|meta| meta.partitions.retain(|p| Some(p.id) != gone));
            checkpoint::publish(&world, catalog);
            drop(changing);
            writer.join().expect("no panic")
        })?;
        let left = rows(&world)?;
        assert_eq!(left.iter().map(|(_, rows)| rows).sum::<u64>(), 1, "key 1 alone is left: {left:?}");
        assert_eq!(left.len(), 1, "nothing counts rows of a partition that is gone: {left:?}");
        upsert(&world, &[4], "p").expect_err("the partition is gone");
    }
    Ok(())
}

#[test]
fn rows_of_a_partition_dropped_since_their_validation_are_refused() -> Result<()> {
    let disk = SimDisk::new(1);
    let before = {
        let world = world(&disk)?;
        create(&world)?;
        upsert(&world, &[1, 2], "_default")?;
        let (meta, collection) = world.resolve(&target())?;
        let refused = world.commit(&meta, &collection, |world| {
            world.alter(&CatalogChange::DropPartition { target: target(), name: "p".into() })?;
            let rows = elanus_types::RowBatch { rows: 0, columns: Vec::new() };
            let partition = meta.partition("p").map_or(0, |partition| partition.id);
            let parts = vec![crate::log::RowsPart { partition, rows }];
            Ok(crate::local::Draft { replace: true, deletes: None, delete_partition: 0, parts })
        });
        let error = refused.expect_err("the partition is gone");
        assert_eq!(error.kind(), elanus_types::ErrorKind::PartitionNotFound);
        assert!(error.message().contains("[partition=p]"), "{error:?}");
        rows(&world)?
    };
    assert_eq!(rows(&world(&disk)?)?, before);
    Ok(())
}
