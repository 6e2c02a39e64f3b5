use super::*;
use crate::testing::TempDir;
use crate::{Disk, LocalDisk};
use arrow_ipc::reader::FileReader;
use elanus_kernels::Bitmap;
use elanus_types::{Column, ColumnBuilder, ColumnView, DataType, FieldSchema, Value};

const ROWS: usize = 1000;

/// A field of every type, arrays of every element.
fn fields() -> Vec<FieldSchema> {
    let mut fields = Vec::new();
    for data_type in DataType::ALL {
        let mut add = |element: Option<DataType>| {
            let id = 100 + fields.len() as i64;
            let name = format!("{data_type}{}", element.map_or("", DataType::name));
            let dim = if element.unwrap_or(*data_type).is_dense_vector() { 16 } else { 0 };
            let field = FieldSchema { element_type: element, dim, ..FieldSchema::new(id, name, *data_type) };
            fields.push(field);
        };
        if *data_type == DataType::Array {
            let scalars =
                [DataType::Bool, DataType::Int8, DataType::Int64, DataType::Float, DataType::VarChar];
            scalars.into_iter().for_each(|element| add(Some(element)));
        } else if *data_type == DataType::ArrayOfVector {
            let dense = DataType::ALL.iter().filter(|data_type| data_type.is_dense_vector());
            dense.for_each(|element| add(Some(*element)));
        } else {
            add(None);
        }
    }
    fields
}

fn value(rng: &mut fastrand::Rng, data_type: DataType, field: &FieldSchema) -> Value {
    match data_type {
        DataType::Bool => Value::Bool(rng.bool()),
        DataType::Int8 => Value::Int(rng.i8(..).into()),
        DataType::Int16 => Value::Int(rng.i16(..).into()),
        DataType::Int32 => Value::Int(rng.i32(..).into()),
        DataType::Int64 | DataType::Timestamptz => Value::Int(rng.i64(..)),
        DataType::Float => Value::Float(rng.f32().into()),
        DataType::Double => Value::Float(rng.f64()),
        DataType::VarChar => Value::Str((0..rng.usize(..9)).map(|_| rng.char(..)).collect()),
        DataType::Json => Value::Str(format!("{{\"a\": {}}}", rng.u8(..))),
        DataType::Geometry => Value::Bytes((0..rng.usize(..40)).map(|_| rng.u8(..)).collect()),
        DataType::SparseFloatVector => Value::Bytes((0..8 * rng.usize(..4)).map(|_| rng.u8(..)).collect()),
        DataType::Array | DataType::ArrayOfVector => {
            let element = field.element_type.unwrap_or(DataType::Int64);
            Value::Array((0..rng.usize(..5)).map(|_| value(rng, element, field)).collect())
        }
        _ => Value::Bytes((0..field.element_width().unwrap_or(0)).map(|_| rng.u8(..)).collect()),
    }
}

fn column(rng: &mut fastrand::Rng, field: &FieldSchema, rows: usize, nulls: bool) -> Column {
    let mut column = ColumnBuilder::for_field(field);
    for _ in 0..rows {
        let value = if nulls && rng.u8(..4) == 0 { Value::Null } else { value(rng, field.data_type, field) };
        assert!(column.push(&value), "{value} into {}", field.name);
    }
    column.finish()
}

fn write(disk: &LocalDisk, path: &str, fields: &[FieldSchema], columns: &[Column], rows: usize) -> TableFile {
    let columns: Vec<TableColumn<'_>> = fields
        .iter()
        .zip(columns)
        .map(|(field, column)| TableColumn { field, values: Values::Whole(column.view()) })
        .collect();
    write_table(disk, path, rows, &columns).unwrap()
}

fn open(disk: &LocalDisk, path: &str, file: &TableFile) -> elanus_types::Result<Table> {
    Table::open(disk, path, file.file.bytes, file.ends)
}

fn assert_equal(left: &ColumnView<'_>, right: &ColumnView<'_>) {
    assert_eq!(left.len(), right.len());
    for row in 0..left.len() {
        assert_eq!(left.is_valid(row), right.is_valid(row));
        assert_eq!(left.data.bytes(row), right.data.bytes(row));
        assert_eq!(left.value(row), right.value(row));
    }
}

#[test]
fn every_type_reads_back_in_place() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let mut rng = fastrand::Rng::with_seed(7);
    for (name, rows, nulls) in
        [("full", ROWS, false), ("nulls", ROWS, true), ("one", 1, false), ("none", 0, false)]
    {
        let fields = fields();
        let columns: Vec<Column> = fields.iter().map(|field| column(&mut rng, field, rows, nulls)).collect();
        let file = write(&disk, name, &fields, &columns, rows);
        let table = open(&disk, name, &file).unwrap();
        assert_eq!(table.rows(), rows);
        table.check_blocks(&file.file.checksums).unwrap();
        for ((field, column), stored) in fields.iter().zip(&columns).zip(table.fields()) {
            assert!(stored.fits(field), "{stored:?}");
            let view = table.column(field.id).unwrap().expect("written");
            assert_equal(&view, &column.view());
        }
        assert!(table.column(99).unwrap().is_none());
        let expected = fields.len() * ROWS + ROWS;
        assert!(table.memory_bytes() < expected, "only bits take memory: {}", table.memory_bytes());
    }
}

#[test]
fn other_arrow_readers_understand_it() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let mut rng = fastrand::Rng::with_seed(8);
    let fields = fields();
    let columns: Vec<Column> = fields.iter().map(|field| column(&mut rng, field, ROWS, true)).collect();
    write(&disk, "table", &fields, &columns, ROWS);
    let bytes = disk.read("table").unwrap();
    let mut reader = FileReader::try_new(std::io::Cursor::new(bytes), None).unwrap();
    let batch = reader.next().expect("one batch").unwrap();
    assert_eq!((batch.num_rows(), batch.num_columns()), (ROWS, fields.len()));
    for (field, column) in fields.iter().zip(&columns) {
        let array = batch.column_by_name(&field.name).unwrap();
        let valid = column.valid.as_ref().map_or(ROWS, Bitmap::count);
        assert_eq!(array.null_count(), ROWS - valid, "{}", field.name);
        array.to_data().validate_full().unwrap();
    }
    assert!(reader.next().is_none());
}

#[test]
fn vectors_may_come_in_pieces() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let field = FieldSchema { dim: 3, ..FieldSchema::new(100, "v", DataType::FloatVector) };
    let values = |len: usize| Values::Pieces {
        valid: Some(Bitmap::from_bools(&(0..50).map(|row| row != 7).collect::<Vec<_>>())),
        piece: Box::new(move |number| Ok(vec![number as u8; if number < 6 { len } else { 0 }].into())),
    };
    let file =
        write_table(&disk, "table", 50, &[TableColumn { field: &field, values: values(100) }]).unwrap();
    let table = open(&disk, "table", &file).unwrap();
    let view = table.column(100).unwrap().unwrap();
    assert_eq!(view.data.bytes(8), Some([vec![0; 4], vec![1; 8]].concat().as_slice()));
    assert!(view.is_valid(8) && !view.is_valid(7));
    let short = [TableColumn { field: &field, values: values(99) }];
    assert!(write_table(&disk, "short", 50, &short).is_err(), "too few bytes");
}

#[test]
fn lists_of_vectors_may_come_in_pieces() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let vectors = FieldSchema {
        element_type: Some(DataType::Int8Vector),
        dim: 4,
        ..FieldSchema::new(100, "v", DataType::ArrayOfVector)
    };
    let values = |offsets: Vec<i32>| Values::Lists {
        valid: Some(Bitmap::from_bools(&[true, false, true])),
        offsets,
        piece: Box::new(|number| Ok(vec![number as u8; if number < 2 { 6 } else { 0 }].into())),
    };
    let written = |name: &str, offsets| {
        write_table(&disk, name, 3, &[TableColumn { field: &vectors, values: values(offsets) }])
    };
    let file = written("table", vec![0, 1, 1, 3]).unwrap();
    let table = open(&disk, "table", &file).unwrap();
    let view = table.column(100).unwrap().unwrap();
    let row = |row: usize| view.value(row);
    assert_eq!(row(0), Value::Array(vec![Value::Bytes(vec![0; 4])]));
    assert_eq!(row(1), Value::Null);
    assert_eq!(row(2), Value::Array(vec![Value::Bytes(vec![0, 0, 1, 1]), Value::Bytes(vec![1; 4])]));
    assert!(written("more", vec![0, 1, 1, 4]).is_err(), "offsets of more vectors than come");
    assert!(written("rows", vec![0, 1]).is_err(), "offsets of fewer rows");
}

#[test]
fn texts_that_are_not_utf8_are_kept_as_bytes() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let field = FieldSchema::new(100, "text", DataType::VarChar);
    let column = Column::from_bytes([&b"good"[..], &[0xff, 0xfe], "é".as_bytes()]);
    let file = write(&disk, "table", std::slice::from_ref(&field), std::slice::from_ref(&column), 3);
    let table = open(&disk, "table", &file).unwrap();
    assert_equal(&table.column(100).unwrap().unwrap(), &column.view());
}

/// Reads everything there is to read.
fn read_all(table: &Table, fields: &[FieldSchema]) -> bool {
    fields.iter().all(|field| match table.column(field.id) {
        Ok(Some(view)) => {
            let copy = view.to_column();
            (0..view.len()).for_each(|row| drop(copy.view().value(row)));
            true
        }
        Ok(None) | Err(_) => false,
    })
}

#[test]
fn damage_is_an_error_or_other_values_but_never_a_panic() {
    let dir = TempDir::new();
    let disk = LocalDisk::open(dir.path()).unwrap();
    let mut rng = fastrand::Rng::with_seed(9);
    let fields = fields();
    let columns: Vec<Column> = fields.iter().map(|field| column(&mut rng, field, 20, true)).collect();
    let file = write(&disk, "table", &fields, &columns, 20);
    let good = disk.read("table").unwrap();
    let put = |name: &str, bytes: &[u8]| {
        let mut file = disk.create(name).unwrap();
        file.append(&[bytes]).unwrap();
    };
    let len = good.len();
    for (i, offset) in (0..len).step_by(37).chain(len - 700..len).enumerate() {
        let mut bad = good.clone();
        bad[offset] ^= 1 << rng.u32(..8);
        let name = format!("flip{i}");
        put(&name, &bad);
        let reported = match open(&disk, &name, &file) {
            Err(error) => {
                assert!(error.message().contains(&name), "{error}");
                true
            }
            Ok(table) => {
                read_all(&table, &fields);
                table.check_blocks(&file.file.checksums).is_err()
            }
        };
        assert!(reported, "a flip at {offset} goes unnoticed");
    }
    for len in (0..good.len()).step_by(501) {
        let name = format!("cut{len}");
        put(&name, &good[..len]);
        assert!(open(&disk, &name, &file).is_err());
        let lying =
            TableFile { file: crate::FinishedFile { bytes: len as u64, ..Default::default() }, ..file };
        assert!(open(&disk, &name, &lying).is_err());
    }
}
