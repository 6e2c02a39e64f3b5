//! How much of the truth an index finds.

use crate::scan::{Piece, Scan};
use crate::{KeyRange, SegmentSearch};
use elanus_ann::SearchParams;
use elanus_kernels::{Metric, TopK};
use elanus_types::{CollectionSchema, ColumnView, FieldSchema, Result, Timestamp};

/// Rows taken as queries.
const QUERIES: usize = 64;
/// Neighbours asked for.
const NEAREST: usize = 10;

/// The part of the nearest rows that `search` finds, for rows of the column itself as queries.
pub(super) fn sample(
    schema: &CollectionSchema,
    field: &FieldSchema,
    metric: Metric,
    column: &ColumnView<'_>,
    search: impl Fn(&[u8], usize, &mut TopK),
) -> Result<f32> {
    let rows = column.len();
    let places = (0..QUERIES.min(rows)).map(|i| i * rows / QUERIES.min(rows));
    let queries: Vec<&[u8]> =
        places.filter(|row| column.is_valid(*row)).filter_map(|row| column.data.bytes(row)).collect();
    let request = SegmentSearch {
        against: crate::Against::Vectors,
        field: field.id,
        metric,
        queries: &queries,
        k: NEAREST,
        params: &SearchParams::default(),
        predicate: None,
        read: Timestamp::MAX,
        // Signatures without an equal slot are no hits.
        range: metric.slots().map(|_| KeyRange { below: 0.0, ..KeyRange::ALL }),
        excluded: None,
        pool: None,
    };
    let mut scan = Scan::new(schema, &request)?;
    scan.feed(&Piece::whole(column.clone(), 0), None);
    let (mut found, mut wanted) = (0, 0);
    for (query, truth) in queries.iter().zip(scan.finish()) {
        let mut top = TopK::new(NEAREST);
        search(query, NEAREST, &mut top);
        // Equally near rows are equally good.
        let limit = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
        found += top.into_sorted().iter().filter(|hit| hit.key <= limit).count().min(truth.len());
        wanted += truth.len();
    }
    Ok(if wanted == 0 { 1.0 } else { found as f32 / wanted as f32 })
}
