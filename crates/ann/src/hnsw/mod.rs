//! A layered graph of near neighbours.
//!
//! The lowest layer links every row to near ones in many directions; each layer above does the same for a random part
//! of the one below, and leads a search close to its query in few steps. Floating-point vectors are compared by
//! one-byte codes, and only the rows found are compared with the vectors themselves.
//!
//! Building: [`build`] makes codes ([`codes`]), groups equal rows ([`same`]), draws layers ([`levels`]), inserts
//! ([`insert`], [`select`]), leads to every node ([`reach`]), measures which beam suffices ([`tune`]) and writes the
//! file ([`format`]). Searching: [`search`] walks ([`beam`], or [`explore`] under a filter) and compares what it found
//! exactly ([`refine`]).

mod beam;
mod build;
mod codes;
mod encode;
mod explore;
mod format;
mod graph;
mod insert;
mod levels;
mod open;
mod parallel;
mod pool;
mod raw;
mod reach;
mod refine;
mod same;
mod scratch;
mod search;
mod select;
mod space;
mod tune;

pub(crate) use build::build;
pub(crate) use open::open;
