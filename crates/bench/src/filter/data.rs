//! The rows, which any program can load from a file of comma separated values, and the filters over them.

use super::Filter;
use elanus_types::input::{InputData, InputField};
use elanus_types::{DataType, Error, FieldSchema, Result};
use std::io::{BufWriter, Write};
use std::path::Path;

/// The filters: range, equality, lists, prefixes, places of JSON, and several together.
pub const FILTERS: &[Filter] = &[
    Filter { name: "range 50 %", text: "n < 500000", sql: "n < 500000" },
    Filter { name: "range 1 %", text: "200000 <= n < 210000", sql: "n >= 200000 and n < 210000" },
    Filter { name: "range of doubles", text: "f > 0.9", sql: "f > 0.9" },
    Filter { name: "clustered range", text: "id >= 990000", sql: "id >= 990000" },
    Filter { name: "equality", text: "k == 42", sql: "k = 42" },
    Filter { name: "rare equality", text: "n == 123456", sql: "n = 123456" },
    Filter {
        name: "in of 10",
        text: "k in [1, 5, 9, 13, 17, 21, 25, 29, 33, 37]",
        sql: "k in (1, 5, 9, 13, 17, 21, 25, 29, 33, 37)",
    },
    Filter { name: "text equality", text: "s == \"w4242\"", sql: "s = 'w4242'" },
    Filter { name: "prefix", text: "s like \"w12%\"", sql: "s like 'w12%'" },
    Filter { name: "infix", text: "s like \"%99%\"", sql: "s like '%99%'" },
    Filter { name: "JSON number", text: "j[\"a\"] < 100", sql: "(j->>'$.a')::BIGINT < 100" },
    Filter { name: "JSON text", text: "j[\"b\"][\"c\"] == \"c7\"", sql: "j->>'$.b.c' = 'c7'" },
    Filter {
        name: "and of three",
        text: "n < 500000 and k == 42 and s like \"w1%\"",
        sql: "n < 500000 and k = 42 and s like 'w1%'",
    },
    Filter { name: "or of two", text: "n < 10000 or k == 7", sql: "n < 10000 or k = 7" },
];

/// Columns of some rows.
pub struct Rows {
    id: Vec<i64>,
    n: Vec<i64>,
    k: Vec<i32>,
    f: Vec<f64>,
    s: Vec<String>,
    j: Vec<String>,
}

impl Rows {
    /// Rows `ids`, the same for every call.
    pub fn of(ids: std::ops::Range<usize>) -> Self {
        let mut rows = Self {
            id: Vec::new(),
            n: Vec::new(),
            k: Vec::new(),
            f: Vec::new(),
            s: Vec::new(),
            j: Vec::new(),
        };
        for id in ids {
            let mut random = fastrand::Rng::with_seed(id as u64);
            rows.id.push(id as i64);
            rows.n.push(random.i64(0..1_000_000));
            rows.k.push(random.i32(0..100));
            rows.f.push(random.f64());
            rows.s.push(format!("w{}", random.u32(0..10_000)));
            let (a, c) = (random.u32(0..1000), random.u32(0..20));
            rows.j.push(format!(
                "{{\"a\": {a}, \"b\": {{\"c\": \"c{c}\", \"d\": [1, 2]}}, \"e\": \"some text\"}}"
            ));
        }
        rows
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// The fields of the collection, the vector of two dimensions that every collection needs included.
    pub fn schema() -> Vec<FieldSchema> {
        let field =
            |name: &str, data_type| FieldSchema { max_length: 100, ..FieldSchema::new(0, name, data_type) };
        vec![
            FieldSchema { primary_key: true, ..field("id", DataType::Int64) },
            field("n", DataType::Int64),
            field("k", DataType::Int32),
            field("f", DataType::Double),
            field("s", DataType::VarChar),
            field("j", DataType::Json),
            FieldSchema { dim: 2, ..field("v", DataType::FloatVector) },
        ]
    }

    /// As a client sends them.
    pub fn input(self) -> Vec<InputField> {
        let field =
            |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
        let vectors: Vec<u8> =
            self.id.iter().flat_map(|id| [*id as f32, 1.0]).flat_map(f32::to_le_bytes).collect();
        let vector = InputData::Vector { data_type: DataType::FloatVector, dim: 2, data: vectors.into() };
        vec![
            field("id", InputData::Long(self.id)),
            field("n", InputData::Long(self.n)),
            field("k", InputData::Int(self.k)),
            field("f", InputData::Double(self.f)),
            field("s", InputData::Text(self.s.into_iter().map(|text| text.into_bytes().into()).collect())),
            field("j", InputData::Json(self.j.into_iter().map(|text| text.into_bytes().into()).collect())),
            field("v", vector),
        ]
    }
}

/// Writes all rows, without the vector, as comma separated values with a head.
pub fn export(path: &Path, rows: usize) -> Result<()> {
    let failed = |error: std::io::Error| Error::io(format_args!("writing {}", path.display()), &error);
    let mut out = BufWriter::new(std::fs::File::create(path).map_err(failed)?);
    writeln!(out, "id,n,k,f,s,j").map_err(failed)?;
    for start in (0..rows).step_by(10_000) {
        let part = Rows::of(start..(start + 10_000).min(rows));
        for row in 0..part.len() {
            let json = part.j[row].replace('"', "\"\"");
            writeln!(
                out,
                "{},{},{},{},{},\"{json}\"",
                part.id[row], part.n[row], part.k[row], part.f[row], part.s[row]
            )
            .map_err(failed)?;
        }
    }
    out.flush().map_err(failed)
}
