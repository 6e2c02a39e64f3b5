//! Columns as clients send them, before validation against a schema.

use crate::{DataType, Value};
use bytes::Bytes;
use std::collections::BTreeMap;

/// One field of an insert or upsert.
#[derive(Clone, Debug)]
pub struct InputField {
    /// Name as sent.
    pub name: String,
    /// The `$meta` field of dynamic keys.
    pub dynamic: bool,
    /// The values.
    pub data: InputData,
    /// One flag per row; empty = none sent. With flags, `data` is compact (valid rows only) or full length.
    pub valid: Vec<bool>,
}

/// Values in one of the shapes the protocol knows.
#[derive(Clone, Debug)]
pub enum InputData {
    /// No payload at all (legal where every row is null).
    Empty,
    /// BOOL.
    Bool(Vec<bool>),
    /// INT8, INT16 and INT32 travel as 32-bit integers.
    Int(Vec<i32>),
    /// INT64.
    Long(Vec<i64>),
    /// FLOAT.
    Float(Vec<f32>),
    /// DOUBLE.
    Double(Vec<f64>),
    /// VARCHAR, and TIMESTAMPTZ as RFC 3339.
    Text(Vec<Bytes>),
    /// GEOMETRY as WKT.
    Wkt(Vec<Bytes>),
    /// JSON.
    Json(Vec<Bytes>),
    /// ARRAY: one element list per row.
    Array(Vec<InputData>),
    /// Dense vectors of any element type, row after row.
    Vector {
        /// The payload's type: FLOAT for FLOAT16 and BFLOAT16 fields is legal and converted.
        data_type: DataType,
        /// Dimensions per row as sent.
        dim: i64,
        /// Raw little-endian elements.
        data: Bytes,
    },
    /// One list of dense vectors per row: [`InputData::Vector`], or nothing for an empty list.
    Vectors(Vec<InputData>),
    /// Sparse vectors, (u32, f32) pairs per row.
    Sparse(Vec<Bytes>),
    /// A type Elanus does not store; the name is for the error.
    Unsupported(&'static str),
}

/// A filter as sent: text and template values.
#[derive(Clone, Debug, Default)]
pub struct FilterText {
    /// The expression; blank = every row.
    pub expression: String,
    /// Values for `{name}` in the expression.
    pub templates: BTreeMap<String, Value>,
    /// Time zone of moments that state no offset, by IANA name; `None` = the collection's.
    pub timezone: Option<String>,
}

impl FilterText {
    /// A filter without templates.
    pub fn new(expression: impl Into<String>) -> Self {
        Self { expression: expression.into(), ..Self::default() }
    }

    /// Whether it lets every row through.
    pub fn is_blank(&self) -> bool {
        self.expression.trim().is_empty()
    }
}
