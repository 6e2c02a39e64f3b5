//! Building a graph and writing its file.

use super::coded::{CodedRows, Recoded};
use super::format::{Compared, Head};
use super::graph::{Layer, NONE};
use super::insert::Inserter;
use super::levels::{self, Levels};
use super::scratch::Scratch;
use super::{judge, reach, tune};
use crate::effort::Curves;
use crate::header::Header;
use crate::layout::{little, put};
use crate::packed::MOST_NODES;
use crate::quant::{Coded, with_quantizer};
use crate::same::{self, Groups};
use crate::space::Pairs;
use crate::space::codes::{CodeSpace, NUMBERS};
use crate::space::encode::{self, Codes};
use crate::space::raw::{self, RawSpace};
use crate::{BuildRequest, Coding, HnswParams, Kind};
use elanus_kernels::{CodeDot, Distance, Element, Metric, code};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};

/// How rows are coded where the codes alone must tell which are nearest.
pub(crate) const COMPACT: Coding = Coding::Grid { bits: 8, mixed: true };
/// The smallest beam over codes that err more than bytes.
const LEAST_COARSE: usize = 48;

/// What all steps need.
pub(super) struct Job<'a> {
    pub request: &'a BuildRequest<'a>,
    pub distance: Distance,
    params: HnswParams,
    progress: &'a Progress,
    pub cancel: &'a Cancel,
    /// How rows are coded for searching; `None` = by as few bits as tell them apart.
    pub coding: Option<Coding>,
}

/// Builds the file.
pub(crate) fn build(
    request: &BuildRequest<'_>,
    distance: Distance,
    progress: &Progress,
    cancel: &Cancel,
) -> Result<Vec<u8>> {
    let vectors = &request.vectors;
    if vectors.rows >= MOST_NODES {
        return Err(Error::internal(format!("a graph cannot cover {} rows", vectors.rows)));
    }
    progress.set_total(vectors.rows as u64);
    let m = request.hnsw.m.max(2);
    // Bytes are their own codes, and bits have none.
    let floats = matches!(vectors.element, Element::F32 | Element::F16 | Element::BF16);
    let compact = request.hnsw.compact && floats;
    let ef_construction = request.hnsw.ef_construction.max(m);
    let params = HnswParams { m, ef_construction, compact, ..request.hnsw };
    let dim = vectors.dim;
    let own = request.kind.coding(dim).filter(|_| request.kind != Kind::Hnsw);
    let compact = params.compact.then_some(COMPACT);
    let coding = params.coding.or(own).or(compact).map(|coding| coding.fit(dim));
    let job = Job { request, distance, params, progress, cancel, coding };
    let body = match vectors.element {
        Element::F32 | Element::F16 | Element::BF16 => job.floats()?,
        Element::I8 => job.bytes()?,
        Element::Bit => job.raw()?,
    };
    progress.set_done(vectors.rows as u64);
    Ok(body)
}

impl Job<'_> {
    fn floats(&self) -> Result<Vec<u8>> {
        let BuildRequest { metric, vectors, threads, .. } = *self.request;
        let codes = encode::encode(&vectors, metric, threads, self.cancel)?;
        let space = CodeSpace {
            metric,
            dot: CodeDot::new(),
            width: code::stride(vectors.dim),
            codes: &codes.codes,
            numbers: &codes.numbers,
        };
        let mut scratches = self.scratches();
        if !judge::codes_suffice(
            &judge::Codes(space),
            judge::AMONG,
            &self.distance,
            &vectors,
            &mut scratches,
            self.cancel,
        ) {
            self.cancel.check()?;
            return self.raw();
        }
        // Cosine ignores lengths, so codes alone tell directions apart.
        let content = |row: u32| {
            let [a, b, c, d, ..] = codes.numbers[row as usize];
            let scale = if metric == Metric::Cosine { 0 } else { u32::from_le_bytes([a, b, c, d]) };
            (&codes.codes[row as usize * space.width..][..space.width], scale)
        };
        let groups = same::group(vectors.rows, content);
        self.finish(Compared::Codes, &space, Some(&codes), &groups, &mut scratches)
    }

    fn bytes(&self) -> Result<Vec<u8>> {
        let BuildRequest { metric, vectors, .. } = *self.request;
        let codes = encode::of_bytes(&vectors, metric);
        let space = CodeSpace {
            metric,
            dot: CodeDot::any_bytes(),
            width: vectors.dim,
            codes: vectors.data,
            numbers: &codes.numbers,
        };
        let groups = same::group(vectors.rows, |row| (vectors.row(row as usize), 0));
        self.finish(Compared::Bytes, &space, Some(&codes), &groups, &mut self.scratches())
    }

    fn raw(&self) -> Result<Vec<u8>> {
        let BuildRequest { metric, vectors, .. } = *self.request;
        let lacks = match Distance::new(Metric::Ip, vectors.element, vectors.dim) {
            Some(product) if metric == Metric::Ip => {
                let square = |row| -product.key(vectors.row(row), vectors.row(row));
                raw::lacks(metric, &(0..vectors.rows).map(square).collect::<Vec<_>>())
            }
            _ => Vec::new(),
        };
        let space = RawSpace { distance: self.distance, vectors, lacks: &lacks };
        let groups = same::group(vectors.rows, |row| (vectors.row(row as usize), 0));
        self.finish(Compared::Raw, &space, None, &groups, &mut self.scratches())
    }

    fn scratches(&self) -> Vec<Scratch> {
        (0..self.request.threads.max(1)).map(|_| Scratch::default()).collect()
    }

    fn construct<'l, S: Pairs>(
        &self,
        space: &S,
        levels: &'l Levels,
        scratches: &mut [Scratch],
    ) -> Result<Vec<Layer<'l>>> {
        self.cancel.check()?;
        let mut inserter = Inserter { space, levels, params: self.params, scratches, cancel: self.cancel };
        let mut layers = inserter.run(self.request.vectors.rows, self.progress)?;
        if let Some(scratch) = inserter.scratches.first_mut() {
            reach::connect(space, &mut layers, levels, scratch);
        }
        self.cancel.check()?;
        Ok(layers)
    }

    /// Links the rows, codes them as searches want it, measures and writes.
    fn finish<S: Pairs>(
        &self,
        compared: Compared,
        space: &S,
        codes: Option<&Codes>,
        groups: &Groups,
        scratches: &mut [Scratch],
    ) -> Result<Vec<u8>> {
        let BuildRequest { metric, vectors, .. } = *self.request;
        let levels = levels::draw(groups.first.clone(), self.params.m, self.params.seed);
        let layers = self.construct(space, &levels, scratches)?;
        let target = tune::Target { distance: &self.distance, vectors: &vectors };
        let mut measured =
            tune::Measured { layers: &layers, levels: &levels, least: 1, refined: true, target };
        let recoded = match compared {
            Compared::Raw => None,
            _ => self.recode(compared, scratches)?,
        };
        let Some(Recoded { coding, model, filled, mean }) = recoded else {
            let itself = tune::Itself(space);
            let curves = tune::tune(space, &itself, &measured, scratches, self.cancel);
            let parts = Parts::of_bytes(codes);
            return self.write(compared, &parts, groups, (&levels, &layers), &curves);
        };
        measured.least = if coding.is_coarse() { LEAST_COARSE } else { 1 };
        let curves = with_quantizer!(&model, quantizer => {
            let coded = Coded { quantizer, codes: &filled.codes, numbers: &filled.numbers };
            let queries = CodedRows { space: coded, vectors, metric, mean: &mean };
            let mut curves = Curves::default();
            if self.params.compact {
                measured.refined = false;
                curves = tune::tune(space, &queries, &measured, scratches, self.cancel);
            }
            if !curves.suffice() {
                measured.refined = true;
                curves = tune::tune(space, &queries, &measured, scratches, self.cancel);
            }
            curves
        });
        let (codes, numbers) = (filled.codes.as_slice(), filled.numbers.as_slice());
        let compact = !measured.refined;
        let parts = Parts { coding, codes, numbers, mean: &mean, model: model.bytes(), compact };
        self.write(Compared::Coded, &parts, groups, (&levels, &layers), &curves)
    }

    fn write(
        &self,
        compared: Compared,
        parts: &Parts<'_>,
        groups: &Groups,
        (levels, layers): (&Levels, &[Layer<'_>]),
        curves: &Curves,
    ) -> Result<Vec<u8>> {
        self.cancel.check()?;
        let BuildRequest { kind, metric, vectors, .. } = *self.request;
        let curves = curves.bytes();
        let head = Head {
            column: Header::of(kind, metric, &vectors),
            compared,
            m: self.params.m,
            ef_construction: self.params.ef_construction,
            same: !groups.next.is_empty(),
            sizes: levels.sizes.clone(),
            coding: parts.coding,
            curves: curves.len(),
            compact: parts.compact,
        };
        let too_large = || Error::internal(format!("an index over {} rows is too large", vectors.rows));
        let sections = head.sections().ok_or_else(too_large)?;
        let above = levels.sizes.get(1).copied().unwrap_or(0);
        let order = levels.order.get(..above).unwrap_or(&[]);
        let mut body = Vec::with_capacity(sections.len);
        body.extend(head.bytes());
        put(&mut body, &sections.codes, parts.codes.iter().copied());
        put(&mut body, &sections.numbers, parts.numbers.iter().flatten().copied());
        put(&mut body, &sections.mean, parts.mean.iter().flat_map(|mean| mean.to_le_bytes()));
        let mut layers = layers.iter().map(cut);
        let lowest = layers.next().unwrap_or_default();
        put(&mut body, &sections.links, little(&lowest));
        put(&mut body, &sections.order, little(order));
        put(&mut body, &sections.above, layers.flatten().flat_map(u32::to_le_bytes));
        put(&mut body, &sections.same, little(&groups.next));
        put(&mut body, &sections.model, parts.model.iter().copied());
        put(&mut body, &sections.curves, curves.into_iter());
        Ok(body)
    }
}

/// Codes as they go into the file.
struct Parts<'a> {
    coding: Coding,
    codes: &'a [u8],
    numbers: &'a [[u8; NUMBERS]],
    mean: &'a [f32],
    model: Vec<u8>,
    compact: bool,
}

impl<'a> Parts<'a> {
    /// One-byte codes, or none.
    fn of_bytes(codes: Option<&'a Codes>) -> Self {
        let coding = Coding::Bytes;
        let (codes, numbers, mean) = codes.map_or((&[][..], &[][..], &[][..]), |codes| {
            (codes.codes.as_slice(), codes.numbers.as_slice(), codes.mean.as_slice())
        });
        Self { coding, codes, numbers, mean, model: Vec::new(), compact: false }
    }
}

/// The links of a layer without the extra room.
fn cut(layer: &Layer<'_>) -> Vec<u32> {
    let lists = layer.links.chunks_exact(layer.width);
    lists.flat_map(|list| list.iter().copied().chain(std::iter::repeat(NONE)).take(layer.limit)).collect()
}
