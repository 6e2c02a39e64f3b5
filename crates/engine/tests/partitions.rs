//! Partitions that come and go between writes: a reopened database holds what the running one held.

use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, Options};
use elanus_types::input::{InputData, InputField};
use elanus_types::write::{InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, DataType, FieldSchema, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("elanus-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "things".into() }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

fn open(folder: &Path) -> Result<Arc<LocalDb>> {
    LocalDb::open(folder, Options { maintenance: false, threads: 1, ..Options::default() })
}

fn create(db: &LocalDb) -> Result<()> {
    let mut id = FieldSchema::new(0, "id", DataType::Int64);
    id.primary_key = true;
    let mut vector = FieldSchema::new(0, "vector", DataType::FloatVector);
    vector.dim = 2;
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields: vec![id, vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))
}

fn partition(db: &LocalDb, name: &str) -> Result<()> {
    run(db.alter(CatalogChange::CreatePartition { target: target(), name: name.into() }))
}

fn upsert(db: &LocalDb, keys: &[i64], partition: &str) -> Result<()> {
    let field = |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
    let vectors = vec![0_u8; keys.len() * 8];
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data: vectors.into() };
    run(db.write(Write::Insert(InsertRequest {
        target: target(),
        partition: Some(partition.into()),
        rows: keys.len(),
        fields: vec![field("id", InputData::Long(keys.to_vec())), field("vector", vector)],
        schema_timestamp: 0,
        mode: InsertMode::Upsert { partial: false, field_ops: Vec::new() },
    })))
    .map(|_| ())
}

fn rows(db: &LocalDb) -> Result<Vec<u64>> {
    let status = run(db.status(&target()))?;
    assert_eq!(status.rows, status.partition_rows.iter().map(|(_, rows)| rows).sum::<u64>());
    Ok(status.partition_rows.iter().map(|(_, rows)| *rows).filter(|rows| *rows > 0).collect())
}

#[test]
fn a_partition_made_after_the_first_write_is_there_after_a_restart() -> Result<()> {
    let folder = Folder::new("partition-later");
    let db = open(&folder.0)?;
    create(&db)?;
    upsert(&db, &[1, 2, 3], "_default")?;
    partition(&db, "p")?;
    upsert(&db, &[4, 5], "p")?;
    assert_eq!(rows(&db)?, [3, 2]);
    drop(db);
    assert_eq!(rows(open(&folder.0)?.as_ref())?, [3, 2]);
    Ok(())
}

#[test]
fn a_row_moved_into_a_partition_goes_with_it_for_good() -> Result<()> {
    let folder = Folder::new("partition-gone");
    let db = open(&folder.0)?;
    create(&db)?;
    partition(&db, "p")?;
    upsert(&db, &[1, 2], "_default")?;
    upsert(&db, &[1], "p")?;
    run(db.alter(CatalogChange::DropPartition { target: target(), name: "p".into() }))?;
    assert_eq!(rows(&db)?, [1]);
    drop(db);
    assert_eq!(rows(open(&folder.0)?.as_ref())?, [1], "key 1 must not come back in its old partition");
    Ok(())
}
