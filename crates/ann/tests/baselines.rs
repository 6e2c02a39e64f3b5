//! What searches cost and find, kind by kind, compared with the files in `baselines/`: changes show as differences to review.
//!
//! `ELANUS_BASELINES=write cargo test -p elanus-ann --test baselines` writes them anew.

mod common;
mod kinds;

use common::{Column, search};
use elanus_ann::{Index, Kind, SearchParams};
use elanus_kernels::{Bitmap, Element, Metric};
use kinds::{index, kinds};
use std::fmt::Write as _;
use std::path::Path;

const ROWS: usize = 4_000;
const QUERIES: usize = 50;
const COLUMNS: [(Element, Metric); 4] = [
    (Element::F32, Metric::Cosine),
    (Element::F32, Metric::L2),
    (Element::I8, Metric::Ip),
    (Element::Bit, Metric::Jaccard),
];

/// Sums over all queries, so that every single distance counts.
fn line(
    index: &dyn Index,
    column: &Column,
    queries: &Column,
    k: usize,
    params: &SearchParams,
    one_in: usize,
) -> String {
    let filter =
        (one_in > 1).then(|| Bitmap::from_bools(&(0..ROWS).map(|row| row % one_in == 0).collect::<Vec<_>>()));
    let (mut right, mut codes, mut exact, mut hops) = (0, 0, 0, 0);
    for at in 0..QUERIES {
        let query = queries.view().row(at);
        let truth = column.exact(query, k, params, filter.as_ref());
        let worst = truth.last().map_or(f32::NEG_INFINITY, |hit| hit.key);
        let (hits, stats) = search(index, column, query, k, params, filter.as_ref());
        right += hits.iter().filter(|hit| hit.key <= worst).count();
        codes += stats.approximate;
        exact += stats.exact;
        hops += stats.hops;
    }
    let of = QUERIES * k;
    format!("right {right:>4} of {of:>4}  codes {codes:>7}  exact {exact:>7}  hops {hops:>6}")
}

fn report(kind: Kind) -> String {
    let mut text = format!("{kind}: {ROWS} rows of 48 dimensions in clumps, sums over {QUERIES} queries\n");
    for (element, metric) in COLUMNS {
        let Some((_, index_type)) = kinds(element).find(|(other, _)| *other == kind) else { continue };
        let (column, queries) = Column::clumped(element, metric, 48, ROWS + QUERIES, 1).split(ROWS);
        let index = index(&column, kind, index_type);
        let _ = writeln!(text, "\n{} {metric}, {:?}", element.name(), index.describe());
        for k in [1, 10, 100] {
            for (name, effort) in [("sufficient", None), ("32", Some(32))] {
                let params = SearchParams { ef: effort, nprobe: effort, ..SearchParams::default() };
                for one_in in [1, 4] {
                    let line = line(index.as_ref(), &column, &queries, k, &params, one_in);
                    let _ = writeln!(text, "k {k:<3}  effort {name:<10}  one row in {one_in}  {line}");
                }
            }
        }
    }
    text
}

#[test]
fn costs_and_recall_are_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/baselines");
    let write = std::env::var("ELANUS_BASELINES").is_ok_and(|value| value == "write");
    let mut wrong = String::new();
    for kind in Kind::ALL.into_iter().filter(|kind| ![Kind::Flat, Kind::MinHashLsh].contains(kind)) {
        let (path, now) = (folder.join(format!("{kind}.txt")), report(kind));
        if write {
            std::fs::write(&path, &now).expect("writable");
            continue;
        }
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        if before != now {
            let lines = now.lines().zip(before.lines().chain(std::iter::repeat("")));
            let changed: String = lines
                .filter(|(now, before)| now != before)
                .map(|(now, before)| format!("- {before}\n+ {now}\n"))
                .collect();
            let _ = writeln!(wrong, "{}:\n{changed}", path.display());
        }
    }
    assert!(
        wrong.is_empty(),
        "baselines changed; if that is meant, run with ELANUS_BASELINES=write\n{wrong}"
    );
}
