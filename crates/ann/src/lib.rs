//! Vector indexes behind one registry.
//!
//! An index answers "which rows are nearest" for one vector column of one segment. It works on row numbers and
//! raw little-endian vectors only; it knows nothing of schemas, files or time. The column itself stays outside and
//! is passed to every call, so an index holds nothing but what makes it fast.
//!
//! Entry points: [`resolve`] (which kind and parameters for a type a user named), [`build`], [`open`],
//! [`Index::search`] and, where there is no index, [`exact_search`] and [`exact_search_batch`].

mod asked;
mod bound;
mod build;
mod effort;
mod exact;
mod flat;
mod header;
mod hnsw;
mod index;
mod ivf;
mod layout;
mod learn;
mod minhash;
mod onward;
mod open;
mod packed;
mod parallel;
mod quant;
mod refine;
pub mod registry;
mod same;
mod space;
mod view;

pub use bound::Bound;
pub use build::{BuildRequest, build};
pub use effort::{Curves, RECALL_TARGET};
pub use exact::{
    BatchRoom, ExactBatch, ListBatch, ListRoom, exact_hits, exact_rows, exact_search, exact_search_batch,
};
pub use index::{Index, SearchParams, SearchStats};
pub use learn::learn;
pub use open::{Body, open};
pub use quant::Coding;
pub use registry::{
    HnswParams, IvfParams, Kind, Means, Resolved, choose, index_metric, is_exact, read_recall_target,
    resolve, search_params, validate_build_params,
};
pub use view::VectorsView;
