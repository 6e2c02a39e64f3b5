//! Which values of the index pass a test.

use super::{Class, Ordered};
use crate::ast::Comparison;
use crate::json::EXACT_DOUBLE;
use crate::pattern::Pattern;
use crate::plan::{Limit, Members, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, Value};
use std::ops::Range;

/// Values by their numbers in the index.
pub(super) enum Picked {
    /// All but these, where the test is `!=`.
    Except(Option<usize>),
    Range(Range<usize>),
    /// Any of them.
    Any(Vec<u32>),
    /// Rows that have all of them; `None` = one is nowhere.
    All(Option<Vec<u32>>),
}

impl Ordered {
    /// The values that pass; `None` when the index cannot tell.
    pub(super) fn pick(&self, test: &Test) -> Option<Picked> {
        match test {
            Test::Contains { all, members } if self.lists => self.contained(*all, members),
            _ if self.lists => None,
            Test::Compare(comparison, value) => self.compared(*comparison, value),
            Test::Between(low, high) => self.between(low, high),
            Test::In(members) => Some(Picked::Any(self.members(members)?.into_iter().flatten().collect())),
            Test::Match(pattern) if self.class == Class::Text => Some(self.matched(pattern)),
            // NaN has no place in the order, but computing with it can come true.
            Test::Arithmetic(_) if self.spec.path.is_none() && !self.has_nan => {
                Some(Picked::Any(self.looked_through(test)))
            }
            _ => None,
        }
    }

    /// Whether a test looks at every value of the index.
    pub(super) fn looks_through(test: &Test) -> bool {
        match test {
            Test::Arithmetic(_) => true,
            Test::Match(pattern) => !matches!(pattern, Pattern::Equal(_) | Pattern::Prefix(_)),
            _ => false,
        }
    }

    fn compared(&self, comparison: Comparison, value: &Value) -> Option<Picked> {
        let (below, above) = self.place(value)?;
        Some(match comparison {
            Comparison::Eq => Picked::Range(below..above),
            Comparison::Ne => Picked::Except((below < above).then_some(below)),
            Comparison::Lt => Picked::Range(0..below),
            Comparison::Le => Picked::Range(0..above),
            Comparison::Gt => Picked::Range(above..self.distinct),
            Comparison::Ge => Picked::Range(below..self.distinct),
        })
    }

    fn between(&self, low: &Limit, high: &Limit) -> Option<Picked> {
        let (at_low, after_low) = self.place(&low.value)?;
        let (at_high, after_high) = self.place(&high.value)?;
        let start = if low.inclusive { at_low } else { after_low };
        let end = if high.inclusive { after_high } else { at_high };
        Some(Picked::Range(start..end.max(start)))
    }

    /// The number of every member's value, `None` where no row has it; `None` in all where one is of another class.
    fn members(&self, members: &Members) -> Option<Vec<Option<u32>>> {
        // Of an empty list every value is known to be no member, whatever its class.
        if members.is_empty() {
            return None;
        }
        let places = members.values().iter().map(|value| {
            let (below, above) = self.place(value)?;
            Some((below < above).then_some(below as u32))
        });
        let mut places: Vec<Option<u32>> = places.collect::<Option<_>>()?;
        places.sort_unstable();
        places.dedup();
        Some(places)
    }

    /// Whether every member has a place; few steps for each.
    pub(super) fn has_places(&self, members: &Members) -> bool {
        !members.is_empty() && members.values().iter().all(|value| self.fits(value))
    }

    fn fits(&self, value: &Value) -> bool {
        match (self.class, value) {
            // What documents hold as whole values are booleans.
            (Class::Whole, Value::Int(_)) => self.spec.path.is_none(),
            (Class::Double, Value::Int(value)) => value.unsigned_abs() < EXACT_DOUBLE,
            (Class::Single | Class::Double, Value::Float(value)) => !value.is_nan(),
            (Class::Whole, Value::Bool(_)) | (Class::Text, Value::Str(_)) => true,
            _ => false,
        }
    }

    fn contained(&self, all: bool, members: &Members) -> Option<Picked> {
        let places = self.members(members)?;
        Some(match all {
            true => Picked::All(places.into_iter().collect()),
            false => Picked::Any(places.into_iter().flatten().collect()),
        })
    }

    fn matched(&self, pattern: &Pattern) -> Picked {
        match pattern {
            Pattern::Equal(text) => {
                let keys = self.keys();
                let below = self.texts_below(|key| key < &**text);
                let is_there = keys.bytes(below).is_some_and(|key| *key == **text);
                Picked::Range(below..below + usize::from(is_there))
            }
            Pattern::Prefix(prefix) => {
                let below = self.texts_below(|key| key < &**prefix);
                let end = self.texts_below(|key| key < &**prefix || key.starts_with(prefix));
                Picked::Range(below..end)
            }
            other => Picked::Any(self.looked_through(&Test::Match(other.clone()))),
        }
    }

    fn looked_through(&self, test: &Test) -> Vec<u32> {
        let view = elanus_types::ColumnView { data: self.keys(), valid: None };
        let passing: Bitmap = crate::eval::scalar_test(&view, test);
        passing.iter().map(|key| key as u32).collect()
    }

    /// How many values are below `value`, and how many are not above it; `None` when it is of another class, or one that
    /// the index cannot tell from its neighbours.
    fn place(&self, value: &Value) -> Option<(usize, usize)> {
        if !self.fits(value) {
            return None;
        }
        match (self.keys(), value) {
            (ColumnRef::Int64(keys), Value::Int(value)) => Some(bounds(keys, |key| key.cmp(value))),
            (ColumnRef::Int64(keys), Value::Bool(value)) => {
                Some(bounds(keys, |key| key.cmp(&i64::from(*value))))
            }
            (ColumnRef::Float(keys), Value::Float(value)) => {
                let value = *value as f32 + 0.0;
                Some(bounds(keys, |key| key.total_cmp(&value)))
            }
            (ColumnRef::Double(keys), Value::Float(value)) => {
                Some(bounds(keys, |key| key.total_cmp(&(value + 0.0))))
            }
            (ColumnRef::Double(keys), Value::Int(value)) => {
                Some(bounds(keys, |key| key.total_cmp(&(*value as f64 + 0.0))))
            }
            (ColumnRef::Bytes { .. }, Value::Str(value)) => {
                let value = value.as_bytes();
                Some((self.texts_below(|key| key < value), self.texts_below(|key| key <= value)))
            }
            _ => None,
        }
    }

    /// How many texts lead the order for which `lower` is true.
    fn texts_below(&self, lower: impl Fn(&[u8]) -> bool) -> usize {
        let keys = self.keys();
        let (mut from, mut to) = (0, self.distinct);
        while from < to {
            let middle = from + (to - from) / 2;
            match keys.bytes(middle).is_some_and(&lower) {
                true => from = middle + 1,
                false => to = middle,
            }
        }
        from
    }
}

fn bounds<T>(keys: &[T], order: impl Fn(&T) -> std::cmp::Ordering) -> (usize, usize) {
    let below = keys.partition_point(|key| order(key).is_lt());
    let above = below + usize::from(keys.get(below).is_some_and(|key| order(key).is_eq()));
    (below, above)
}
