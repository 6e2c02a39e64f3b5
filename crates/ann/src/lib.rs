//! Vector indexes behind one registry.
//!
//! An index answers "which rows are nearest" for one vector column of one segment. It works on row numbers and
//! raw little-endian vectors only; it knows nothing of schemas, files or time. The column itself stays outside and
//! is passed to every call, so an index holds nothing but what makes it fast.
//!
//! Entry points: [`resolve`] (which kind and parameters for a type a user named), [`build`], [`open`],
//! [`Index::search`] and, where there is no index, [`exact_search`].

mod bound;
mod exact;
mod index;
pub mod registry;
mod view;

pub use bound::Bound;
pub use exact::{exact_rows, exact_search};
pub use index::{Index, SearchParams, SearchStats};
pub use registry::{Kind, Resolved, resolve, validate_build_params, validate_search_params};
pub use view::VectorsView;
