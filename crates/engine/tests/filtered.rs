//! Searches under filters of every selectivity, random and correlated with the query, over sealed and growing rows with
//! deletes: as many rows as there are, all of them allowed, and the right ones as often as the recall target says.

use elanus_engine::{CatalogChange, Db, LocalDb, NewCollection, NewIndex, Options};
use elanus_types::input::{FilterText, InputData, InputField};
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::write::{DeleteRequest, InsertMode, InsertRequest, Write};
use elanus_types::{CollectionRef, ColumnData, DataType, FieldSchema, Result};
use fastrand::Rng;

const DIM: usize = 24;
const SEALED: usize = 12_000;
const ROWS: usize = 14_000;
const K: usize = 10;
/// Recall below which a search did not keep its target of .95, noise of a few queries allowed for.
const LEAST: f64 = 0.9;

/// Which rows a filter lets through.
type Allowed<'d> = Box<dyn Fn(usize) -> bool + 'd>;

fn target() -> CollectionRef {
    CollectionRef { database: "default".into(), name: "things".into() }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(future)
}

/// Vectors in clusters, each row's place in a random order, and its place by distance from a corner.
struct Data {
    vectors: Vec<Vec<f32>>,
    random: Vec<i64>,
    far: Vec<i64>,
    deleted: Vec<bool>,
}

impl Data {
    fn new() -> Self {
        let rng = &mut Rng::with_seed(12);
        let centres: Vec<Vec<f32>> = (0..60).map(|_| (0..DIM).map(|_| rng.f32() * 4.0).collect()).collect();
        let vectors: Vec<Vec<f32>> = (0..ROWS)
            .map(|_| {
                let centre = &centres[rng.usize(0..centres.len())];
                centre.iter().map(|x| x + rng.f32() - 0.5).collect()
            })
            .collect();
        let mut random: Vec<i64> = (0..ROWS as i64).collect();
        rng.shuffle(&mut random);
        let mut order: Vec<usize> = (0..ROWS).collect();
        let origin = vec![0.0; DIM];
        order.sort_by(|a, b| distance(&vectors[*a], &origin).total_cmp(&distance(&vectors[*b], &origin)));
        let mut far = vec![0; ROWS];
        order.iter().enumerate().for_each(|(place, row)| far[*row] = place as i64);
        let deleted = (0..ROWS).map(|row| row % 10 == 3).collect();
        Self { vectors, random, far, deleted }
    }

    /// Queries near the corner from which `far` counts: a small `far` is near them, a large one far from them.
    fn queries(&self) -> Vec<Vec<f32>> {
        let rng = &mut Rng::with_seed(5);
        let near: Vec<usize> = (0..ROWS).filter(|row| self.far[*row] < ROWS as i64 / 5).collect();
        (0..15)
            .map(|_| {
                self.vectors[near[rng.usize(0..near.len())]].iter().map(|x| x + rng.f32() * 0.3).collect()
            })
            .collect()
    }

    fn exact(&self, query: &[f32], allowed: &dyn Fn(usize) -> bool) -> Vec<usize> {
        let mut rows: Vec<usize> = (0..ROWS).filter(|row| !self.deleted[*row] && allowed(*row)).collect();
        rows.sort_by(|a, b| {
            distance(&self.vectors[*a], query).total_cmp(&distance(&self.vectors[*b], query)).then(a.cmp(b))
        });
        rows.truncate(K);
        rows
    }
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

fn create(db: &LocalDb, index_type: &str) -> Result<()> {
    let field = |name: &str, data_type| FieldSchema::new(0, name, data_type);
    let id = FieldSchema { primary_key: true, ..field("id", DataType::Int64) };
    let vector = FieldSchema { dim: DIM, ..field("vector", DataType::FloatVector) };
    run(db.alter(CatalogChange::CreateCollection(Box::new(NewCollection {
        target: target(),
        description: String::new(),
        fields: vec![id, field("random", DataType::Int64), field("far", DataType::Int64), vector],
        structs: Vec::new(),
        dynamic: false,
        shards: 0,
        partitions: 0,
        consistency_level: 0,
        properties: Default::default(),
    }))))?;
    let index = |field: &str, params: &[(&str, &str)]| {
        run(db.alter(CatalogChange::CreateIndex(NewIndex {
            target: target(),
            field: field.into(),
            name: String::new(),
            params: params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            user_params: Vec::new(),
        })))
    };
    index("vector", &[("index_type", index_type), ("metric_type", "L2")])?;
    index("random", &[("index_type", "STL_SORT")])
}

fn insert(db: &LocalDb, data: &Data, rows: std::ops::Range<usize>) -> Result<()> {
    let field = |name: &str, data| InputField { name: name.into(), dynamic: false, data, valid: Vec::new() };
    let bytes: Vec<u8> = data.vectors[rows.clone()].iter().flatten().flat_map(|x| x.to_le_bytes()).collect();
    let vector = InputData::Vector { data_type: DataType::FloatVector, dim: DIM as i64, data: bytes.into() };
    let request = InsertRequest {
        target: target(),
        partition: None,
        rows: rows.len(),
        fields: vec![
            field("id", InputData::Long(rows.clone().map(|row| row as i64).collect())),
            field("random", InputData::Long(data.random[rows.clone()].to_vec())),
            field("far", InputData::Long(data.far[rows].to_vec())),
            field("vector", vector),
        ],
        schema_timestamp: 0,
        mode: InsertMode::Insert,
    };
    run(db.write(Write::Insert(request))).map(|_| ())
}

/// Asks all queries under one filter; the recall.
fn check(db: &LocalDb, data: &Data, filter: &str, allowed: &dyn Fn(usize) -> bool) -> Result<f64> {
    let (mut found, mut all) = (0, 0);
    for query in data.queries() {
        let bytes: Vec<u8> = query.iter().flat_map(|x| x.to_le_bytes()).collect();
        let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![bytes.into()] };
        let request = SearchRequest {
            filter: FilterText::new(filter),
            ..SearchRequest::new(target(), queries, K as i64)
        };
        let ColumnData::Int64(ids) = run(db.search(request))?.ids.data else { panic!("keys are numbers") };
        let right = data.exact(&query, allowed);
        assert_eq!(ids.len(), right.len(), "{filter}: as many rows as there are");
        assert!(ids.iter().all(|id| allowed(*id as usize) && !data.deleted[*id as usize]), "{filter}");
        found += right.iter().filter(|row| ids.contains(&(**row as i64))).count();
        all += right.len();
    }
    Ok(if all == 0 { 1.0 } else { found as f64 / all as f64 })
}

fn selectivities(index_type: &str) -> Result<()> {
    let folder = std::env::temp_dir().join(format!("elanus-filtered-{index_type}-{}", std::process::id()));
    let outcome = (|| {
        let data = Data::new();
        let db = LocalDb::open(&folder, Options { maintenance: false, threads: 2, ..Options::default() })?;
        create(&db, index_type)?;
        (0..SEALED).step_by(1000).try_for_each(|start| insert(&db, &data, start..start + 1000))?;
        db.maintain()?;
        insert(&db, &data, SEALED..ROWS)?;
        let filter = FilterText::new("id % 10 == 3");
        run(db.write(Write::Delete(DeleteRequest { target: target(), partition: None, filter })))?;
        for share in [0.0, 1.0 / ROWS as f64, 0.001, 0.01, 0.1, 0.5, 0.9, 1.0] {
            let count = (ROWS as f64 * share).round() as i64;
            let from = ROWS as i64 - count;
            let cases: [(String, Allowed<'_>); 4] = [
                (format!("random < {count}"), Box::new(|row| data.random[row] < count)),
                (format!("far < {count}"), Box::new(|row| data.far[row] < count)),
                (format!("far >= {from}"), Box::new(|row| data.far[row] >= from)),
                (format!("not (random >= {count})"), Box::new(|row| data.random[row] < count)),
            ];
            for (filter, allowed) in &cases {
                let recall = check(&db, &data, filter, allowed)?;
                assert!(recall >= LEAST, "{index_type}, {filter}: recall {recall}");
            }
        }
        Ok(())
    })();
    let _ = std::fs::remove_dir_all(&folder);
    outcome
}

#[test]
fn autoindex_keeps_its_target_under_any_filter() -> Result<()> {
    selectivities("AUTOINDEX")
}

#[test]
fn lists_keep_their_target_under_any_filter() -> Result<()> {
    selectivities("IVF_SQ8")
}
