//! Estimates and answers.

use super::pick::Picked;
use super::{KNOWN, Ordered, PRESENT};
use crate::index::{Answer, Estimate, Question};
use crate::plan::Test;
use elanus_kernels::Bitmap;

/// Nanoseconds to find a value.
const FIND: u64 = 150;
/// Nanoseconds to set a row's bit.
const SET: u64 = 1;
/// Nanoseconds to compare a value of the index with a pattern or to compute with it.
const LOOK: u64 = 25;

impl Ordered {
    pub(super) fn estimated(&self, question: &Question<'_>) -> Option<Estimate> {
        let words = (self.rows / 64) as u64;
        let Some(test) = question.test else {
            self.spec.path.as_ref()?;
            return Some(Estimate {
                rows: self.sections.count(PRESENT),
                guessed: false,
                open: 0,
                nanos: words,
            });
        };
        let average = self.entries(0..self.distinct).len() / self.distinct.max(1);
        // Long lists and looking through are not worth doing twice.
        match test {
            Test::In(members) if members.distinct() > 16 => {
                let found = members.distinct().min(self.distinct);
                let rows = (found * average).min(self.rows);
                (!self.lists && self.has_places(members)).then_some(())?;
                let nanos = found as u64 * FIND + rows as u64 * SET;
                return Some(Estimate { rows, guessed: false, open: 0, nanos });
            }
            test if Self::looks_through(test) => {
                let is_legal =
                    matches!(test, Test::Arithmetic(_)) && !self.has_nan && self.spec.path.is_none()
                        || matches!(test, Test::Match(_)) && self.class == super::Class::Text;
                let nanos = self.distinct as u64 * LOOK + words;
                return (is_legal && !self.lists).then_some(Estimate {
                    rows: self.rows / 8,
                    guessed: true,
                    open: 0,
                    nanos,
                });
            }
            _ => {}
        }
        let count = |keys: &[u32]| {
            keys.iter().map(|key| self.entries(*key as usize..*key as usize + 1).len()).sum::<usize>()
        };
        Some(match self.pick(test)? {
            Picked::Except(key) => {
                let rows = self.rows - key.map_or(0, |key| self.entries(key..key + 1).len());
                Estimate { rows, guessed: false, open: 0, nanos: FIND + words }
            }
            Picked::Range(keys) => {
                let rows = self.entries(keys).len();
                let single = if self.step == 0 { rows } else { rows.min(self.step) };
                Estimate { rows, guessed: false, open: 0, nanos: 2 * FIND + words + single as u64 * SET }
            }
            Picked::Any(keys) => {
                let rows = count(&keys).min(self.rows);
                Estimate {
                    rows,
                    guessed: false,
                    open: 0,
                    nanos: keys.len() as u64 * FIND + words + rows as u64 * SET,
                }
            }
            Picked::All(None) => Estimate { rows: 0, guessed: false, open: 0, nanos: FIND },
            Picked::All(Some(keys)) => {
                let all = count(&keys);
                let least = keys.iter().map(|key| count(&[*key])).min().unwrap_or(0);
                Estimate {
                    rows: least,
                    guessed: false,
                    open: 0,
                    nanos: keys.len() as u64 * (FIND + words) + all as u64 * SET,
                }
            }
        })
    }

    pub(super) fn answered(&self, question: &Question<'_>) -> Option<Answer> {
        let Some(test) = question.test else {
            let none = Some(Bitmap::zeros(self.rows));
            return Some(Answer { yes: self.map(PRESENT)?, unknown: none, open: None });
        };
        let mut yes = match self.pick(test)? {
            Picked::Except(key) => {
                let mut rows = Bitmap::zeros(self.rows);
                key.into_iter().for_each(|key| self.add_key(key, &mut rows));
                rows.invert();
                rows
            }
            Picked::Range(keys) if keys.len() == 1 => self.union(&[keys.start as u32]),
            Picked::Range(keys) => self.rows_of(keys),
            Picked::Any(keys) => self.union(&keys),
            Picked::All(None) => Bitmap::zeros(self.rows),
            Picked::All(Some(keys)) => {
                let mut rows = Bitmap::ones(self.rows);
                keys.iter().for_each(|key| rows.and(&self.union(&[*key])));
                rows
            }
        };
        let unknown = self.map(KNOWN).map(|mut known| {
            yes.and(&known);
            known.invert();
            known
        });
        Some(Answer { yes, unknown, open: None })
    }

    fn union(&self, keys: &[u32]) -> Bitmap {
        let mut rows = Bitmap::zeros(self.rows);
        keys.iter().for_each(|key| self.add_key(*key as usize, &mut rows));
        rows
    }

    /// A map of rows that only indexes of JSON places have.
    fn map(&self, section: usize) -> Option<Bitmap> {
        self.spec.path.as_ref().map(|_| self.sections.map(section, self.rows))
    }
}
