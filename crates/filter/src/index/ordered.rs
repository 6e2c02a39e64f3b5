//! Values in ascending order, each with the rows that have it: serves INVERTED, BITMAP, STL_SORT, TRIE and AUTOINDEX.
//!
//! Rows lie in the order of their values, so a range of values is a run of rows. Of every sixteenth of that order
//! there is a bitmap of all rows up to there: a range of any width is the difference of two of them and a few single
//! rows. Values that many rows have carry a bitmap of their own.

mod answer;
mod lay;
mod pick;
mod postings;

pub(super) use lay::{Facts, Key, lay};

use super::sections::{Body, Sections, damaged};
use super::spec::IndexSpec;
use super::{Answer, Estimate, FieldIndex, Question};
use crate::plan::Access;
use elanus_types::{ColumnRef, Result};

/// How values are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Booleans (0 and 1) and integers, as `i64`.
    Whole = 0,
    /// FLOAT.
    Single = 1,
    /// DOUBLE.
    Double = 2,
    /// Texts.
    Text = 3,
}

/// Sections of the body.
const SPEC: usize = 0;
const KEYS: usize = 1;
const TEXT_ENDS: usize = 2;
const STARTS: usize = 3;
const ROWS: usize = 4;
const CHECKPOINTS: usize = 5;
const FREQUENT: usize = 6;
const FREQUENT_MAPS: usize = 7;
const KNOWN: usize = 8;
const PRESENT: usize = 9;

/// An open index.
pub(super) struct Ordered {
    spec: IndexSpec,
    sections: Sections,
    class: Class,
    /// Rows of the segment.
    rows: usize,
    /// Number of different values.
    distinct: usize,
    /// Entries between two checkpoints; 0 = there are none.
    step: usize,
    /// A row can have several values (lists), or none that is comparable.
    lists: bool,
    /// Some values are NaN and stand nowhere.
    has_nan: bool,
}

impl Ordered {
    /// Opens what [`lay`] made; contradictions in its sizes are an error, damage inside answers wrong rows but never panics.
    pub(super) fn open(body: Body, rows: usize) -> Result<Self> {
        let sections = Sections::open(body)?;
        let class = match sections.number(1) {
            0 => Class::Whole,
            1 => Class::Single,
            2 => Class::Double,
            3 => Class::Text,
            _ => return Err(damaged("its class")),
        };
        let spec = IndexSpec::read(sections.values(SPEC))?;
        let index = Self {
            spec,
            class,
            rows: sections.number(2),
            distinct: sections.number(3),
            step: sections.number(4),
            lists: sections.number(5) == 1,
            has_nan: sections.number(6) == 1,
            sections,
        };
        index.check(rows)?;
        Ok(index)
    }

    fn check(&self, rows: usize) -> Result<()> {
        self.sections.expect_rows(2, rows)?;
        match self.class {
            Class::Whole => self.sections.expect::<i64>(KEYS, self.distinct)?,
            Class::Single => self.sections.expect::<f32>(KEYS, self.distinct)?,
            Class::Double => self.sections.expect::<f64>(KEYS, self.distinct)?,
            Class::Text => self.sections.expect::<i32>(TEXT_ENDS, self.distinct + 1)?,
        }
        self.sections.expect::<u32>(STARTS, self.distinct + 1)?;
        let entries = self.sections.values::<u32>(ROWS).len();
        let words = self.rows.div_ceil(64);
        let checkpoints = entries.checked_div(self.step).unwrap_or(0);
        self.sections.expect::<u64>(CHECKPOINTS, checkpoints * words)?;
        let frequent = self.sections.values::<u32>(FREQUENT).len();
        self.sections.expect::<u64>(FREQUENT_MAPS, frequent * words)
    }

    /// The different values as a column, ascending.
    fn keys(&self) -> ColumnRef<'_> {
        match self.class {
            Class::Whole => ColumnRef::Int64(self.sections.values(KEYS)),
            Class::Single => ColumnRef::Float(self.sections.values(KEYS)),
            Class::Double => ColumnRef::Double(self.sections.values(KEYS)),
            Class::Text => ColumnRef::Bytes {
                offsets: self.sections.values(TEXT_ENDS),
                data: self.sections.values(KEYS),
            },
        }
    }

    /// Whether the index is about what the question is about.
    fn serves(&self, question: &Question<'_>) -> bool {
        match (&question.operand.access, &self.spec.path) {
            (Access::Scalar(_) | Access::Array(_), None) => true,
            (Access::Json(steps), Some(path)) => steps == path,
            _ => false,
        }
    }
}

impl FieldIndex for Ordered {
    fn name(&self) -> &'static str {
        self.spec.kind.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        self.serves(question).then(|| self.estimated(question))?
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        self.serves(question).then(|| self.answered(question))?
    }

    fn distinct(&self) -> usize {
        self.distinct
    }

    fn bytes(&self) -> usize {
        self.sections.bytes()
    }
}
