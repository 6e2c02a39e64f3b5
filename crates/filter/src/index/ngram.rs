//! Pieces of texts (n-grams of characters) and the rows that have them: for patterns with text in the middle.
//!
//! A row that matches a pattern holds every n-gram of the pattern's literal parts. Intersecting their rows leaves few
//! candidates, which the caller compares with the pattern itself.

mod build;
mod list;

pub(super) use build::build;

use super::sections::{Body, Sections};
use super::spec::IndexSpec;
use super::{Answer, Estimate, FieldIndex, Question};
use crate::pattern::Pattern;
use crate::plan::{Access, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, Result};

const SPEC: usize = 0;
const GRAMS: usize = 1;
const GRAM_ENDS: usize = 2;
const COUNTS: usize = 3;
const LIST_ENDS: usize = 4;
const LISTS: usize = 5;
const KNOWN: usize = 6;

/// Intersecting more lists than this takes longer than it saves.
const MOST_LISTS: usize = 6;
/// Nanoseconds to read one row of a list.
const READ: u64 = 2;

/// An open index.
pub(super) struct Grams {
    spec: IndexSpec,
    sections: Sections,
    rows: usize,
    distinct: usize,
}

impl Grams {
    /// Opens what [`build`] made.
    pub(super) fn open(body: Body, rows: usize) -> Result<Self> {
        let sections = Sections::open(body)?;
        let spec = IndexSpec::read(sections.values(SPEC))?;
        sections.expect_rows(1, rows)?;
        let distinct = sections.number(2);
        sections.expect::<i32>(GRAM_ENDS, distinct + 1)?;
        sections.expect::<u32>(COUNTS, distinct)?;
        sections.expect::<u64>(LIST_ENDS, distinct + 1)?;
        Ok(Self { spec, sections, rows, distinct })
    }

    fn pattern<'q>(&self, question: &Question<'q>) -> Option<&'q Pattern> {
        let fits = match (&question.operand.access, &self.spec.path) {
            (Access::Scalar(_), None) => true,
            (Access::Json(steps), Some(path)) => steps == path,
            _ => false,
        };
        match question.test? {
            Test::Match(pattern) if fits => Some(pattern),
            _ => None,
        }
    }

    /// The n-grams that every matching text has, rarest first, as numbers; `Some(None)` = one is in no text, `None` = the
    /// pattern's literal parts are all too short.
    fn needed(&self, pattern: &Pattern) -> Option<Option<Vec<usize>>> {
        let mut numbers = Vec::new();
        let mut any = false;
        for literal in pattern.literals() {
            let Ok(literal) = std::str::from_utf8(literal) else { continue };
            for gram in build::grams_of(literal, self.spec.grams) {
                any = true;
                match self.number(gram.as_bytes()) {
                    Some(number) => numbers.push(number),
                    None => return Some(None),
                }
            }
        }
        let counts: &[u32] = self.sections.values(COUNTS);
        numbers.sort_unstable_by_key(|number| (counts.get(*number), *number));
        numbers.dedup();
        numbers.truncate(MOST_LISTS);
        any.then_some(Some(numbers))
    }

    fn number(&self, gram: &[u8]) -> Option<usize> {
        let grams =
            ColumnRef::Bytes { offsets: self.sections.values(GRAM_ENDS), data: self.sections.values(GRAMS) };
        let (mut from, mut to) = (0, self.distinct);
        while from < to {
            let middle = from + (to - from) / 2;
            match grams.bytes(middle)?.cmp(gram) {
                std::cmp::Ordering::Less => from = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => to = middle,
            }
        }
        None
    }

    fn rows_with(&self, number: usize) -> Bitmap {
        let ends: &[u64] = self.sections.values(LIST_ENDS);
        let lists: &[u8] = self.sections.values(LISTS);
        let range = ends.get(number).zip(ends.get(number + 1));
        let bytes = range.and_then(|(start, end)| lists.get(*start as usize..*end as usize)).unwrap_or(&[]);
        let mut rows = Bitmap::zeros(self.rows);
        list::read(bytes).filter(|row| (*row as usize) < self.rows).for_each(|row| rows.set(row as usize));
        rows
    }
}

impl FieldIndex for Grams {
    fn name(&self) -> &'static str {
        self.spec.kind.name()
    }

    fn estimate(&self, question: &Question<'_>) -> Option<Estimate> {
        let numbers = self.needed(self.pattern(question)?)?;
        let counts: &[u32] = self.sections.values(COUNTS);
        let counts: Vec<usize> = numbers
            .iter()
            .flatten()
            .map(|number| counts.get(*number).map_or(0, |count| *count as usize))
            .collect();
        let least = if numbers.is_none() { 0 } else { counts.iter().copied().min().unwrap_or(0) };
        let nanos = counts.iter().sum::<usize>() as u64 * READ + (self.rows / 64) as u64;
        Some(Estimate { rows: least / 2, guessed: false, open: least, nanos })
    }

    fn evaluate(&self, question: &Question<'_>) -> Option<Answer> {
        let numbers = self.needed(self.pattern(question)?)?;
        let mut open = match &numbers {
            None => Bitmap::zeros(self.rows),
            Some(_) => Bitmap::ones(self.rows),
        };
        for number in numbers.into_iter().flatten() {
            open.and(&self.rows_with(number));
        }
        let unknown = self.spec.path.as_ref().map(|_| {
            let mut known = self.sections.map(KNOWN, self.rows);
            known.invert();
            known
        });
        Some(Answer { yes: Bitmap::zeros(self.rows), unknown, open: Some(open) })
    }

    fn distinct(&self) -> usize {
        self.distinct
    }

    fn bytes(&self) -> usize {
        self.sections.bytes()
    }
}
