//! Building the lists and writing their file.

use super::format::Head;
use super::lists::group;
use super::points::{BitPoints, Centres, CodePoints, Points, Room};
use super::train::Training;
use super::{lists_for, tune};
use crate::BuildRequest;
use crate::header::Header;
use crate::layout::{little, put};
use crate::space::encode::{self, Codes};
use elanus_kernels::{CodeDot, Distance, Element, code};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};

/// Lists before they are written.
struct Built {
    centres: Centres,
    starts: Vec<u32>,
    order: Vec<u32>,
    tuned: tune::Tuned,
}

/// Builds the file.
pub(crate) fn build(
    request: &BuildRequest<'_>,
    distance: Distance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    let BuildRequest { metric, vectors, threads, .. } = *request;
    match vectors.element {
        Element::Bit => {
            let points = BitPoints { distance, vectors };
            let built = construct(request, &points, progress, cancel)?;
            write(request, &Codes::default(), built)
        }
        _ => {
            let codes = encode::encode(&vectors, metric, threads, cancel)?;
            let points = CodePoints { metric, dim: vectors.dim, dot: CodeDot::new(), codes: &codes };
            let built = construct(request, &points, progress, cancel)?;
            write(request, &codes, built)
        }
    }
}

fn construct<P: Points>(
    request: &BuildRequest<'_>,
    points: &P,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Built> {
    let rows = request.vectors.rows;
    let lists = lists_for(rows, request.ivf.nlist);
    let mut rooms: Vec<Room> = (0..request.threads.max(1)).map(|_| Room::default()).collect();
    let training = Training { rows, lists, seed: request.ivf.seed, progress, cancel };
    progress.set_total(training.steps());
    let centres = training.centres(points, &mut rooms);
    cancel.check()?;
    let every: Vec<u32> = (0..rows as u32).collect();
    let labels = training.labels(points, &centres, &every, &mut rooms);
    cancel.check()?;
    let tuned = tune::tune(points, &centres, &labels, lists, &mut rooms, cancel);
    cancel.check()?;
    let (starts, order) = group(&labels, lists);
    progress.set_done(training.steps());
    Ok(Built { centres, starts, order, tuned })
}

fn write(request: &BuildRequest<'_>, codes: &Codes, built: Built) -> Result<Vec<u8>> {
    let BuildRequest { kind, metric, vectors, .. } = *request;
    let lists = built.starts.len().saturating_sub(1);
    let head = Head { column: Header::of(kind, metric, &vectors), lists, tuned: built.tuned };
    let too_large = || Error::internal(format!("an index over {} rows is too large", vectors.rows));
    let sections = head.sections().ok_or_else(too_large)?;
    let mut body = Vec::with_capacity(sections.len);
    body.extend(head.bytes());
    put(&mut body, &sections.mean, codes.mean.iter().flat_map(|mean| mean.to_le_bytes()));
    put(&mut body, &sections.centres, built.centres.bytes.iter().copied());
    put(&mut body, &sections.centre_numbers, built.centres.numbers.iter().flatten().copied());
    put(&mut body, &sections.starts, little(&built.starts));
    put(&mut body, &sections.rows, little(&built.order));
    if head.is_coded() {
        let width = code::stride(vectors.dim);
        let coded = |row: &u32| codes.codes.chunks_exact(width).nth(*row as usize).unwrap_or(&[]);
        put(&mut body, &sections.codes, built.order.iter().flat_map(coded).copied());
        let numbers = |row: &u32| codes.numbers.get(*row as usize).copied().unwrap_or_default();
        put(&mut body, &sections.numbers, built.order.iter().flat_map(numbers));
    }
    body.resize(sections.len, 0);
    Ok(body)
}
