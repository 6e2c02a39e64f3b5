//! Scalar indexes: structures that answer a condition without looking at every row.
//!
//! An index belongs to the rows of one sealed segment and is immutable. What it answers is what comparing the rows one
//! by one would answer; rows that it cannot decide it leaves open.

mod build;
mod ngram;
mod ordered;
mod rtree;
mod sections;
mod shredded;
mod spec;

pub use build::{build_index, open_index};
pub use sections::Body;
pub use spec::{Cast, IndexKind, IndexSpec};

use crate::plan::{Operand, Test};
use elanus_kernels::Bitmap;

/// The kinds of bodies.
const ORDERED: u64 = 1;
const NGRAM: u64 = 2;
const SHREDDED: u64 = 3;
const RTREE: u64 = 4;

/// What is asked about one operand: a test, or whether there is something at a JSON path.
#[derive(Clone, Copy)]
pub struct Question<'q> {
    pub(crate) operand: &'q Operand,
    /// `None` = `exists`.
    pub(crate) test: Option<&'q Test>,
}

/// What an index expects of a question before it answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Rows that will be true, about.
    pub rows: usize,
    /// The number of rows is a guess that has nothing to do with the values there are.
    pub guessed: bool,
    /// Rows that will be left open, at most about.
    pub open: usize,
    /// Nanoseconds that the answer takes, about; those of rows left open not counted.
    pub nanos: u64,
}

/// The answer of an index for all rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// True rows.
    pub yes: Bitmap,
    /// Rows that are neither true nor false; `None` = those without a value in the field's column.
    pub unknown: Option<Bitmap>,
    /// Rows that must be looked at, whatever the other two say of them; `None` = none.
    pub open: Option<Bitmap>,
}

/// An index over one field of some rows.
pub trait FieldIndex: Send + Sync {
    /// Its name in the protocol, for example `INVERTED`.
    fn name(&self) -> &'static str;

    /// What answering would cost; `None` = it cannot answer this.
    fn estimate(&self, question: &Question<'_>) -> Option<Estimate>;

    /// The answer; `None` where [`FieldIndex::estimate`] is.
    fn evaluate(&self, question: &Question<'_>) -> Option<Answer>;

    /// Number of different values (terms, grams, paths) it holds.
    fn distinct(&self) -> usize;

    /// Bytes it occupies, mapped ones included.
    fn bytes(&self) -> usize;
}
