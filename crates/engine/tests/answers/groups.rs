//! Grouped searches, alone and fused.

use crate::orders::{distance, ids, ranked, request, vector};
use crate::rows::{Round, Row, run, target};
use crate::values::{Subset, plain};
use elanus_engine::Db;
use elanus_types::Value;
use elanus_types::search::{GroupBy, GroupScorer, HybridRequest, Ranker, SearchRequest, SearchResult};
use std::cmp::Ordering;

const GROUPABLE: [&str; 7] = ["id", "tiny", "big", "text", "flag", "json[\"x\"]", "color"];

fn group_by(random: &mut fastrand::Rng, strict: bool) -> GroupBy {
    let field = |random: &mut fastrand::Rng| GROUPABLE[random.usize(..GROUPABLE.len())].to_owned();
    let fields = (0..random.usize(1..3)).map(|_| field(random)).collect();
    GroupBy { fields, size: random.usize(1..4), strict, ..GroupBy::new("") }
}

/// The value of a row's groups; places in documents count as texts.
fn key(by: &GroupBy, row: &Row) -> Vec<String> {
    let text = |name: &String| match (row.value(name), plain(&row.value(name))) {
        (Value::Json(_), Value::Str(text)) => format!("{text:?}"),
        (Value::Json(json), _) => format!("{:?}", json.to_string()),
        (value, _) => value.to_string(),
    };
    by.fields.iter().map(text).collect()
}

/// Groups in order of their best rows, whole.
fn groups<'a>(by: &GroupBy, rows: &[&'a Row]) -> Vec<(Vec<String>, Vec<&'a Row>)> {
    let mut groups: Vec<(Vec<String>, Vec<&Row>)> = Vec::new();
    for row in rows {
        let key = key(by, row);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((key, vec![row])),
        }
    }
    groups
}

/// The group values that came back with every hit.
fn answered(found: &SearchResult, row: usize) -> Vec<String> {
    found.group_by.iter().map(|output| output.column.view().value(row).to_string()).collect()
}

pub fn search(round: &Round, random: &mut fastrand::Rng) {
    let (subset, query) = (Subset::random(random), vector(random));
    let strict = random.bool();
    let by = group_by(random, strict);
    let (offset, limit) = (random.usize(0..3), random.usize(1..8));
    let request = SearchRequest { group_by: Some(by.clone()), ..request(&subset, query, limit, offset) };
    let found = run(round.db.search(request.clone())).expect("an answer");
    let hits = ids(&found.ids);
    let mut at = 0;
    let all = groups(&by, &ranked(&subset, round, query));
    for (key, rows) in all.into_iter().skip(offset).take(limit) {
        let most = rows.len().min(by.size);
        let count = (at..hits.len()).take_while(|i| answered(&found, *i) == key).count();
        assert!(
            if strict { count == most } else { (1..=most).contains(&count) },
            "{count} of {most} hits of {key:?}: {request:?}"
        );
        let expected: Vec<i64> = rows.iter().take(count).map(|row| row.id).collect();
        assert_eq!(hits[at..at + count], expected, "of {key:?}: {request:?}");
        at += count;
    }
    assert_eq!(at, hits.len(), "hits of groups that nobody asked for: {request:?}");
}

pub fn hybrid(round: &Round, random: &mut fastrand::Rng) {
    let by = GroupBy {
        scorer: [GroupScorer::Max, GroupScorer::Sum, GroupScorer::Avg][random.usize(..3)],
        ..group_by(random, true)
    };
    let (offset, limit) = (random.usize(0..3), random.usize(1..8));
    let mut part = || {
        let mut subset = Subset::random(random);
        // Partitions are chosen for the whole.
        subset.partitions.clear();
        (subset, vector(random), random.usize(1..12))
    };
    let parts: Vec<(Subset, [f32; 2], usize)> = vec![part(), part()];
    let request = HybridRequest {
        target: target(),
        partitions: Vec::new(),
        requests: parts.iter().map(|(subset, query, limit)| request(subset, *query, *limit, 0)).collect(),
        ranker: Ranker::Rrf { k: 60.0 },
        limit: limit as i64,
        offset: offset as i64,
        output_fields: Vec::new(),
        round_decimal: -1,
        group_by: Some(by.clone()),
        guarantee_timestamp: 0,
    };
    let found = run(round.db.hybrid_search(request.clone())).expect("an answer");
    let expected: Vec<i64> =
        fused(round, &parts, &by).into_iter().skip(offset).take(limit).flatten().collect();
    assert_eq!(ids(&found.ids), expected, "{request:?}");
}

/// The groups of the fused lists, best first.
fn fused(round: &Round, parts: &[(Subset, [f32; 2], usize)], by: &GroupBy) -> Vec<Vec<i64>> {
    let mut scores: Vec<(&Row, f32)> = Vec::new();
    for (subset, query, limit) in parts {
        let groups = groups(by, &ranked(subset, round, *query));
        let mut list: Vec<&Row> =
            groups.into_iter().take(*limit).flat_map(|(_, rows)| rows.into_iter().take(by.size)).collect();
        list.sort_by(|a, b| distance(a, *query).total_cmp(&distance(b, *query)).then(a.id.cmp(&b.id)));
        for (rank, row) in list.into_iter().enumerate() {
            let gain = 1.0 / (60.0 + rank as f32 + 1.0);
            match scores.iter_mut().find(|(known, _)| known.id == row.id) {
                Some((_, score)) => *score += gain,
                None => scores.push((row, gain)),
            }
        }
    }
    scores.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.id.cmp(&b.id)));
    let rows: Vec<&Row> = scores.iter().map(|(row, _)| *row).collect();
    let score =
        |row: &Row| scores.iter().find(|(known, _)| known.id == row.id).map_or(0.0, |(_, score)| *score);
    let mut scored: Vec<(f32, Vec<i64>)> = groups(by, &rows)
        .into_iter()
        .map(|(_, mut rows)| {
            rows.truncate(by.size);
            let sum: f32 = rows.iter().map(|row| score(row)).sum();
            let value = match by.scorer {
                GroupScorer::Max => score(rows[0]),
                GroupScorer::Sum => sum,
                GroupScorer::Avg => sum / rows.len() as f32,
            };
            (value, rows.iter().map(|row| row.id).collect())
        })
        .collect();
    scored.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(Ordering::Equal));
    scored.into_iter().map(|(_, ids)| ids).collect()
}
