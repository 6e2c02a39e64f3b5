//! Loading the rows, asking every filter, making indexes, asking again.

use super::{FILTERS, Plan, Rows};
use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_types::input::FilterText;
use elanus_types::query::QueryRequest;
use elanus_types::write::{InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, Error, Result, Value};
use serde::Serialize;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

/// Rows of one insert.
const BATCH: usize = 20_000;

/// The indexes of the second half.
const INDEXES: &[(&str, &[(&str, &str)])] = &[
    ("n", &[("index_type", "STL_SORT")]),
    ("k", &[("index_type", "BITMAP")]),
    ("f", &[("index_type", "INVERTED")]),
    ("s", &[("index_type", "INVERTED")]),
    ("j", &[("index_type", "INVERTED"), ("json_path", "j[\"a\"]"), ("json_cast_type", "DOUBLE")]),
    ("j", &[("index_type", "INVERTED"), ("json_path", "j[\"b\"][\"c\"]"), ("json_cast_type", "VARCHAR")]),
];

/// One filter measured.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// What it is about.
    pub name: &'static str,
    /// The filter.
    pub filter: &'static str,
    /// The same in SQL.
    pub sql: &'static str,
    /// Rows that pass.
    pub rows: i64,
    /// Median microseconds of a count without indexes.
    pub scan_micros: f64,
    /// The same with indexes.
    pub index_micros: f64,
}

/// All of it.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Rows.
    pub rows: usize,
    /// Threads.
    pub threads: usize,
    /// Seconds until all scalar indexes were there.
    pub index_seconds: f64,
    /// What each index came to.
    pub indexes: Vec<String>,
    /// The filters.
    pub filters: Vec<Measured>,
}

/// Measures in a folder of its own, which it fills; `note` is told what is going on.
pub fn run(plan: &Plan, folder: &Path, note: &mut dyn FnMut(&str)) -> Result<Report> {
    let waits = |error: std::io::Error| Error::io("starting a runtime", &error);
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(waits)?;
    let options = Options { threads: plan.threads, maintenance: false, ..Options::default() };
    let db = LocalDb::open(folder, options)?;
    note("loading");
    runtime.block_on(load(&db, plan.rows))?;
    db.maintain()?;
    note("asking without indexes");
    let scans = runtime.block_on(ask(&db, plan.rounds))?;
    note("making indexes");
    let begin = Instant::now();
    runtime.block_on(index(&db))?;
    db.maintain()?;
    let index_seconds = begin.elapsed().as_secs_f64();
    note("asking with indexes");
    let indexed = runtime.block_on(ask(&db, plan.rounds))?;
    let status = runtime.block_on(db.status(&target()))?;
    let pairs = FILTERS.iter().zip(scans).zip(indexed);
    let filters = pairs.map(|((filter, (rows, scan_micros)), (again, index_micros))| {
        if rows != again {
            let text = filter.text;
            return Err(Error::internal(format!("{text}: {rows} rows without indexes, {again} with them")));
        }
        let (name, sql) = (filter.name, filter.sql);
        Ok(Measured { name, filter: filter.text, sql, rows, scan_micros, index_micros })
    });
    Ok(Report {
        rows: plan.rows,
        threads: plan.threads,
        index_seconds,
        indexes: status.indexes.iter().map(|index| format!("{}: {}", index.name, index.resolved)).collect(),
        filters: filters.collect::<Result<_>>()?,
    })
}

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "rows".into() }
}

async fn load(db: &Arc<LocalDb>, rows: usize) -> Result<()> {
    db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields: Rows::schema(),
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    })))
    .await?;
    for start in (0..rows).step_by(BATCH) {
        let part = Rows::of(start..(start + BATCH).min(rows));
        let request = InsertRequest {
            target: target(),
            partition: None,
            rows: part.len(),
            fields: part.input(),
            schema_timestamp: 0,
            mode: InsertMode::Insert,
        };
        db.write(Write::Insert(request)).await?;
    }
    db.flush(&target()).await.map(|_| ())
}

async fn index(db: &Arc<LocalDb>) -> Result<()> {
    for (field, params) in INDEXES {
        db.alter(CatalogChange::CreateIndex(NewIndex {
            target: target(),
            field: (*field).into(),
            name: String::new(),
            params: params.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            user_params: Vec::new(),
        }))
        .await?;
    }
    Ok(())
}

/// Count and median microseconds of every filter; filters are asked in turns.
async fn ask(db: &Arc<LocalDb>, rounds: usize) -> Result<Vec<(i64, f64)>> {
    let mut times = vec![Vec::with_capacity(rounds); FILTERS.len()];
    let mut counts = vec![0; FILTERS.len()];
    for _ in 0..rounds.max(1) {
        for ((filter, times), count) in FILTERS.iter().zip(&mut times).zip(&mut counts) {
            let request = QueryRequest {
                filter: FilterText::new(filter.text),
                output_fields: vec!["count(*)".into()],
                ..QueryRequest::new(target())
            };
            let begin = Instant::now();
            let result = db.query(request).await?;
            times.push(begin.elapsed().as_secs_f64() * 1e6);
            let value = result.fields.first().map(|field| field.column.view().value(0));
            let Some(Value::Int(rows)) = value else {
                return Err(Error::internal("a count answered no number"));
            };
            *count = rows;
        }
    }
    let median = |times: &mut Vec<f64>| {
        times.sort_by(f64::total_cmp);
        times.get(times.len() / 2).copied().unwrap_or(0.0)
    };
    Ok(counts.into_iter().zip(times.iter_mut().map(median)).collect())
}
