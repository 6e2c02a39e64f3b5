//! Frequent places of JSON documents as columns of one type each, so that asking for one costs about what a column
//! costs.
//!
//! Rows whose value at a place is of another type, and containers, are left open: they are looked up in their documents.

mod answer;
mod build;
mod choose;

pub(super) use build::build;

use super::sections::{Body, Sections, damaged};
use super::spec::IndexSpec;
use super::{Answer, Estimate, FieldIndex, Question};
use crate::ast::Step;
use crate::plan::Access;
use elanus_kernels::Bitmap;
use elanus_types::Result;
use serde::{Deserialize, Serialize};

/// What the values of a place mostly are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
enum Class {
    Bool,
    /// Numbers without point or exponent.
    Whole,
    /// Other numbers.
    Double,
    /// Both kinds of numbers, whole ones small enough to be doubles.
    Number,
    Text,
}

/// One place and its column.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Place {
    /// Keys from the document's root.
    keys: Vec<String>,
    class: Class,
    /// Arrays of such values.
    list: bool,
    /// The first of its sections: values, ends of texts, ends of lists, rows with a value, rows left open.
    first: usize,
}

/// Sections per place.
const SECTIONS: usize = 5;

#[derive(Serialize, Deserialize)]
struct Directory {
    spec: IndexSpec,
    places: Vec<Place>,
}

/// Open columns.
pub(super) struct Shredded {
    directory: Directory,
    sections: Sections,
    rows: usize,
}

impl Shredded {
    /// Opens what [`build`] made.
    pub(super) fn open(body: Body, rows: usize) -> Result<Self> {
        let sections = Sections::open(body)?;
        let directory: Directory =
            serde_json::from_slice(sections.values(0)).map_err(|_| damaged("its directory"))?;
        sections.expect_rows(1, rows)?;
        let words = rows.div_ceil(64);
        for place in &directory.places {
            match (place.list, place.class) {
                (true, _) => sections.expect::<i32>(place.first + 2, rows + 1)?,
                (false, Class::Text) => sections.expect::<i32>(place.first + 1, rows + 1)?,
                (false, Class::Bool) => sections.expect::<u8>(place.first, rows)?,
                (false, _) => sections.expect::<i64>(place.first, rows)?,
            }
            sections.expect::<u64>(place.first + 3, words)?;
            sections.expect::<u64>(place.first + 4, words)?;
        }
        Ok(Self { directory, sections, rows })
    }

    /// The place asked about, and whether its length is.
    fn place(&self, question: &Question<'_>) -> Option<(&Place, bool)> {
        let (steps, length) = match &question.operand.access {
            Access::Json(steps) => (steps, false),
            Access::JsonLength(steps) => (steps, true),
            _ => return None,
        };
        let is_it = |place: &&Place| {
            place.keys.len() == steps.len()
                && place
                    .keys
                    .iter()
                    .zip(steps)
                    .all(|(key, step)| matches!(step, Step::Key(other) if other == key))
        };
        self.directory.places.iter().find(is_it).map(|place| (place, length))
    }

    fn map(&self, place: &Place, section: usize) -> Bitmap {
        self.sections.map(place.first + section, self.rows)
    }
}

impl FieldIndex for Shredded {
    fn name(&self) -> &'static str {
        self.directory.spec.kind.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        let (place, length) = self.place(question)?;
        let open = self.sections.count(place.first + 4);
        let per_row = match (place.class, place.list || length) {
            (Class::Text, false) => 4,
            (_, true) => 6,
            _ => 1,
        };
        answer::can(place, length, question.test).then_some(Estimate {
            rows: self.rows / 4,
            guessed: true,
            open,
            nanos: (self.rows * per_row) as u64,
        })
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        let (place, length) = self.place(question)?;
        answer::can(place, length, question.test).then(|| self.answered(place, length, question.test))
    }

    fn distinct(&self) -> usize {
        self.directory.places.len()
    }

    fn bytes(&self) -> usize {
        self.sections.bytes()
    }
}
