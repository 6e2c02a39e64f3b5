//! One measurement: how good and how fast an index answers with one effort.

use super::report::Point;
use super::{Plan, Question, each};
use elanus_ann::{Index, SearchParams, SearchStats, VectorsView, exact_hits};
use elanus_kernels::{Hit, TopK};
use std::time::Instant;

/// So many queries are answered even if that takes longer than it should.
const LEAST: usize = 200;
/// How many times longer than asked for a measurement may take so that every query is answered once.
const PATIENCE: f64 = 10.0;
/// Most queries a thread is given at once.
const MOST: usize = 256;
/// Batches of which the middle one counts.
const BATCHES: usize = 5;
/// Queries before the clock starts.
const WARM: usize = 50;

/// Answers queries one after the other on one thread, then many at once on all threads of the plan.
pub(super) fn run(
    plan: &Plan,
    index: &dyn Index,
    base: &VectorsView<'_>,
    queries: &VectorsView<'_>,
    question: &Question,
    params: &SearchParams,
) -> Point {
    let search = |query: usize| -> (Vec<Hit>, SearchStats) {
        let mut out = TopK::new(plan.k);
        let stats =
            index.search(base, queries.row(query), plan.k, params, question.filter.as_ref(), &mut out);
        (out.into_sorted(), stats)
    };
    (0..queries.rows.min(WARM)).for_each(|query| drop(search(query)));
    let recall = |query: usize, hits: &[Hit]| {
        question.truth.recall(query, &exact_hits(base, plan.metric, queries.row(query), hits.to_vec()))
    };
    let mut single = one_by_one(plan, queries.rows, &search, recall);
    let answered = single.recalls.len();
    let asked: Vec<&[u8]> = (0..answered).map(|query| queries.row(query)).collect();
    let batch = batches(plan, &asked, |queries, outs| {
        index.search_many(base, queries, plan.k, params, question.filter.as_ref(), outs);
    });
    let n = answered.max(1) as f64;
    single.recalls.sort_by(f64::total_cmp);
    single.latencies.sort_by(f64::total_cmp);
    let worst = answered.div_ceil(20);
    let at = |share: f64| {
        let place = (single.latencies.len() as f64 * share) as usize;
        single.latencies.get(place).or(single.latencies.last()).map_or(0.0, |seconds| seconds * 1e3)
    };
    Point {
        effort: None,
        recall_target: None,
        queries: answered,
        recall: single.recalls.iter().sum::<f64>() / n,
        recall_worst: single.recalls.iter().take(worst).sum::<f64>() / worst.max(1) as f64,
        queries_per_second: single.latencies.len() as f64 / single.latencies.iter().sum::<f64>().max(1e-9),
        batch_queries_per_second: batch,
        p50_ms: at(0.5),
        p99_ms: at(0.99),
        codes: single.stats.approximate as f64 / n,
        exact: single.stats.exact as f64 / n,
        hops: single.stats.hops as f64 / n,
        scanned: single.stats.scanned,
    }
}

#[derive(Default)]
struct Single {
    /// Of each query, the first time it was answered.
    recalls: Vec<f64>,
    stats: SearchStats,
    latencies: Vec<f64>,
}

/// All queries again and again until the time is over; where one pass takes much longer, not all of them.
fn one_by_one(
    plan: &Plan,
    queries: usize,
    search: &impl Fn(usize) -> (Vec<Hit>, SearchStats),
    recall: impl Fn(usize, &[Hit]) -> f64,
) -> Single {
    let mut single = Single::default();
    let mut spent = 0.0;
    for query in (0..queries).cycle() {
        let start = Instant::now();
        let (hits, stats) = search(query);
        let seconds = start.elapsed().as_secs_f64();
        single.latencies.push(seconds);
        spent += seconds;
        if single.recalls.len() == query {
            single.recalls.push(recall(query, &hits));
            single.stats.add(stats);
        }
        let answered = single.recalls.len();
        let patience = if answered < queries { PATIENCE } else { 1.0 };
        if spent >= plan.seconds * patience && answered >= queries.min(LEAST) {
            break;
        }
    }
    single
}

/// Queries per second of all threads of the plan, each of which gets many queries at once.
fn batches(plan: &Plan, queries: &[&[u8]], search: impl Fn(&[&[u8]], &mut [TopK]) + Sync) -> f64 {
    let share = queries.len().div_ceil(plan.threads.max(1)).clamp(1, MOST);
    let chunks: Vec<&[&[u8]]> = queries.chunks(share).collect();
    let mut rates = Vec::new();
    let begun = Instant::now();
    while rates.len() < BATCHES && (rates.is_empty() || begun.elapsed().as_secs_f64() < plan.seconds) {
        let start = Instant::now();
        each(chunks.len(), plan.threads, |at| {
            let chunk = chunks.get(at).copied().unwrap_or_default();
            let mut outs = vec![TopK::new(plan.k); chunk.len()];
            search(chunk, &mut outs);
            outs.into_iter().map(TopK::into_sorted).collect::<Vec<_>>()
        });
        rates.push(queries.len() as f64 / start.elapsed().as_secs_f64().max(1e-9));
    }
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or_default()
}
