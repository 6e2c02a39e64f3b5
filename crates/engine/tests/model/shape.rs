//! What a collection of the test looks like: a fixed set of columns, of which some depend on the shape.

use elanus_engine::{CatalogChange, NewCollection};
use elanus_types::{CollectionRef, DataType, FieldSchema, Value};
use fastrand::Rng;

/// Elements of a vector; a binary one has eight times as many.
pub const DIM: usize = 4;
/// The most elements of a list.
pub const CAPACITY: usize = 4;
/// The longest label.
pub const LABEL_LENGTH: usize = 12;
/// Partitions of a collection with a partition key.
pub const KEYED_PARTITIONS: usize = 3;

/// The choices of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    pub text_keys: bool,
    /// The database assigns keys.
    pub auto_id: bool,
    /// Inserts may bring keys all the same.
    pub own_ids: bool,
    /// `group` is the partition key.
    pub keyed: bool,
    pub text_groups: bool,
    pub dynamic: bool,
    pub vector: DataType,
    pub null_vectors: bool,
    /// Rows live so many seconds; 0 = for ever.
    pub ttl: u64,
}

impl Shape {
    pub fn random(random: &mut Rng) -> Self {
        let vectors = [
            DataType::FloatVector,
            DataType::Float16Vector,
            DataType::BFloat16Vector,
            DataType::Int8Vector,
            DataType::BinaryVector,
            DataType::SparseFloatVector,
        ];
        Self {
            text_keys: random.bool(),
            auto_id: random.u8(..4) == 0,
            own_ids: random.u8(..3) == 0,
            keyed: random.u8(..4) == 0,
            text_groups: random.bool(),
            dynamic: random.bool(),
            vector: vectors[random.usize(..vectors.len())],
            null_vectors: random.u8(..3) == 0,
            ttl: u64::from(random.u8(..6) == 0),
        }
    }

    /// Columns beside the key.
    pub fn columns(&self) -> Vec<&'static str> {
        let mut columns = vec!["number", "level", "label", "group", "real", "flag", "list", "vector"];
        columns.extend(self.dynamic.then_some("$meta"));
        columns
    }

    /// Whether the database gives new keys to the rows of an insert that brings `keys`.
    pub fn assigns(&self, keys: bool) -> bool {
        self.auto_id && !(self.own_ids && keys)
    }

    /// What is stored where a row brings nothing (or null); nothing for a column that is required.
    pub fn absent(&self, column: &str) -> Option<Value> {
        match column {
            "level" => Some(Value::Int(5)),
            "label" => Some(Value::Str("none".to_owned())),
            "$meta" => Some(Value::Json(serde_json::json!({}))),
            "group" => None,
            "vector" => self.null_vectors.then_some(Value::Null),
            _ => Some(Value::Null),
        }
    }

    /// Whether a value that is sent for a column may be stored.
    pub fn allows(&self, column: &str, value: &Value) -> bool {
        match (column, value) {
            (_, Value::Null) => self.absent(column).is_some(),
            ("level", Value::Int(level)) => i16::try_from(*level).is_ok(),
            ("label", Value::Str(label)) => label.len() <= LABEL_LENGTH,
            ("list", Value::Array(items)) => items.len() <= CAPACITY,
            _ => true,
        }
    }

    /// Dimensions as the schema states them.
    pub fn dim(&self) -> usize {
        match self.vector {
            DataType::BinaryVector => DIM * 8,
            DataType::SparseFloatVector => 0,
            _ => DIM,
        }
    }

    pub fn create(&self, target: CollectionRef) -> CatalogChange {
        let text_or_number = |text| if text { DataType::VarChar } else { DataType::Int64 };
        let field = |name: &str, data_type| FieldSchema::new(0, name, data_type);
        let mut key = field("key", text_or_number(self.text_keys));
        (key.primary_key, key.auto_id, key.max_length) = (true, self.auto_id, 30);
        let mut number = field("number", DataType::Int64);
        number.nullable = true;
        let mut level = field("level", DataType::Int16);
        level.default = Some(Value::Int(5));
        let mut label = field("label", DataType::VarChar);
        (label.nullable, label.max_length) = (true, LABEL_LENGTH);
        label.default = Some(Value::Str("none".to_owned()));
        let mut group = field("group", text_or_number(self.text_groups));
        (group.partition_key, group.max_length) = (self.keyed, 30);
        let mut real = field("real", DataType::Double);
        real.nullable = true;
        let mut flag = field("flag", DataType::Bool);
        flag.nullable = true;
        let mut list = field("list", DataType::Array);
        (list.nullable, list.element_type, list.max_capacity) = (true, Some(DataType::Int64), CAPACITY);
        let mut vector = field("vector", self.vector);
        (vector.dim, vector.nullable) = (self.dim(), self.null_vectors);
        let property = |name: &str, value: String| (name.to_owned(), value);
        let own = self.own_ids.then(|| property("allow_insert_auto_id", "true".to_owned()));
        let ttl = (self.ttl > 0).then(|| property("collection.ttl.seconds", self.ttl.to_string()));
        CatalogChange::CreateCollection(Box::new(NewCollection {
            target,
            description: String::new(),
            fields: vec![key, number, level, label, group, real, flag, list, vector],
            structs: Vec::new(),
            dynamic: self.dynamic,
            shards: 0,
            partitions: if self.keyed { KEYED_PARTITIONS as i64 } else { 0 },
            consistency_level: 0,
            properties: own.into_iter().chain(ttl).collect(),
        }))
    }
}
