//! The vector indexes as a Python module, to measure them beside other libraries in one process.
//!
//! Vectors and rows pass as bytes, so that the module needs no numpy and its cost per search is that of one short copy.
//! Python's lock is released while an index is built and searched. The engine, its files and its server are not here.

mod batch;
mod index;

use pyo3::prelude::*;

/// Vector indexes of Elanus.
#[pymodule]
mod elanus {
    #[pymodule_export]
    use crate::index::Index;
}
