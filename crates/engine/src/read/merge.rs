//! Merging lists of hits: by key across segments, by rank or weight across requests.

use elanus_kernels::Metric;
use elanus_segment::PrimaryKey;
use elanus_types::search::Ranker;
use std::collections::HashMap;

use super::output::Place;

/// One hit: the internal key (smaller is nearer) or a score, where it lies and what it is called.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// Internal key in single searches; score as users see it after fusion.
    pub key: f32,
    /// Where it lies.
    pub place: Place,
    /// Its primary key.
    pub id: PrimaryKey,
}

/// The hits of one query, best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Nearest {
    /// One for each primary key.
    pub hits: Vec<Found>,
    /// There are no more, however deep one looks.
    pub all: bool,
}

/// Sorts by key, ties by primary key, and keeps the best hit of every primary key.
pub fn best_first(mut hits: Vec<Found>) -> Vec<Found> {
    hits.sort_by(|a, b| a.key.total_cmp(&b.key).then_with(|| a.id.cmp(&b.id)));
    let mut seen = std::collections::HashSet::with_capacity(hits.len());
    hits.retain(|hit| seen.insert(hit.id.clone()));
    hits
}

/// Fuses ranked lists into one; the result's `key` is the score users see, and the flag says that larger is better.
///
/// RRF: Cormack, Clarke, Büttcher, «Reciprocal Rank Fusion outperforms Condorcet and individual Rank Learning
/// Methods», SIGIR 2009.
pub fn fuse(lists: Vec<(Metric, Vec<Found>)>, ranker: &Ranker) -> (Vec<Found>, bool) {
    let mixed =
        lists.iter().any(|(m, _)| m.larger_is_nearer()) && lists.iter().any(|(m, _)| !m.larger_is_nearer());
    let descending = match ranker {
        Ranker::Rrf { .. } => true,
        Ranker::Weighted { normalize, .. } => {
            *normalize || mixed || lists.iter().all(|(m, _)| m.larger_is_nearer())
        }
    };
    let mut fused: HashMap<PrimaryKey, Found> = HashMap::new();
    for (list, (metric, hits)) in lists.into_iter().enumerate() {
        for (rank, hit) in hits.into_iter().enumerate() {
            let gain = contribution(ranker, list, rank, metric, hit.key, mixed);
            let entry = fused.entry(hit.id.clone()).or_insert(Found { key: 0.0, ..hit });
            entry.key += gain;
        }
    }
    let mut hits: Vec<Found> = fused.into_values().collect();
    let order = |a: &Found, b: &Found| {
        let by_score = a.key.total_cmp(&b.key);
        if descending { by_score.reverse() } else { by_score }.then_with(|| a.id.cmp(&b.id))
    };
    hits.sort_by(order);
    (hits, descending)
}

fn contribution(ranker: &Ranker, list: usize, rank: usize, metric: Metric, key: f32, mixed: bool) -> f32 {
    match ranker {
        Ranker::Rrf { k } => 1.0 / (k + rank as f32 + 1.0),
        Ranker::Weighted { weights, normalize } => {
            let score = metric.score(key);
            let value = if *normalize || (mixed && !metric.larger_is_nearer()) {
                normalized(metric, score)
            } else {
                score
            };
            weights.get(list).copied().unwrap_or(0.0) * value
        }
    }
}

/// Maps a score to 0…1, larger nearer, as Milvus's weighted ranker does.
fn normalized(metric: Metric, score: f32) -> f32 {
    use std::f32::consts::PI;
    match metric {
        Metric::Cosine => (1.0 + score) / 2.0,
        Metric::Ip | Metric::MhJaccard(_) => 0.5 + score.atan() / PI,
        Metric::L2 | Metric::Hamming | Metric::Jaccard => 1.0 - 2.0 * score.atan() / PI,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(key: f32, id: i64) -> Found {
        Found { key, place: Place { segment: 0, row: id as u32 }, id: PrimaryKey::Int(id) }
    }

    fn ids(hits: &[Found]) -> Vec<PrimaryKey> {
        hits.iter().map(|hit| hit.id.clone()).collect()
    }

    #[test]
    fn keeps_the_best_of_equal_keys_and_breaks_ties_by_key() {
        let hits = best_first(vec![hit(0.5, 2), hit(0.5, 1), hit(0.1, 2)]);
        assert_eq!(ids(&hits), [PrimaryKey::Int(2), PrimaryKey::Int(1)]);
    }

    #[test]
    fn rrf_sums_reciprocal_ranks() {
        let lists = vec![(Metric::L2, vec![hit(0.0, 1), hit(1.0, 2)]), (Metric::Cosine, vec![hit(-1.0, 2)])];
        let (hits, descending) = fuse(lists, &Ranker::Rrf { k: 60.0 });
        assert!(descending);
        assert_eq!(ids(&hits), [PrimaryKey::Int(2), PrimaryKey::Int(1)]);
        assert!((hits[0].key - (1.0 / 62.0 + 1.0 / 61.0)).abs() < 1e-6);
    }

    #[test]
    fn weights_of_distances_keep_ascending_order_unless_normalized() {
        let lists = || vec![(Metric::L2, vec![hit(1.0, 1), hit(3.0, 2)]), (Metric::L2, vec![hit(2.0, 2)])];
        let (raw, descending) =
            fuse(lists(), &Ranker::Weighted { weights: vec![0.5, 0.5], normalize: false });
        assert!(!descending);
        assert_eq!(ids(&raw), [PrimaryKey::Int(1), PrimaryKey::Int(2)]);
        let (normal, descending) =
            fuse(lists(), &Ranker::Weighted { weights: vec![0.5, 0.5], normalize: true });
        assert!(descending && normal.len() == 2);
    }
}
