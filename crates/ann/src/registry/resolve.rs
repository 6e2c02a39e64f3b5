//! From the index type a user named to the kind that is built, and why.

use super::coding::coding;
use super::{Kind, find, read_recall_target, table};
use crate::Coding;
use crate::ivf::lists_for;
use elanus_kernels::{Distance, Element, Metric};
use elanus_types::catalog::Properties;
use elanus_types::{Error, Result};

/// Below this many rows comparing all of them is as fast as any index.
pub const SMALL: usize = 4_000;
/// Below this many rows an index is not built even for those who name one.
const TINY: usize = 1_024;

/// Beam of building of a graph that nobody gave parameters.
const AUTOMATIC_BEAM: usize = 100;
/// Recall beyond which that is too small.
const AUTOMATIC_RECALL: f32 = 0.98;

/// Parameters of a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HnswParams {
    /// Links per node and layer; twice as many on the lowest layer.
    pub m: usize,
    /// Beam of building.
    pub ef_construction: usize,
    /// How vectors are coded for searching; `None` = as the kind does.
    pub coding: Option<Coding>,
    /// Take keys on codes of eight bits for the keys of hits, where these find enough: the vectors stay out of memory.
    pub compact: bool,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for HnswParams {
    fn default() -> Self {
        Self { m: 16, ef_construction: 200, coding: None, compact: false, seed: 0x5eed }
    }
}

/// Parameters of inverted lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IvfParams {
    /// Lists; fewer where rows are few, `None` = four times the square root of the rows.
    pub nlist: Option<usize>,
    /// How vectors are coded; `None` = as the kind does.
    pub coding: Option<Coding>,
    /// Seed of everything random.
    pub seed: u64,
}

impl Default for IvfParams {
    fn default() -> Self {
        Self { nlist: None, coding: None, seed: 0x5eed }
    }
}

/// What will be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// The kind.
    pub kind: Kind,
    /// Parameters of a graph; unused by other kinds.
    pub hnsw: HnswParams,
    /// Parameters of inverted lists; unused by other kinds.
    pub ivf: IvfParams,
    /// Why this kind and these parameters, for people.
    pub reason: String,
}

/// Chooses the kind for an index type (an empty name is AUTOINDEX) over a column of this size.
pub fn resolve(
    index_type: &str,
    params: &Properties,
    rows: usize,
    dim: usize,
    element: Element,
    metric: Metric,
) -> Result<Resolved> {
    if Distance::new(metric, element, dim).is_none() {
        let element = element.name();
        return Err(Error::invalid(format!(
            "metric {metric} cannot compare {element} vectors of {dim} dimensions"
        )));
    }
    let name = if index_type.is_empty() { "AUTOINDEX" } else { index_type };
    let index = find(name).ok_or_else(|| {
        Error::invalid(format!("invalid parameter[expected=valid index][actual=invalid index type: {name}]"))
    })?;
    let (mut hnsw, mut ivf) = (graph_params(params)?, list_params(params)?);
    if let Some(kind) = index.kind {
        hnsw.coding = coding(kind, params, dim)?;
        ivf.coding = hnsw.coding;
    }
    if index.kind.is_none() {
        hnsw.ef_construction = automatic_beam(params)?;
    }
    // Other types ignore it, as they do whatever they do not know.
    let knows = index.kind.is_none() || index.build.iter().any(|one| one.name == table::COMPACT.name);
    hnsw.compact = knows && params.get(table::COMPACT.name).is_some_and(|text| is_true(text));
    let (kind, why) = match index.kind {
        None if metric.slots().is_some() => automatic_bands(rows),
        None => automatic(rows),
        Some(kind) if kind != Kind::Flat && rows < TINY => {
            (Kind::Flat, format!("{rows} rows are fewer than {TINY}: comparing all is exact and as fast"))
        }
        Some(kind) => (kind, index.why.to_owned()),
    };
    let mut resolved = Resolved { kind, hnsw, ivf, reason: String::new() };
    resolved.reason = describe(name, &resolved, rows, metric, &why)?;
    Ok(resolved)
}

/// What serves an index type, with its parameters, and why.
pub(super) fn describe(
    name: &str,
    resolved: &Resolved,
    rows: usize,
    metric: Metric,
    why: &str,
) -> Result<String> {
    let Resolved { kind, hnsw, ivf, .. } = *resolved;
    let what = match kind {
        Kind::Flat => kind.to_string(),
        Kind::MinHashLsh => match metric.slots() {
            Some(slots) => format!("{kind}, {} bands, slots of {} bits", slots.bands(), slots.bits()),
            None => {
                return Err(Error::invalid(format!("MINHASH_LSH does not support metric type: {metric}")));
            }
        },
        kind if kind.is_graph() => {
            let compact = if hnsw.compact { ", compact" } else { "" };
            let over = over(hnsw.coding);
            format!("{kind}{over}, M {}, efConstruction {}{compact}", hnsw.m, hnsw.ef_construction)
        }
        _ => format!("{kind}{}, nlist {}", over(ivf.coding), lists_for(rows, ivf.nlist)),
    };
    Ok(reason(name, kind, why, what))
}

fn over(coding: Option<Coding>) -> String {
    coding.map_or(String::new(), |coding| format!(" over {coding}"))
}

fn is_true(text: &str) -> bool {
    matches!(text.trim().to_ascii_lowercase().as_str(), "true" | "t" | "1")
}

/// Measured: up to recall of .98 a graph built with half the usual beam answers as fast, and is built in two thirds of the
/// time; beyond, better links pay.
fn automatic_beam(params: &Properties) -> Result<usize> {
    let target = params.get(table::RECALL_TARGET.name).map(|text| read_recall_target(text)).transpose()?;
    let demanding = target.is_some_and(|target| target > AUTOMATIC_RECALL);
    Ok(if demanding { HnswParams::default().ef_construction } else { AUTOMATIC_BEAM })
}

fn automatic(rows: usize) -> (Kind, String) {
    match rows < SMALL {
        true => (Kind::Flat, format!("{rows} rows are fewer than {SMALL}: comparing all is exact and fast")),
        false => {
            (Kind::Hnsw, format!("{rows} rows: a graph over compact codes, refined with the full vectors"))
        }
    }
}

fn automatic_bands(rows: usize) -> (Kind, String) {
    match rows < SMALL {
        true => automatic(rows),
        false => {
            (Kind::MinHashLsh, format!("{rows} rows: hash tables of bands find near duplicates at once"))
        }
    }
}

fn reason(name: &str, kind: Kind, why: &str, mut text: String) -> String {
    if name != kind.name() {
        text = format!("{name} is served by {text}");
    }
    if !why.is_empty() {
        text = format!("{text} ({why})");
    }
    text
}

fn graph_params(params: &Properties) -> Result<HnswParams> {
    let mut hnsw = HnswParams::default();
    if let Some(text) = params.get(table::M.name) {
        hnsw.m = table::M.integer(text)? as usize;
    }
    if let Some(text) = params.get(table::EF_CONSTRUCTION.name) {
        hnsw.ef_construction = table::EF_CONSTRUCTION.integer(text)? as usize;
    }
    Ok(hnsw)
}

fn list_params(params: &Properties) -> Result<IvfParams> {
    let nlist = params.get(table::NLIST.name).map(|text| table::NLIST.integer(text)).transpose()?;
    Ok(IvfParams { nlist: nlist.map(|nlist| nlist as usize), ..IvfParams::default() })
}
