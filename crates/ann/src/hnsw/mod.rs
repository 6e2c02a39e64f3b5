//! A layered graph of near neighbours.
//!
//! The lowest layer links every row to near ones in many directions; each layer above does the same for a random part
//! of the one below, and leads a search close to its query in few steps. A graph over floating-point
//! vectors is built on one-byte codes and searched through those or others ([`crate::quant`]); only the rows found are
//! compared with the vectors themselves.
//!
//! Building: [`build`] makes codes ([`crate::space`]), groups equal rows ([`crate::same`]), draws layers ([`levels`]), inserts
//! ([`insert`], [`select`]), leads to every node ([`reach`]), measures which beams find how much ([`tune`]) and writes the
//! file ([`format`]). Searching: [`search`] walks ([`beam`]) and compares what it found exactly ([`crate::refine`]); under a
//! filter [`filtered`] chooses, by what each costs ([`costs`]), between that, a walk over the allowed rows ([`explore`]) and
//! comparing all their codes ([`sift`]).

mod beam;
mod build;
mod coded;
mod costs;
mod explore;
mod filtered;
mod format;
mod graph;
mod insert;
mod judge;
mod levels;
mod onward;
mod open;
mod pool;
mod reach;
mod scratch;
mod search;
mod select;
mod sift;
mod together;
mod tune;

pub(crate) use build::{COMPACT, build};
pub(crate) use open::open;
