//! Which index types exist, what parameters they take and which kind serves them.

mod choose;
mod coding;
mod difficulty;
mod estimate;
mod fits;
mod metrics;
mod minhash;
mod noted;
mod parameter;
mod resolve;
mod table;
#[cfg(test)]
mod tests;
mod validate;

use crate::Coding;

pub use choose::{Means, choose};
pub use estimate::{Estimate, estimate};
pub use fits::{fits_metric, validate_dimension};
pub use metrics::{default_metric, validate_metric};
pub use minhash::{index_metric, slots_of};
pub use parameter::{Parameter, Shape};
pub use resolve::{HnswParams, IvfParams, Resolved, SMALL, resolve};
pub use table::{INDEX_TYPES, IndexType, find, is_exact};
pub use validate::{read_recall_target, search_params, validate_build_params, validate_index_type};

/// The index kinds that Elanus builds; every other name is served by one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// No structure: every row is compared.
    Flat,
    /// A layered graph of near neighbours over compact codes.
    Hnsw,
    /// Rows in lists around centres, compared exactly.
    IvfFlat,
    /// The same with one-byte codes, list by list.
    IvfSq8,
    /// Hash tables of bands of MinHash slots.
    MinHashLsh,
    /// A graph searched through codes of a few bits, or half-precision copies.
    HnswSq,
    /// A graph searched through product codes.
    HnswPq,
    /// A graph searched through residual product codes.
    HnswPrq,
    /// Lists of product codes.
    IvfPq,
    /// Lists of codes of one or a few bits, after a random rotation.
    IvfRabitq,
    /// Lists of four-bit product codes of two components each.
    Scann,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 11] = [
        Kind::Flat,
        Kind::Hnsw,
        Kind::IvfFlat,
        Kind::IvfSq8,
        Kind::MinHashLsh,
        Kind::HnswSq,
        Kind::HnswPq,
        Kind::HnswPrq,
        Kind::IvfPq,
        Kind::IvfRabitq,
        Kind::Scann,
    ];

    /// Its name, also as an index type.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Flat => "FLAT",
            Kind::Hnsw => "HNSW",
            Kind::IvfFlat => "IVF_FLAT",
            Kind::IvfSq8 => "IVF_SQ8",
            Kind::MinHashLsh => "MINHASH_LSH",
            Kind::HnswSq => "HNSW_SQ",
            Kind::HnswPq => "HNSW_PQ",
            Kind::HnswPrq => "HNSW_PRQ",
            Kind::IvfPq => "IVF_PQ",
            Kind::IvfRabitq => "IVF_RABITQ",
            Kind::Scann => "SCANN",
        }
    }

    /// Whether it is a graph.
    pub const fn is_graph(self) -> bool {
        matches!(self, Kind::Hnsw | Kind::HnswSq | Kind::HnswPq | Kind::HnswPrq)
    }

    /// Whether it is made of lists.
    pub const fn is_lists(self) -> bool {
        !self.is_graph() && !matches!(self, Kind::Flat | Kind::MinHashLsh)
    }

    /// How its vectors of `dim` components are coded when nobody says otherwise; `None` where they are not.
    pub fn coding(self, dim: usize) -> Option<Coding> {
        let coding = match self {
            Kind::Flat | Kind::IvfFlat | Kind::MinHashLsh => return None,
            Kind::Hnsw | Kind::IvfSq8 | Kind::HnswSq => Coding::Bytes,
            Kind::HnswPq => Coding::Product { pieces: 32, stages: 1, bits: 8 },
            Kind::HnswPrq => Coding::Product { pieces: 2, stages: 2, bits: 8 },
            Kind::IvfPq => Coding::Product { pieces: dim.div_ceil(8), stages: 1, bits: 8 },
            Kind::IvfRabitq => Coding::Grid { bits: 1, mixed: true },
            Kind::Scann => Coding::Product { pieces: dim.div_ceil(2), stages: 1, bits: 4 },
        };
        Some(coding.fit(dim))
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
