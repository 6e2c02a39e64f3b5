//! Building a graph and writing its file.

use super::format::{Compared, Head};
use super::graph::{Layer, NONE};
use super::insert::Inserter;
use super::levels::{self, Levels};
use super::scratch::Scratch;
use super::{reach, tune};
use crate::header::Header;
use crate::layout::{little, put};
use crate::packed::MOST_NODES;
use crate::same::{self, Groups};
use crate::space::Space;
use crate::space::codes::CodeSpace;
use crate::space::encode::{self, Codes};
use crate::space::raw::{self, RawSpace};
use crate::{BuildRequest, HnswParams};
use elanus_kernels::{CodeDot, Distance, Element, Metric, code};
use elanus_runtime::{Cancel, Progress};
use elanus_types::{Error, Result};

/// What all steps need.
struct Job<'a> {
    request: &'a BuildRequest<'a>,
    distance: Distance,
    params: HnswParams,
    progress: &'a Progress,
    cancel: &'a Cancel,
}

/// The finished graph.
struct Built {
    sizes: Vec<usize>,
    order: Vec<u32>,
    /// Links of every layer, cut to their final width.
    layers: Vec<Vec<u32>>,
    tuned: tune::Tuned,
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
    let params = HnswParams { m, ef_construction: request.hnsw.ef_construction.max(m), ..request.hnsw };
    let job = Job { request, distance, params, progress, cancel };
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
        if !tune::codes_suffice(&space, &self.distance, &vectors, &mut scratches, self.cancel) {
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
        let built = self.construct(&space, &groups, &mut scratches)?;
        self.write(Compared::Codes, &codes, &groups, built)
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
        let built = self.construct(&space, &groups, &mut self.scratches())?;
        self.write(Compared::Bytes, &codes, &groups, built)
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
        let built = self.construct(&space, &groups, &mut self.scratches())?;
        self.write(Compared::Raw, &Codes::default(), &groups, built)
    }

    fn scratches(&self) -> Vec<Scratch> {
        (0..self.request.threads.max(1)).map(|_| Scratch::default()).collect()
    }

    fn construct<S: Space>(&self, space: &S, groups: &Groups, scratches: &mut [Scratch]) -> Result<Built> {
        self.cancel.check()?;
        let rows = self.request.vectors.rows;
        let levels = levels::draw(groups.first.clone(), self.params.m, self.params.seed);
        let mut inserter =
            Inserter { space, levels: &levels, params: self.params, scratches, cancel: self.cancel };
        let mut layers = inserter.run(rows, self.progress)?;
        if let Some(scratch) = inserter.scratches.first_mut() {
            reach::connect(space, &mut layers, &levels, scratch);
        }
        let target = tune::Target { distance: &self.distance, vectors: &self.request.vectors };
        let tuned = tune::tune(space, &target, &layers, &levels, inserter.scratches, self.cancel);
        self.cancel.check()?;
        let layers = layers.into_iter().map(cut).collect();
        let Levels { mut order, sizes } = levels;
        order.truncate(sizes.get(1).copied().unwrap_or(0));
        Ok(Built { sizes, order, layers, tuned })
    }

    fn write(&self, compared: Compared, codes: &Codes, groups: &Groups, built: Built) -> Result<Vec<u8>> {
        let BuildRequest { kind, metric, vectors, .. } = *self.request;
        let head = Head {
            column: Header::of(kind, metric, &vectors),
            compared,
            m: self.params.m,
            ef_construction: self.params.ef_construction,
            same: !groups.next.is_empty(),
            sizes: built.sizes,
            ef: built.tuned.ef,
            recall: built.tuned.recall,
        };
        let too_large = || Error::internal(format!("an index over {} rows is too large", vectors.rows));
        let sections = head.sections().ok_or_else(too_large)?;
        let mut body = Vec::with_capacity(sections.len);
        body.extend(head.bytes());
        put(&mut body, &sections.codes, codes.codes.iter().copied());
        put(&mut body, &sections.numbers, codes.numbers.iter().flatten().copied());
        put(&mut body, &sections.mean, codes.mean.iter().flat_map(|mean| mean.to_le_bytes()));
        let mut layers = built.layers.into_iter();
        let lowest = layers.next().unwrap_or_default();
        put(&mut body, &sections.links, little(&lowest));
        put(&mut body, &sections.order, little(&built.order));
        put(&mut body, &sections.above, layers.flatten().flat_map(u32::to_le_bytes));
        put(&mut body, &sections.same, little(&groups.next));
        Ok(body)
    }
}

/// The links of a layer without the extra room.
fn cut(layer: Layer<'_>) -> Vec<u32> {
    let lists = layer.links.chunks_exact(layer.width);
    lists.flat_map(|list| list.iter().copied().chain(std::iter::repeat(NONE)).take(layer.limit)).collect()
}
