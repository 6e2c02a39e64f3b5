//! What this crate's own tests share: a folder, random schemas and rows.

use elanus_storage::LocalDisk;
use elanus_types::{CollectionSchema, ColumnBuilder, DataType, FieldSchema, RowBatch, StructSchema, Value};
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A disk whose folder goes away with the value.
pub struct TempDisk(LocalDisk, PathBuf);

impl TempDisk {
    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("elanus-segment-{}-{number}", std::process::id()));
        Self(LocalDisk::open(&path).expect("temporary folder"), path)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.1.join(name)
    }
}

impl Deref for TempDisk {
    type Target = LocalDisk;

    fn deref(&self) -> &LocalDisk {
        &self.0
    }
}

impl Drop for TempDisk {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.1);
    }
}

/// A key and some fields of every kind, some of them nullable or with a default.
pub fn schema(rng: &mut fastrand::Rng) -> Arc<CollectionSchema> {
    let key_type = if rng.bool() { DataType::Int64 } else { DataType::VarChar };
    let mut fields =
        vec![FieldSchema { primary_key: true, max_length: 64, ..FieldSchema::new(100, "id", key_type) }];
    let mut types: Vec<DataType> = DataType::ALL.to_vec();
    rng.shuffle(&mut types);
    types.truncate(rng.usize(1..types.len()));
    if !types.iter().any(|data_type| data_type.is_vector()) {
        types.push(DataType::FloatVector);
    }
    for data_type in types {
        let id = 100 + fields.len() as i64;
        let mut field = FieldSchema::new(id, format!("f{id}"), data_type);
        field.max_length = 64;
        field.max_capacity = 10;
        if data_type == DataType::ArrayOfVector {
            field.element_type = Some(*choose(rng, &[DataType::FloatVector, DataType::Int8Vector]));
        }
        if field.vector_type().is_dense_vector() {
            field.dim = 8 * rng.usize(1..4);
        }
        if data_type == DataType::Array {
            field.element_type = Some(*choose(rng, &[DataType::Bool, DataType::Int16, DataType::VarChar]));
        }
        field.nullable = rng.bool();
        if !data_type.is_vector() && data_type != DataType::Array && rng.bool() {
            field.default = Some(value(rng, &field, data_type));
        }
        fields.push(field);
    }
    let structs = structure(rng, &mut fields);
    if rng.bool() {
        let id = 100 + fields.len() as i64;
        fields.push(FieldSchema { dynamic: true, ..FieldSchema::new(id, "$meta", DataType::Json) });
    }
    Arc::new(CollectionSchema { fields, structs, version: 1, ..CollectionSchema::default() })
}

/// A struct array of a number and a vector, now and then.
fn structure(rng: &mut fastrand::Rng, fields: &mut Vec<FieldSchema>) -> Vec<StructSchema> {
    if rng.bool() {
        return Vec::new();
    }
    let nullable = rng.bool();
    let id = 100 + fields.len() as i64;
    let part = |id, name: &str, data_type, element| FieldSchema {
        element_type: Some(element),
        nullable,
        max_capacity: 10,
        ..FieldSchema::new(id, format!("s[{name}]"), data_type)
    };
    let vector = *choose(rng, &[DataType::FloatVector, DataType::BFloat16Vector, DataType::BinaryVector]);
    fields.push(part(id, "n", DataType::Array, DataType::Int64));
    fields.push(FieldSchema { dim: 8, ..part(id + 1, "v", DataType::ArrayOfVector, vector) });
    vec![StructSchema {
        id: 99,
        name: "s".into(),
        description: String::new(),
        nullable,
        max_capacity: 10,
        type_params: Vec::new(),
        fields: vec![id, id + 1],
    }]
}

/// Rows of a schema; keys repeat, and fields with a default or nulls are missing now and then.
pub fn batch(rng: &mut fastrand::Rng, schema: &CollectionSchema, rows: usize) -> RowBatch {
    let mut columns = Vec::new();
    for structure in &schema.structs {
        let lengths: Vec<Option<usize>> =
            (0..rows).map(|_| (!structure.nullable || rng.u8(..4) > 0).then(|| rng.usize(..5))).collect();
        for field in schema.parts(structure) {
            let mut column = ColumnBuilder::for_field(field);
            for length in &lengths {
                let list = length.map_or(Value::Null, |length| list(rng, field, length));
                assert!(column.push(&list), "{list} does not fit {}", field.name);
            }
            columns.push((field.id, column.finish()));
        }
    }
    for field in schema.fields.iter().filter(|field| field.part().is_none()) {
        if rng.u8(..5) == 0 && (field.nullable || field.default.is_some()) {
            continue;
        }
        let mut column = ColumnBuilder::for_field(field);
        for _ in 0..rows {
            let null = field.nullable && rng.u8(..4) == 0;
            let value = if null { Value::Null } else { value(rng, field, field.data_type) };
            assert!(column.push(&value), "{value} does not fit {}", field.name);
        }
        columns.push((field.id, column.finish()));
    }
    RowBatch { rows, columns }
}

pub fn value(rng: &mut fastrand::Rng, field: &FieldSchema, data_type: DataType) -> Value {
    match data_type {
        DataType::Bool => Value::Bool(rng.bool()),
        DataType::Timestamptz => Value::Int(rng.i64(-2_000_000..2_000_000)),
        DataType::Geometry => {
            // A point as WKB.
            let ordinates = [0, 1].map(|_| f64::from(rng.i8(-9..9)).to_le_bytes());
            Value::Bytes([&[1, 1, 0, 0, 0], ordinates.concat().as_slice()].concat())
        }
        _ if data_type.is_integer() => Value::Int(rng.i64(-30..90)),
        _ if data_type.is_float() => Value::Float(f64::from(rng.i32(-40..40)) / 4.0),
        DataType::VarChar => Value::Str((0..rng.usize(..3)).map(|_| rng.char('a'..'f')).collect()),
        DataType::Json => Value::Str(format!("{{\"a\": {}}}", rng.u8(..9))),
        DataType::Array | DataType::ArrayOfVector => {
            let length = rng.usize(..4);
            list(rng, field, length)
        }
        DataType::SparseFloatVector => {
            let indices = (0..rng.u32(..4)).map(|i| (i * 3 + rng.u32(..3), f32::from(rng.i8(-3..4))));
            Value::Bytes(elanus_kernels::sparse::row(indices))
        }
        _ => Value::Bytes(vector(rng, field)),
    }
}

fn list(rng: &mut fastrand::Rng, field: &FieldSchema, length: usize) -> Value {
    let element = field.element_type.unwrap_or(DataType::Int64);
    Value::Array((0..length).map(|_| value(rng, field, element)).collect())
}

/// A dense vector of small numbers, so that equal distances are common.
pub fn vector(rng: &mut fastrand::Rng, field: &FieldSchema) -> Vec<u8> {
    let mut numbers = || f32::from(rng.i8(-3..4));
    match field.vector_type() {
        DataType::FloatVector => (0..field.dim).flat_map(|_| numbers().to_le_bytes()).collect(),
        DataType::BFloat16Vector => {
            (0..field.dim).flat_map(|_| ((numbers().to_bits() >> 16) as u16).to_le_bytes()).collect()
        }
        DataType::Float16Vector => {
            // 0, 1, 2 and −1 in half precision.
            let halves = [0u16, 0x3c00, 0x4000, 0xbc00];
            (0..field.dim).flat_map(|_| choose(rng, &halves).to_le_bytes()).collect()
        }
        _ => (0..field.element_width().unwrap_or(0)).map(|_| rng.u8(..)).collect(),
    }
}

pub fn choose<'a, T>(rng: &mut fastrand::Rng, from: &'a [T]) -> &'a T {
    &from[rng.usize(..from.len())]
}
