//! MINHASH_LSH: rows of which a band of MinHash slots equals the query's.
//!
//! Rows whose signatures are equal in a share `s` of their slots have a band of `r` slots in common with the
//! probability `sʳ`, and one of `b` bands with `1 − (1 − sʳ)ᵇ`: near duplicates surely, others hardly ever (Indyk and
//! Motwani, «Approximate nearest neighbors», STOC 1998; Leskovec, Rajaraman and Ullman, «Mining of massive datasets»,
//! chapter 3). The index holds a hash table of rows for every band. Rows that share no band are never found, however
//! many hits are asked for.
//!
//! Building and searching: [`build`], [`search`]; the file: [`format`].

mod build;
mod format;
mod hash;
mod open;
mod search;

pub(crate) use build::build;
pub(crate) use format::size;
pub(crate) use open::open;
