//! Queries and searches with an order.

use crate::rows::{Round, Row, run, target};
use crate::values::{Subset, compare_rows, order_by};
use elanus_engine::Db;
use elanus_types::input::FilterText;
use elanus_types::query::QueryRequest;
use elanus_types::search::{QueryVectors, SearchRequest};
use elanus_types::{Column, ColumnRef, DataType};
use std::collections::BTreeMap;

pub fn ids(column: &Column) -> Vec<i64> {
    match column.view().data {
        ColumnRef::Int64(ids) => ids.to_vec(),
        _ => panic!("keys are integers"),
    }
}

pub fn query(round: &Round, random: &mut fastrand::Rng) {
    let subset = Subset::random(random);
    let order_by = if random.u8(..4) == 0 { Vec::new() } else { order_by(random) };
    let (offset, limit) = (random.usize(0..30), random.usize(1..40));
    let request = QueryRequest {
        filter: FilterText::new(subset.filter.as_str()),
        partitions: subset.partitions.clone(),
        order_by: order_by.clone(),
        output_fields: vec!["id".into()],
        offset,
        limit: Some(limit),
        ..QueryRequest::new(target())
    };
    // Of rows with one key the newest answers.
    let newest: BTreeMap<i64, &Row> = subset.of(round).into_iter().map(|row| (row.id, row)).collect();
    let mut rows: Vec<&Row> = newest.into_values().collect();
    rows.sort_by(|a, b| compare_rows(&order_by, a, b));
    let expected: Vec<i64> = rows.into_iter().skip(offset).take(limit).map(|row| row.id).collect();
    let found = run(round.db.query(request.clone())).expect("an answer");
    assert_eq!(ids(&found.fields[0].column), expected, "{request:?}");
}

pub fn distance(row: &Row, query: [f32; 2]) -> f32 {
    row.vector.iter().zip(query).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// Rows from near to far.
pub fn ranked<'a>(subset: &Subset, round: &'a Round, query: [f32; 2]) -> Vec<&'a Row> {
    let mut rows = subset.of(round);
    rows.sort_by(|a, b| distance(a, query).total_cmp(&distance(b, query)).then(a.id.cmp(&b.id)));
    rows
}

pub fn vector(random: &mut fastrand::Rng) -> [f32; 2] {
    [f32::from(random.u8(0..151)) + 0.25, 0.0]
}

pub fn request(subset: &Subset, query: [f32; 2], limit: usize, offset: usize) -> SearchRequest {
    let bytes: Vec<u8> = query.into_iter().flat_map(f32::to_le_bytes).collect();
    let queries = QueryVectors::Vectors { data_type: DataType::FloatVector, vectors: vec![bytes.into()] };
    SearchRequest {
        filter: FilterText::new(subset.filter.as_str()),
        partitions: subset.partitions.clone(),
        offset: offset as i64,
        ..SearchRequest::new(target(), queries, limit as i64)
    }
}

pub fn search(round: &Round, random: &mut fastrand::Rng) {
    let (subset, query) = (Subset::random(random), vector(random));
    let (offset, limit) = (random.usize(0..10), random.usize(1..30));
    let order_by = order_by(random);
    let request = SearchRequest { order_by: order_by.clone(), ..request(&subset, query, limit, offset) };
    let mut rows = ranked(&subset, round, query);
    rows.truncate(offset + limit);
    rows.sort_by(|a, b| compare_rows(&order_by, a, b));
    let expected: Vec<i64> = rows.iter().skip(offset).map(|row| row.id).collect();
    let found = run(round.db.search(request.clone())).expect("an answer");
    assert_eq!(ids(&found.ids), expected, "{request:?}");
}
