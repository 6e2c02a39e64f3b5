//! Whether codes tell rows apart.

use super::scratch::Scratch;
use super::tune::AsQueries;
use crate::parallel::collect;
use crate::space::Space;
use crate::space::codes::CodeSpace;
use crate::{VectorsView, exact_search};
use elanus_kernels::{Distance, Hit, TopK};
use elanus_runtime::Cancel;

/// Rows of a block of a scan.
const BLOCK: u32 = 256;
/// Rows whose neighbours are looked at to judge codes.
const JUDGES: usize = 32;
/// Rows they are looked for in, at most.
const JUDGED: usize = 200_000;
/// True neighbours looked for.
const NEIGHBOURS: usize = 10;
/// Rows nearest by code among which they must be, for codes that a graph is built on.
pub(super) const AMONG: usize = 40;
/// Share of them that must.
const TOLD_APART: f32 = 0.9;

/// Whether the `among` rows nearest by code hold most of those truly nearest.
///
/// Where few components are far larger than the rest, or rows lie in tight clumps far apart, small codes do not tell
/// neighbours apart; then larger ones are needed, or the vectors themselves.
pub(super) fn codes_suffice<A: AsQueries>(
    queries: &A,
    among: usize,
    distance: &Distance,
    vectors: &VectorsView<'_>,
    scratches: &mut [Scratch],
    cancel: &Cancel,
) -> bool {
    let rows = vectors.rows.min(JUDGED);
    if rows <= among {
        return true;
    }
    let part = VectorsView { rows, ..*vectors };
    let step = rows / JUDGES.min(rows);
    let shares: Vec<f32> = collect(scratches, JUDGES.min(rows), cancel, |item, scratch, out| {
        let row = (item * step) as u32;
        let query = vectors.row(row as usize);
        let mut exact = TopK::new(NEIGHBOURS + 1);
        exact_search(&part, distance.metric(), query, None, None, &mut exact);
        let worst = exact.into_sorted().last().map_or(f32::INFINITY, |hit: &Hit| hit.key);
        let by_code = nearest_codes(queries, among, row, rows as u32, scratch);
        let key = |hit: &Hit| distance.key(query, vectors.row(hit.row as usize));
        let right = by_code.iter().filter(|hit| key(hit) <= worst).count();
        out.push((right.min(NEIGHBOURS)) as f32 / NEIGHBOURS as f32);
    });
    shares.iter().sum::<f32>() >= TOLD_APART * shares.len() as f32
}

fn nearest_codes<A: AsQueries>(
    queries: &A,
    among: usize,
    row: u32,
    rows: u32,
    scratch: &mut Scratch,
) -> Vec<Hit> {
    let mut top = TopK::new(among);
    let mut query = A::Query::default();
    queries.prepare(row, &mut query);
    let Scratch { batch, keys, .. } = scratch;
    for start in (0..rows).step_by(BLOCK as usize) {
        batch.clear();
        batch.extend(start..rows.min(start + BLOCK));
        queries.space().keys(queries.probe(row, &query), batch, keys);
        for (key, other) in keys.keys.iter().zip(batch.iter()) {
            if *key <= top.threshold() {
                top.push(*key, *other);
            }
        }
    }
    top.into_sorted()
}

/// Rows as queries, so that inner products are not stretched.
pub(super) struct Codes<'a>(pub CodeSpace<'a>);

impl<'a> AsQueries for Codes<'a> {
    type Space = CodeSpace<'a>;
    type Query = ();

    fn space(&self) -> &CodeSpace<'a> {
        &self.0
    }

    fn prepare(&self, _: u32, (): &mut ()) {}

    fn probe<'q>(&'q self, row: u32, (): &'q ()) -> <CodeSpace<'a> as Space>::Probe<'q> {
        self.0.row_as_query(row)
    }
}
