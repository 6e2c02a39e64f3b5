//! Collections that change while they hold rows: in files, in memory, in the log.

use crate::calls::{
    PARTIAL, UPSERT, clock, count, create, delete, field, index, insert, integers, keys, open, options,
    partition, query, run, search, send, status, target, write,
};
use elanus_engine::{CatalogChange, Db, LocalDb};
use elanus_storage::{Disk, SimDisk};
use elanus_types::input::InputData;
use elanus_types::{DataType, ErrorKind, FieldSchema, Result, Value};
use std::sync::Arc;

fn add(db: &LocalDb, name: &str, data_type: DataType, default: Option<Value>) -> Result<()> {
    let mut field = FieldSchema::new(0, name, data_type);
    (field.nullable, field.default) = (true, default);
    run(db.alter(CatalogChange::AddField { target: target("a"), field: Box::new(field) }))
}

/// The values of a field, by key.
fn values(db: &LocalDb, name: &str) -> Result<Vec<Value>> {
    let result = query(db, "a", None, "id >= 0", &["id", name])?;
    let found = result.fields.iter().find(|output| output.field.name == name);
    let column = &found.unwrap_or_else(|| panic!("no column {name}")).column;
    Ok((0..column.len()).map(|row| column.view().value(row)).collect())
}

/// Row 0 in files, row 1 in memory.
fn two_rows(disk: &Arc<dyn Disk>) -> Result<Arc<LocalDb>> {
    let db = open(disk, &clock(), options())?;
    create(&db, "a", &[])?;
    index(&db, "a")?;
    insert(&db, "a", &[0])?;
    run(db.flush(&target("a")))?;
    insert(&db, "a", &[1])?;
    Ok(db)
}

fn row(key: i64, more: Vec<elanus_types::input::InputField>) -> Vec<elanus_types::input::InputField> {
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data: vec![0; 8].into() };
    let mut fields = vec![field("id", InputData::Long(vec![key])), field("vector", vector)];
    fields.extend(more);
    fields
}

#[test]
fn a_field_added_later_has_its_default_or_null_in_older_rows() -> Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let mut db = two_rows(&disk)?;
    add(&db, "size", DataType::Int64, Some(Value::Int(7)))?;
    add(&db, "note", DataType::VarChar, None).expect_err("a text needs a max_length");
    add(&db, "weight", DataType::Double, None)?;
    assert_eq!(values(&db, "size")?, [Value::Int(7), Value::Int(7)]);
    assert_eq!(keys(&db, "a", None, "size == 7 and weight is null")?, [0, 1]);
    let extra = vec![field("size", InputData::Long(vec![8])), field("weight", InputData::Double(vec![0.5]))];
    send(&db, "a", None, UPSERT, row(2, extra), 1)?;
    // One that knows nothing of the new fields, and one that changes an old row's.
    insert(&db, "a", &[3])?;
    let fields = vec![field("id", InputData::Long(vec![0])), field("weight", InputData::Double(vec![0.25]))];
    send(&db, "a", None, PARTIAL, fields, 1)?;
    for step in ["memory", "files", "merged", "opened anew"] {
        match step {
            "files" => drop(run(db.flush(&target("a")))?),
            "merged" => db.maintain()?,
            "opened anew" => {
                drop(db);
                db = open(&disk, &clock(), options())?;
            }
            _ => {}
        }
        let (seven, null) = (Value::Int(7), Value::Null);
        assert_eq!(values(&db, "size")?, [seven.clone(), seven.clone(), Value::Int(8), seven], "{step}");
        let half = |value| Value::Float(value);
        assert_eq!(values(&db, "weight")?, [half(0.25), null.clone(), half(0.5), null], "{step}");
        assert_eq!(keys(&db, "a", None, "size == 7")?, [0, 1, 3], "{step}");
        assert_eq!(keys(&db, "a", None, "weight > 0.3 or size < 0")?, [2], "{step}");
        assert_eq!(integers(&search(&db, "a", 1, 1)?.ids), [1], "{step}");
    }
    assert_eq!(delete(&db, "a", "size == 7 and weight is null")?, 2);
    assert_eq!(keys(&db, "a", None, "")?, [0, 2]);
    Ok(())
}

#[test]
fn rows_in_the_log_alone_survive_a_field_added_after_them() -> Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let db = two_rows(&disk)?;
    add(&db, "size", DataType::Int64, Some(Value::Int(7)))?;
    send(&db, "a", None, UPSERT, row(2, vec![field("size", InputData::Long(vec![8]))]), 1)?;
    drop(db);
    let db = open(&disk, &clock(), options())?;
    assert_eq!(values(&db, "size")?, [Value::Int(7), Value::Int(7), Value::Int(8)]);
    db.maintain()?;
    assert_eq!(values(&db, "size")?, [Value::Int(7), Value::Int(7), Value::Int(8)]);
    Ok(())
}

#[test]
fn dynamic_keys_can_be_switched_on_later() -> Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let mut db = two_rows(&disk)?;
    let set = [("dynamicfield.enabled".to_owned(), "true".to_owned())].into();
    run(db.alter(CatalogChange::AlterCollection { target: target("a"), set, remove: Vec::new() }))?;
    let dynamic = elanus_types::input::InputField {
        dynamic: true,
        ..field("$meta", InputData::Json(vec!["{\"color\": \"red\"}".to_owned().into()]))
    };
    send(&db, "a", None, UPSERT, row(2, vec![dynamic]), 1)?;
    for _ in 0..2 {
        assert_eq!(keys(&db, "a", None, "color == \"red\"")?, [2]);
        assert_eq!(keys(&db, "a", None, "not (exists color)")?, [0, 1]);
        assert_eq!(count(&db, "a")?, 3);
        run(db.flush(&target("a")))?;
    }
    drop(db);
    db = open(&disk, &clock(), options())?;
    add(&db, "size", DataType::Int64, None)?;
    assert_eq!(keys(&db, "a", None, "color == \"red\"")?, [2], "the dynamic field stays the last");
    Ok(())
}

#[test]
fn truncating_removes_every_row_and_nothing_else() -> Result<()> {
    let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(1));
    let mut db = two_rows(&disk)?;
    partition(&db, "a", "p")?;
    write(&db, "a", Some("p"), UPSERT, &[5, 6], "t")?;
    let before = Arc::clone(db.catalog().resolve(&target("a"))?);
    run(db.alter(CatalogChange::Truncate(target("a"))))?;
    assert_eq!((count(&db, "a")?, status(&db, "a")?.rows), (0, 0));
    for opened in [false, true] {
        let after = Arc::clone(db.catalog().resolve(&target("a"))?);
        assert_eq!((after.id, &after.indexes, after.load), (before.id, &before.indexes, before.load));
        let names = |meta: &elanus_types::CollectionMeta| {
            meta.partitions.iter().map(|partition| partition.name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&after), names(&before));
        assert_eq!(keys(&db, "a", None, "")?, [0_i64; 0]);
        if !opened {
            drop(db);
            db = open(&disk, &clock(), options())?;
        }
    }
    insert(&db, "a", &[1])?;
    write(&db, "a", Some("p"), UPSERT, &[6], "t")?;
    db.maintain()?;
    drop(db);
    let db = open(&disk, &clock(), options())?;
    assert_eq!(keys(&db, "a", None, "")?, [1, 6]);
    assert_eq!(keys(&db, "a", Some("p"), "")?, [6]);
    let nothing = run(db.alter(CatalogChange::Truncate(target("b")))).expect_err("no such collection");
    assert_eq!(nothing.kind(), ErrorKind::CollectionNotFound);
    Ok(())
}
