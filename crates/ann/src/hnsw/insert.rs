//! Linking all rows.
//!
//! Rows are inserted in batches that grow with the graph. The rows of a batch look for neighbours in the graph as the
//! batches before left it, by all threads at once and without locks; then the links are written, and the links back.
//! So the graph does not depend on the number of threads, nor on which was faster.

use super::beam::{beam, descend};
use super::graph::Layer;
use super::levels::Levels;
use super::scratch::Scratch;
use super::select::{prune, select};
use crate::parallel::collect;
use crate::space::Pairs;
use crate::{HnswParams, SearchStats};
use elanus_runtime::{Cancel, Progress};
use elanus_types::Result;

/// A batch is this part of the graph so far: its rows do not see each other.
const BATCH: usize = 50;

/// New links of a node on a layer.
struct Links {
    level: usize,
    node: u32,
    links: Vec<u32>,
}

/// The graph under construction.
pub(super) struct Inserter<'a, 'l, S> {
    pub space: &'a S,
    pub levels: &'l Levels,
    pub params: HnswParams,
    pub scratches: &'a mut [Scratch],
    pub cancel: &'a Cancel,
}

impl<'l, S: Pairs> Inserter<'_, 'l, S> {
    /// Builds the layers over `rows` rows, the lowest first.
    pub(super) fn run(&mut self, rows: usize, progress: &Progress) -> Result<Vec<Layer<'l>>> {
        let m = self.params.m;
        let above =
            self.levels.sizes.iter().skip(1).map(|size| Layer::new(*size, m, Some(&self.levels.order)));
        let mut layers: Vec<Layer<'l>> =
            std::iter::once(Layer::new(rows, 2 * m, None)).chain(above).collect();
        let nodes = self.levels.order.len();
        let mut done = nodes.min(1);
        while done < nodes {
            let batch = (done / BATCH).clamp(1, nodes - done);
            self.insert(&mut layers, done, batch)?;
            done += batch;
            progress.add(batch as u64);
        }
        self.cut_back(&mut layers)?;
        Ok(layers)
    }

    fn insert(&mut self, layers: &mut [Layer<'l>], first: usize, batch: usize) -> Result<()> {
        let (space, levels, params) = (self.space, self.levels, self.params);
        let frozen = &*layers;
        let forward = collect(self.scratches, batch, self.cancel, |item, scratch, out| {
            find(space, frozen, levels, params, first + item, scratch, out);
        });
        self.cancel.check()?;
        let mut back: Vec<(usize, u32, u32)> = Vec::new();
        for Links { level, node, links } in forward {
            back.extend(links.iter().map(|link| (level, *link, node)));
            if let Some(layer) = layers.get_mut(level) {
                layer.set(node, &links);
            }
        }
        back.sort_unstable();
        let frozen = &*layers;
        let targets: Vec<&[(usize, u32, u32)]> = back.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).collect();
        let backward = collect(self.scratches, targets.len(), self.cancel, |item, scratch, out| {
            out.extend(targets.get(item).and_then(|links| link_back(space, frozen, links, scratch)));
        });
        self.cancel.check()?;
        write(layers, backward);
        Ok(())
    }

    /// Brings every list to the length that is kept.
    fn cut_back(&mut self, layers: &mut [Layer<'l>]) -> Result<()> {
        let space = self.space;
        for level in 0..layers.len() {
            let frozen = &*layers;
            let nodes = frozen[level].links.len() / frozen[level].width;
            let shorter = collect(self.scratches, nodes, self.cancel, |node, scratch, out| {
                let (layer, node) = (&frozen[level], node as u32);
                if layer.list(node).len() > layer.limit {
                    let mut links = Vec::new();
                    prune(space, layer, node, layer.list(node), scratch, &mut links);
                    out.push(Links { level, node, links });
                }
            });
            self.cancel.check()?;
            write(layers, shorter);
        }
        Ok(())
    }
}

fn write(layers: &mut [Layer<'_>], lists: Vec<Links>) {
    for Links { level, node, links } in lists {
        if let Some(layer) = layers.get_mut(level) {
            layer.set(node, &links);
        }
    }
}

/// Finds the neighbours of a new node on all its layers.
fn find<S: Pairs>(
    space: &S,
    layers: &[Layer<'_>],
    levels: &Levels,
    params: HnswParams,
    rank: usize,
    scratch: &mut Scratch,
    out: &mut Vec<Links>,
) {
    let row = levels.order[rank];
    let probe = space.row(row);
    let mut stats = SearchStats::default();
    let mut here = 0;
    for (level, layer) in layers.iter().enumerate().skip(1).rev() {
        if level > levels.top_of(rank) {
            here = descend(space, layer, probe, here, scratch, &mut stats);
            continue;
        }
        let links = neighbours(space, layer, probe, here, params, scratch);
        here = links.first().copied().unwrap_or(here);
        out.push(Links { level, node: rank as u32, links });
    }
    if let (Some(lowest), Some(start)) = (layers.first(), levels.order.get(here as usize)) {
        let links = neighbours(space, lowest, probe, *start, params, scratch);
        out.push(Links { level: 0, node: row, links });
    }
}

fn neighbours<S: Pairs>(
    space: &S,
    layer: &Layer<'_>,
    probe: S::Probe<'_>,
    start: u32,
    params: HnswParams,
    scratch: &mut Scratch,
) -> Vec<u32> {
    beam(space, layer, probe, &[start], params.ef_construction, scratch, &mut SearchStats::default());
    let mut links = Vec::new();
    let Scratch { pool, keys, .. } = scratch;
    let candidates = pool.nodes().iter().map(|packed| (packed.key(), packed.node()));
    select(space, layer, candidates, params.m, keys, &mut links);
    links
}

/// The links of a node after others linked to it; `None` when nothing changes.
fn link_back<S: Pairs>(
    space: &S,
    layers: &[Layer<'_>],
    new: &[(usize, u32, u32)],
    scratch: &mut Scratch,
) -> Option<Links> {
    let (level, node, _) = *new.first()?;
    let layer = layers.get(level)?;
    let mut links = layer.list(node).to_vec();
    links.extend(new.iter().map(|(_, _, source)| *source));
    if links.len() > layer.width {
        let all = std::mem::take(&mut links);
        prune(space, layer, node, &all, scratch, &mut links);
    }
    Some(Links { level, node, links })
}
