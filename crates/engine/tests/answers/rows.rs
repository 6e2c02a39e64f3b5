//! A collection with every kind of value, and its rows as they should be.

use elanus_engine::{CatalogChange, Db, DuplicateKey, LocalDb, NewCollection, NewIndex, Options};
use elanus_runtime::{Clock, ManualClock};
use elanus_storage::{Disk, SimDisk};
use elanus_types::input::{InputData, InputField};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, DataType, FieldSchema, Value};
use std::sync::Arc;

/// Scalar fields besides the key, all nullable.
pub const FIELDS: [(&str, DataType); 6] = [
    ("tiny", DataType::Int8),
    ("big", DataType::Int64),
    ("single", DataType::Float),
    ("double", DataType::Double),
    ("text", DataType::VarChar),
    ("flag", DataType::Bool),
];

#[derive(Clone, Debug)]
pub struct Row {
    pub id: i64,
    pub partition: &'static str,
    /// As [`FIELDS`].
    pub cells: Vec<Value>,
    pub json: serde_json::Value,
    pub dynamic: serde_json::Value,
    pub vector: [f32; 2],
}

impl Row {
    /// The value under a name; places in documents as JSON values.
    pub fn value(&self, name: &str) -> Value {
        let place = |value: Option<&serde_json::Value>| match value {
            None | Some(serde_json::Value::Null) => Value::Null,
            Some(value) => Value::Json(value.clone()),
        };
        match name {
            "id" => Value::Int(self.id),
            "json[\"x\"]" => place(self.json.get("x")),
            "json['y'][1]" => place(self.json.get("y").and_then(|list| list.get(1))),
            "color" => place(self.dynamic.get("color")),
            _ => {
                let at = FIELDS.iter().position(|(field, _)| *field == name).expect("a known field");
                self.cells[at].clone()
            }
        }
    }
}

pub struct Round {
    pub db: Arc<LocalDb>,
    pub rows: Vec<Row>,
    duplicates: DuplicateKey,
}

pub fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "c".into() }
}

pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

impl Round {
    pub fn new(random: &mut fastrand::Rng, duplicates: DuplicateKey) -> Self {
        let disk: Arc<dyn Disk> = Arc::new(SimDisk::new(random.u64(..)));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::new(1_700_000_000_000));
        let options =
            Options { maintenance: false, threads: 2, duplicate_key: duplicates, ..Options::default() };
        let db = LocalDb::open_on(disk, clock, options).expect("opens");
        create(&db);
        Self { db, rows: Vec::new(), duplicates }
    }

    /// Writes, deletes and seals some rows.
    pub fn change(&mut self, random: &mut fastrand::Rng) {
        for _ in 0..random.usize(1..4) {
            for partition in ["one", "two"] {
                let count = random.usize(0..60);
                let mut ids: Vec<i64> = (0..count).map(|_| random.i64(0..150)).collect();
                ids.sort_unstable();
                ids.dedup();
                random.shuffle(&mut ids);
                let rows: Vec<Row> = ids.into_iter().map(|id| row(random, id, partition)).collect();
                self.insert(rows);
            }
            let gone: Vec<i64> = (0..random.usize(0..12)).map(|_| random.i64(0..150)).collect();
            self.delete(&gone);
            match random.u8(..3) {
                0 => run(self.db.flush(&target())).map(drop).expect("seals"),
                1 => self.db.maintain().expect("merges"),
                _ => {}
            }
        }
    }

    fn insert(&mut self, rows: Vec<Row>) {
        if rows.is_empty() {
            return;
        }
        let request = InsertRequest {
            target: target(),
            partition: Some(rows[0].partition.to_owned()),
            rows: rows.len(),
            fields: columns(&rows),
            schema_timestamp: 0,
            mode: InsertMode::Insert,
        };
        run(self.db.write(Write::Insert(request))).expect("inserts");
        if self.duplicates == DuplicateKey::Replace {
            self.rows.retain(|old| rows.iter().all(|new| new.id != old.id));
        }
        self.rows.extend(rows);
    }

    fn delete(&mut self, ids: &[i64]) {
        if ids.is_empty() {
            return;
        }
        let filter = elanus_types::input::FilterText::new(format!("id in {ids:?}"));
        let request = DeleteRequest { target: target(), partition: None, filter };
        run(self.db.write(Write::Delete(request))).expect("deletes");
        self.rows.retain(|row| !ids.contains(&row.id));
    }
}

fn create(db: &LocalDb) {
    let id = FieldSchema { primary_key: true, ..FieldSchema::new(0, "id", DataType::Int64) };
    let vector = FieldSchema { dim: 2, ..FieldSchema::new(0, "vector", DataType::FloatVector) };
    let mut fields = vec![id, vector, FieldSchema::new(0, "json", DataType::Json)];
    for (name, data_type) in FIELDS {
        let max_length = if data_type == DataType::VarChar { 100 } else { 0 };
        fields.push(FieldSchema { nullable: true, max_length, ..FieldSchema::new(0, name, data_type) });
    }
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields,
        structs: Vec::new(),
        dynamic: true,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))
    .expect("creates");
    for name in ["one", "two"] {
        let change = CatalogChange::CreatePartition { target: target(), name: name.into() };
        run(db.alter(change)).expect("a partition");
    }
    let params = [("index_type", "FLAT"), ("metric_type", "L2")];
    run(db.alter(CatalogChange::CreateIndex(NewIndex {
        target: target(),
        field: "vector".into(),
        name: String::new(),
        params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
        user_params: Vec::new(),
    })))
    .expect("an index");
}

fn row(random: &mut fastrand::Rng, id: i64, partition: &'static str) -> Row {
    let cells = FIELDS.iter().map(|(_, data_type)| cell(random, *data_type)).collect();
    let json = match random.u8(..4) {
        0 => serde_json::json!({}),
        1 => serde_json::json!({"y": [null, inner(random)], "x": inner(random)}),
        _ => serde_json::json!({"x": inner(random)}),
    };
    let dynamic =
        if random.bool() { serde_json::json!({"color": inner(random)}) } else { serde_json::json!({}) };
    // Nobody is as far from a query as anybody else: within a segment ties go by place.
    let vector = [(id * 37 % 151) as f32, 0.0];
    Row { id, partition, cells, json, dynamic, vector }
}

/// Few different values, so that there are ties and groups.
fn cell(random: &mut fastrand::Rng, data_type: DataType) -> Value {
    if random.u8(..5) == 0 {
        return Value::Null;
    }
    let floats = [0.0, -0.0, 1.5, -2.25, 0.5, 4096.0, -4096.0, 1e9];
    let texts = ["", "a", "ab", "B", "ä", "a\0", "10", "9"];
    match data_type {
        DataType::Int8 => Value::Int(random.i64(-3..4)),
        DataType::Int64 => {
            let values = [0, 1, -1, i64::MAX, i64::MIN, 1 << 53, (1 << 53) + 1];
            Value::Int(values[random.usize(..values.len())])
        }
        DataType::Float => Value::Float(f64::from(floats[random.usize(..floats.len())] as f32)),
        DataType::Double => Value::Float(floats[random.usize(..floats.len())]),
        DataType::VarChar => Value::Str(texts[random.usize(..texts.len())].to_owned()),
        _ => Value::Bool(random.bool()),
    }
}

fn inner(random: &mut fastrand::Rng) -> serde_json::Value {
    let values = [
        serde_json::json!(null),
        serde_json::json!(true),
        serde_json::json!(1),
        serde_json::json!(1.5),
        serde_json::json!(2.0),
        serde_json::json!(9007199254740993_i64),
        serde_json::json!("a"),
        serde_json::json!("1"),
        serde_json::json!([1, "b"]),
    ];
    values[random.usize(..values.len())].clone()
}

fn columns(rows: &[Row]) -> Vec<InputField> {
    let field = |name: &str, data, valid| InputField { name: name.into(), dynamic: false, data, valid };
    let vectors: Vec<u8> = rows.iter().flat_map(|row| row.vector).flat_map(f32::to_le_bytes).collect();
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data: vectors.into() };
    let texts = |of: fn(&Row) -> &serde_json::Value| {
        InputData::Json(rows.iter().map(|row| of(row).to_string().into()).collect())
    };
    let mut fields = vec![
        field("id", InputData::Long(rows.iter().map(|row| row.id).collect()), Vec::new()),
        field("vector", vector, Vec::new()),
        field("json", texts(|row| &row.json), Vec::new()),
        InputField { dynamic: true, ..field("$meta", texts(|row| &row.dynamic), Vec::new()) },
    ];
    for (at, (name, data_type)) in FIELDS.iter().enumerate() {
        let cells: Vec<&Value> = rows.iter().map(|row| &row.cells[at]).collect();
        let valid = cells.iter().map(|cell| !cell.is_null()).collect();
        let present = cells.into_iter().filter(|cell| !cell.is_null());
        fields.push(field(name, payload(*data_type, present), valid));
    }
    fields
}

fn payload<'a>(data_type: DataType, cells: impl Iterator<Item = &'a Value>) -> InputData {
    let whole = |cell: &Value| if let Value::Int(v) = cell { *v } else { panic!("{cell} is no integer") };
    let float = |cell: &Value| if let Value::Float(v) = cell { *v } else { panic!("{cell} is no float") };
    match data_type {
        DataType::Int8 => InputData::Int(cells.map(|cell| whole(cell) as i32).collect()),
        DataType::Int64 => InputData::Long(cells.map(whole).collect()),
        DataType::Float => InputData::Float(cells.map(|cell| float(cell) as f32).collect()),
        DataType::Double => InputData::Double(cells.map(float).collect()),
        DataType::VarChar => InputData::Text(
            cells
                .map(|cell| if let Value::Str(v) = cell { v.clone().into() } else { panic!("{cell}") })
                .collect(),
        ),
        _ => InputData::Bool(cells.map(|cell| *cell == Value::Bool(true)).collect()),
    }
}
