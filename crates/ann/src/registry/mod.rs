//! Which index types exist, what parameters they take and which kind serves them.

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

pub use estimate::{Estimate, estimate};
pub use fits::{fits_metric, validate_dimension};
pub use metrics::{default_metric, validate_metric};
pub use minhash::{index_metric, slots_of};
pub use parameter::{Parameter, Shape};
pub use resolve::{HnswParams, IvfParams, Resolved, SMALL, resolve};
pub use table::{INDEX_TYPES, IndexType, find, is_exact};
pub use validate::{search_params, validate_build_params, validate_index_type};

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
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [Kind::Flat, Kind::Hnsw, Kind::IvfFlat, Kind::IvfSq8, Kind::MinHashLsh];

    /// Its name, also as an index type.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Flat => "FLAT",
            Kind::Hnsw => "HNSW",
            Kind::IvfFlat => "IVF_FLAT",
            Kind::IvfSq8 => "IVF_SQ8",
            Kind::MinHashLsh => "MINHASH_LSH",
        }
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}
