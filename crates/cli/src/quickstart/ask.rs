//! Real queries, compared with exact search.

use super::sample::Sample;
use bytes::Bytes;
use elanus_engine::Db;
use elanus_kernels::topk::TopK;
use elanus_kernels::{Distance, Element, Metric};
use elanus_types::search::{QueryVectors, SearchRequest, SearchResult};
use elanus_types::{CollectionRef, ColumnRef, DataType, Error, Result, Value};
use std::time::{Duration, Instant};

/// Hits per query.
const LIMIT: usize = 10;
/// Queries whose hits are printed.
const SHOWN: usize = 3;
/// Hits printed of each.
const SHOWN_HITS: usize = 3;

/// Asks every query, prints the first ones' answers, then recall and latency of all.
pub async fn queries(db: &dyn Db, target: &CollectionRef, sample: &Sample) -> Result<()> {
    let (mut found, mut times) = (0, Vec::new());
    for (number, (query, vector)) in sample.queries.entries.iter().zip(sample.queries.vectors()).enumerate() {
        let begun = Instant::now();
        let result = db.search(request(target, vector.clone())).await?;
        times.push(begun.elapsed());
        let ids = ids(&result);
        found += exact(sample, &vector)?.iter().filter(|id| ids.contains(id)).count();
        if number < SHOWN {
            println!("\nNearest to «{}»:", query.text);
            show(&result);
        }
    }
    summary(found, sample.queries.entries.len(), times);
    Ok(())
}

fn summary(found: usize, queries: usize, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 100).map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let recall = found as f64 / (queries * LIMIT).max(1) as f64;
    println!(
        "\n{queries} queries: recall@{LIMIT} {recall:.3} against exact search, median {:.2} ms, p90 {:.2} ms.",
        at(50),
        at(90)
    );
}

fn request(target: &CollectionRef, vector: Bytes) -> SearchRequest {
    let queries = QueryVectors::Vectors { data_type: DataType::Float16Vector, vectors: vec![vector] };
    SearchRequest {
        field: Some("vector".to_owned()),
        output_fields: vec!["text".to_owned()],
        ..SearchRequest::new(target.clone(), queries, LIMIT as i64)
    }
}

fn ids(result: &SearchResult) -> Vec<i64> {
    match result.ids.data.as_ref() {
        ColumnRef::Int64(ids) => ids.to_vec(),
        _ => Vec::new(),
    }
}

fn show(result: &SearchResult) {
    let texts = result.fields.iter().find(|field| field.field.name == "text");
    for (row, score) in result.scores.iter().enumerate().take(SHOWN_HITS) {
        let text = texts.map_or(Value::Null, |field| field.column.view().value(row));
        match text {
            Value::Str(text) => println!("  {score:.3}  {text}"),
            other => println!("  {score:.3}  {other}"),
        }
    }
}

/// The true neighbours, from the sample itself.
fn exact(sample: &Sample, query: &[u8]) -> Result<Vec<i64>> {
    let distance = Distance::new(Metric::Cosine, Element::F16, sample.dim())
        .ok_or_else(|| Error::internal("cosine does not fit half floats"))?;
    let mut best = TopK::new(LIMIT);
    for (row, vector) in sample.rows.vectors().enumerate() {
        best.push(distance.key(query, &vector), row as u32);
    }
    Ok(best.into_sorted().iter().map(|hit| i64::from(hit.row)).collect())
}
