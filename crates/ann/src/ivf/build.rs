//! Building the lists and writing their file.

use super::format::Head;
use super::lists::group;
use super::open::Ivf;
use super::points::{BitPoints, Centres, CodePoints, Points, Room};
use super::train::Training;
use super::{lists_for, tune};
use crate::effort::Curves;
use crate::header::Header;
use crate::layout::{little, put};
use crate::quant::{Filled, Frame, Model, fill, in_blocks, train, with_quantizer};
use crate::space::codes::NUMBERS;
use crate::space::encode::{self, Codes};
use crate::{BuildRequest, Coding, Kind};
use elanus_kernels::{CodeDot, Distance, Element, Metric, convert};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};
use std::sync::Arc;

/// Rows at most that a quantizer learns from.
const SAMPLE: usize = 16_384;

/// Rows at most that say how tight lists are.
const LOOKED_AT: usize = 2_048;
/// Lists are tight where most rows differ from their centres by less than this part of their squared length. Then codes
/// of the rows themselves hardly tell the rows of a list apart; elsewhere they do, and are compared faster. By L2 they
/// always do: keys are distances of codes, and what rounding does to near vectors is nearly the same.
const TIGHT: f64 = 1.0 / 64.0;
/// A byte per component of what rows differ from their centres by.
const RESIDUAL_BYTES: Coding = Coding::Grid { bits: 8, mixed: false };

/// What all steps need.
struct Job<'a> {
    request: &'a BuildRequest<'a>,
    distance: Distance,
    progress: &'a Progress,
    cancel: &'a Cancel,
}

/// Rows in lists.
struct Grouped {
    centres: Centres,
    /// The list of every row.
    labels: Vec<u32>,
}

/// Codes as they go into the file, by row.
#[derive(Default)]
struct Parts<'a> {
    coding: Option<Coding>,
    codes: &'a [u8],
    numbers: &'a [[u8; NUMBERS]],
    mean: &'a [f32],
    model: Vec<u8>,
}

/// Builds the file.
pub(crate) fn build(
    request: &BuildRequest<'_>,
    distance: Distance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    let job = Job { request, distance, progress, cancel };
    let BuildRequest { metric, vectors, threads, .. } = *request;
    if vectors.element == Element::Bit {
        let points = BitPoints { distance, vectors };
        let grouped = job.group(&points)?;
        return job.finish(&points, &grouped, &Parts::default());
    }
    let codes = encode::encode(&vectors, metric, threads, cancel)?;
    let points = CodePoints { metric, dim: vectors.dim, dot: CodeDot::new(), codes: &codes };
    let grouped = job.group(&points)?;
    let coding = match request.kind {
        Kind::IvfFlat => None,
        kind => request.ivf.coding.or(kind.coding(vectors.dim)).map(|coding| coding.fit(vectors.dim)),
    };
    let Codes { codes, numbers, mean } = &codes;
    let coding = match coding {
        Some(Coding::Bytes) if metric != Metric::L2 && job.is_tight(&grouped, mean) => Some(RESIDUAL_BYTES),
        other => other,
    };
    match coding {
        None | Some(Coding::Bytes) => {
            let parts = Parts { coding, codes, numbers, mean, model: Vec::new() };
            job.finish(&points, &grouped, &parts)
        }
        Some(other) => {
            let (model, filled) = job.recode(other, &grouped, mean)?;
            let Filled { codes, numbers } = &filled;
            job.finish(&points, &grouped, &Parts { coding, codes, numbers, mean, model: model.bytes() })
        }
    }
}

impl Job<'_> {
    fn rooms(&self) -> Vec<Room> {
        (0..self.request.threads.max(1)).map(|_| Room::default()).collect()
    }

    fn lists(&self) -> usize {
        lists_for(self.request.vectors.rows, self.request.ivf.nlist)
    }

    fn group<P: Points>(&self, points: &P) -> Result<Grouped> {
        let Self { progress, cancel, .. } = *self;
        let rows = self.request.vectors.rows;
        let mut rooms = self.rooms();
        let training = Training { rows, lists: self.lists(), seed: self.request.ivf.seed, progress, cancel };
        progress.set_total(training.steps());
        let centres = training.centres(points, &mut rooms);
        cancel.check()?;
        let every: Vec<u32> = (0..rows as u32).collect();
        let labels = training.labels(points, &centres, &every, &mut rooms);
        cancel.check()?;
        progress.set_done(training.steps());
        Ok(Grouped { centres, labels })
    }

    /// Whether rows lie so near to their lists' centres that only codes of the differences tell them apart.
    fn is_tight(&self, grouped: &Grouped, mean: &[f32]) -> bool {
        let BuildRequest { metric, vectors, .. } = *self.request;
        let step = vectors.rows.div_ceil(LOOKED_AT).max(1);
        let square = |vector: &[f32]| vector.iter().map(|v| f64::from(*v) * f64::from(*v)).sum::<f64>();
        let centres: Vec<Vec<f32>> = grouped.centres.floats(vectors.dim).collect();
        let (mut tight, mut all, mut floats) = (0, 0, Vec::new());
        for (row, label) in grouped.labels.iter().enumerate().step_by(step) {
            floats.clear();
            convert::decode(vectors.element, vectors.row(row), &mut floats);
            Frame::shift(metric, mean, &mut floats);
            let whole = square(&floats);
            let centre = centres.get(*label as usize).map_or(&[][..], |centre| centre);
            floats.iter_mut().zip(centre).for_each(|(v, centre)| *v -= centre);
            tight += usize::from(square(&floats) < whole * TIGHT);
            all += 1;
        }
        2 * tight > all
    }

    /// Codes every row by what it differs from its list's centre.
    fn recode(&self, coding: Coding, grouped: &Grouped, mean: &[f32]) -> Result<(Model, Filled)> {
        let BuildRequest { metric, vectors, threads, .. } = *self.request;
        let centres: Vec<Vec<f32>> = grouped.centres.floats(vectors.dim).collect();
        let shift = |row: u32, vector: &mut [f32]| {
            let term = Frame::shift(metric, mean, vector);
            let label = grouped.labels.get(row as usize).map_or(0, |label| *label as usize);
            let centre = centres.get(label).map_or(&[][..], |centre| centre);
            vector.iter_mut().zip(centre).for_each(|(v, centre)| *v -= centre);
            if metric == Metric::L2 { term } else { 0.0 }
        };
        let step = vectors.rows.div_ceil(SAMPLE).max(1);
        let mut sample = Vec::new();
        for row in (0..vectors.rows).step_by(step) {
            let begin = sample.len();
            convert::decode(vectors.element, vectors.row(row), &mut sample);
            shift(row as u32, sample.get_mut(begin..).unwrap_or(&mut []));
        }
        let model = train(coding, vectors.dim, &sample, threads, self.cancel);
        self.cancel.check()?;
        let model =
            model.ok_or_else(|| Error::internal(format!("there is nothing to learn for {coding}")))?;
        let filled =
            with_quantizer!(&model, quantizer => fill(&vectors, quantizer, threads, self.cancel, shift));
        self.cancel.check()?;
        Ok((model, filled))
    }

    /// Writes the file, measures the lists in it, and adds what was measured.
    fn finish<P: Points>(&self, points: &P, grouped: &Grouped, parts: &Parts<'_>) -> Result<Vec<u8>> {
        let body = Arc::new(self.write(grouped, parts)?);
        let (head, sections) = Head::read(&body)?;
        let (shared, at) = (Arc::<Vec<u8>>::clone(&body), sections.curves.start);
        let index = Ivf::new(head.clone(), sections, self.distance, shared)?;
        let curves = tune::tune(&index, &self.request.vectors, points, &mut self.rooms(), self.cancel);
        drop(index);
        self.cancel.check()?;
        let mut body = Arc::try_unwrap(body).unwrap_or_else(|shared| shared.to_vec());
        body.truncate(at);
        body.extend(curves.bytes());
        let bytes = Head { curves: body.len() - at, ..head }.bytes();
        body.splice(..bytes.len(), bytes);
        Ok(body)
    }

    /// The file before anything was measured.
    fn write(&self, grouped: &Grouped, parts: &Parts<'_>) -> Result<Vec<u8>> {
        let BuildRequest { kind, metric, vectors, .. } = *self.request;
        let (starts, order) = group(&grouped.labels, self.lists());
        let curves = Curves::default().bytes();
        let column = Header::of(kind, metric, &vectors);
        let head = Head { column, lists: self.lists(), coding: parts.coding, curves: curves.len() };
        let too_large = || Error::internal(format!("an index over {} rows is too large", vectors.rows));
        let sections = head.sections().ok_or_else(too_large)?;
        let mut body = Vec::with_capacity(sections.len);
        body.extend(head.bytes());
        put(&mut body, &sections.mean, parts.mean.iter().flat_map(|mean| mean.to_le_bytes()));
        put(&mut body, &sections.centres, grouped.centres.bytes.iter().copied());
        put(&mut body, &sections.centre_numbers, grouped.centres.numbers.iter().flatten().copied());
        put(&mut body, &sections.starts, little(&starts));
        put(&mut body, &sections.rows, little(&order));
        if head.is_coded() {
            let width = head.code_width();
            let coded = |row: &u32| {
                parts.codes.get(*row as usize * width..(*row as usize + 1) * width).unwrap_or(&[])
            };
            match head.coding.and_then(|coding| coding.block_width(vectors.dim)) {
                Some(width) => {
                    let blocks = in_blocks(order.iter().map(coded), order.len(), width);
                    put(&mut body, &sections.codes, blocks.into_iter());
                }
                None => put(&mut body, &sections.codes, order.iter().flat_map(coded).copied()),
            }
            let numbers = |row: &u32| parts.numbers.get(*row as usize).copied().unwrap_or_default();
            put(&mut body, &sections.numbers, order.iter().flat_map(numbers));
        }
        put(&mut body, &sections.model, parts.model.iter().copied());
        put(&mut body, &sections.curves, curves.into_iter());
        Ok(body)
    }
}
