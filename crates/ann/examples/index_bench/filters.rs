//! Filters of a given share: rows at random, or rows that have to do with the query.

use crate::Bench;
use elanus_ann::VectorsView;
use elanus_kernels::{Bitmap, Distance};

/// Clusters that rows are divided into.
const CENTRES: usize = 100;

/// Which rows are allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Any, the same for all queries.
    Random,
    /// Those nearest to the query.
    Near,
    /// Those farthest from the query.
    Far,
    /// Those nearest to some row.
    Other,
    /// Whole clusters, the query's own last.
    Clusters,
}

impl Pick {
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "random" => Self::Random,
            "near" => Self::Near,
            "far" => Self::Far,
            "other" => Self::Other,
            "clusters" => Self::Clusters,
            _ => return None,
        })
    }

    /// One filter for all queries, or one for each; none where all rows are allowed.
    pub fn filters(self, bench: &Bench<'_>, percent: f64) -> Vec<Bitmap> {
        let rows = bench.vectors.rows;
        let allowed = ((rows as f64 * percent / 100.0).round() as usize).min(rows);
        if allowed == rows {
            return Vec::new();
        }
        let mut random = fastrand::Rng::with_seed(1);
        if self == Self::Random {
            let mut bits: Vec<bool> = (0..rows).map(|row| row < allowed).collect();
            random.shuffle(&mut bits);
            return vec![Bitmap::from_bools(&bits)];
        }
        let anchors: Vec<usize> = (0..bench.queries.rows).map(|_| random.usize(..rows)).collect();
        let distance = Distance::new(bench.metric, bench.vectors.element, bench.vectors.dim);
        let distance = distance.expect("a metric for these vectors");
        if self == Self::Clusters {
            return clusters(bench, &distance, allowed);
        }
        bench.each(|at, query| {
            let anchor = if self == Self::Other { bench.vectors.row(anchors[at]) } else { query };
            nearest(&bench.vectors, &distance, anchor, allowed, self == Self::Far)
        })
    }
}

/// Rows of clusters drawn anew for every query, which itself lies in none of them unless all are allowed.
fn clusters(bench: &Bench<'_>, distance: &Distance, allowed: usize) -> Vec<Bitmap> {
    let rows = bench.vectors.rows;
    let mut random = fastrand::Rng::with_seed(2);
    let centres: Vec<usize> = (0..CENTRES).map(|_| random.usize(..rows)).collect();
    let nearest = |point: &[u8]| {
        let keys = centres.iter().map(|row| distance.key(point, bench.vectors.row(*row)));
        keys.enumerate().min_by(|a, b| a.1.total_cmp(&b.1)).map_or(0, |(centre, _)| centre)
    };
    let mut members = vec![Vec::new(); CENTRES];
    (0..rows).for_each(|row| members[nearest(bench.vectors.row(row))].push(row));
    bench.each(|at, query| {
        let mut order: Vec<usize> = (0..CENTRES).collect();
        fastrand::Rng::with_seed(at as u64).shuffle(&mut order);
        let own = nearest(query);
        order.sort_by_key(|centre| *centre == own);
        let mut filter = Bitmap::zeros(rows);
        order.iter().flat_map(|centre| &members[*centre]).take(allowed).for_each(|row| filter.set(*row));
        filter
    })
}

/// The rows nearest to a point, or those farthest from it.
fn nearest(
    vectors: &VectorsView<'_>,
    distance: &Distance,
    point: &[u8],
    allowed: usize,
    far: bool,
) -> Bitmap {
    let mut keys = Vec::with_capacity(vectors.rows);
    distance.keys(point, vectors.data, &mut keys);
    let mut order: Vec<u32> = (0..keys.len() as u32).collect();
    let key = |row: &u32| if far { -keys[*row as usize] } else { keys[*row as usize] };
    if allowed > 0 && allowed < order.len() {
        order.select_nth_unstable_by(allowed - 1, |a, b| key(a).total_cmp(&key(b)));
    }
    let mut filter = Bitmap::zeros(keys.len());
    order.iter().take(allowed).for_each(|row| filter.set(*row as usize));
    filter
}
