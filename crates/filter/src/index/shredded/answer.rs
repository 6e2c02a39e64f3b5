//! Tests over the column of a place. What they answer is what comparing the JSON values one by one answers.

use super::{Class, Place, Shredded};
use crate::ast::Comparison;
use crate::eval::{mask, texts_that};
use crate::index::Answer;
use crate::plan::{Arithmetic, Limit, Members, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, Value};
use std::ops::Range;

/// Whether the column of a place can answer; `None` = `exists`.
pub(super) fn can(place: &Place, length: bool, test: Option<&Test>) -> bool {
    match (test, place.list || length) {
        (None, _) => !length,
        // Lists are compared with lists in their documents; scalars have no length, whatever is asked of it.
        (Some(Test::Contains { .. }), _) => !length,
        (Some(_), true) => length,
        // Which of the mixed numbers were whole is not known, and operators on integers take doubles that are whole.
        (Some(Test::Arithmetic(arithmetic)), false) => match place.class {
            Class::Number => false,
            Class::Double => !arithmetic.operator.needs_integers(),
            _ => true,
        },
        // With bounds of two types some rows are known to lie outside one of them.
        (Some(Test::Between(low, high)), false) => is_text(&low.value) == is_text(&high.value),
        (Some(_), false) => true,
    }
}

fn is_text(value: &Value) -> bool {
    matches!(value, Value::Str(_))
}

/// True rows, where the test can be asked at all.
type Passing = Option<Bitmap>;

impl Shredded {
    pub(super) fn answered(&self, place: &Place, length: bool, test: Option<&Test>) -> Answer {
        let valid = self.map(place, 3);
        let open = Some(self.map(place, 4)).filter(|open| open.count() > 0);
        let Some(test) = test else {
            let mut yes = valid;
            if place.list {
                yes.and(&self.lists(place, |range| !range.is_empty()));
            }
            return Answer { yes, unknown: Some(Bitmap::zeros(self.rows)), open };
        };
        let passing = match (place.list, length, test) {
            (true, true, test) => self.lengths(place, test),
            (true, false, Test::Contains { all, members }) => Some(self.contains(place, *all, members)),
            (false, false, test) => self.scalars(place, test),
            _ => None,
        };
        let mut known = if passing.is_some() { valid } else { Bitmap::zeros(self.rows) };
        let mut yes = passing.unwrap_or_else(|| Bitmap::zeros(self.rows));
        yes.and(&known);
        known.invert();
        Answer { yes, unknown: Some(known), open }
    }

    fn texts(&self, place: &Place) -> ColumnRef<'_> {
        ColumnRef::Bytes {
            offsets: self.sections.values(place.first + 1),
            data: self.sections.values(place.first),
        }
    }

    fn scalars(&self, place: &Place, test: &Test) -> Passing {
        match place.class {
            Class::Bool => {
                let column: &[u8] = self.sections.values(place.first);
                bools(column, test)
            }
            Class::Whole => wholes(self.sections.values(place.first), test),
            Class::Double | Class::Number => doubles(self.sections.values(place.first), test),
            Class::Text => texts(&self.texts(place), test),
        }
    }

    /// The rows whose list passes, given by its items.
    fn lists(&self, place: &Place, test: impl Fn(Range<usize>) -> bool) -> Bitmap {
        let ends: &[i32] = self.sections.values(place.first + 2);
        let mut rows = Bitmap::zeros(self.rows);
        for (row, ends) in ends.windows(2).enumerate() {
            if let &[start, end] = ends
                && test(start.max(0) as usize..end.max(start).max(0) as usize)
            {
                rows.set(row);
            }
        }
        rows
    }

    fn lengths(&self, place: &Place, test: &Test) -> Passing {
        let ends: &[i32] = self.sections.values(place.first + 2);
        let lengths: Vec<i64> = ends.windows(2).map(|ends| i64::from(ends[1]) - i64::from(ends[0])).collect();
        wholes(&lengths, test)
    }

    fn contains(&self, place: &Place, all: bool, members: &Members) -> Bitmap {
        let first = place.first;
        let texts = self.texts(place);
        let member = |item: usize| match place.class {
            Class::Bool => members.bool(*self.sections.values::<u8>(first).get(item)? != 0),
            Class::Whole => members.integer(*self.sections.values(first).get(item)?),
            Class::Double | Class::Number => members.double(*self.sections.values(first).get(item)?),
            Class::Text => members.text(texts.bytes(item)?),
        };
        if !all {
            return self.lists(place, |mut range| range.any(|item| member(item).is_some()));
        }
        self.lists(place, |range| {
            let mut met = vec![false; members.distinct()];
            range
                .filter_map(member)
                .for_each(|number| met.get_mut(number).into_iter().for_each(|met| *met = true));
            met.into_iter().all(|met| met)
        })
    }
}

fn bools(column: &[u8], test: &Test) -> Passing {
    match test {
        Test::Compare(comparison, Value::Bool(value)) => {
            Some(mask(column, |x| comparison.holds((x != 0).partial_cmp(value))))
        }
        Test::In(members) if members.is_empty() || members.has_bools() => {
            Some(mask(column, |x| members.bool(x != 0).is_some()))
        }
        _ => None,
    }
}

fn wholes(column: &[i64], test: &Test) -> Passing {
    match test {
        Test::Compare(comparison, Value::Int(value)) => Some(ordered(column, *comparison, |x| x, *value)),
        Test::Compare(comparison, Value::Float(value)) => {
            Some(ordered(column, *comparison, |x| x as f64, *value))
        }
        Test::Between(low, high) => between(low, high, |test| wholes(column, test)),
        Test::In(members) if members.is_empty() || members.has_numbers() => {
            Some(mask(column, |x| members.integer(x).is_some()))
        }
        Test::Arithmetic(arithmetic) => {
            let Arithmetic { operator, right, comparison, result } = &**arithmetic;
            match right {
                Value::Int(right) => {
                    let computed: Vec<i64> = column.iter().map(|x| operator.integers(*x, *right)).collect();
                    wholes(&computed, &Test::Compare(*comparison, result.clone()))
                }
                Value::Float(right) => {
                    let computed: Vec<f64> =
                        column.iter().map(|x| operator.doubles(*x as f64, *right)).collect();
                    doubles(&computed, &Test::Compare(*comparison, result.clone()))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn doubles(column: &[f64], test: &Test) -> Passing {
    match test {
        Test::Compare(comparison, Value::Int(value)) => {
            Some(ordered(column, *comparison, |x| x, *value as f64))
        }
        Test::Compare(comparison, Value::Float(value)) => Some(ordered(column, *comparison, |x| x, *value)),
        Test::Between(low, high) => between(low, high, |test| doubles(column, test)),
        Test::In(members) if members.is_empty() || members.has_numbers() => {
            Some(mask(column, |x| members.double(x).is_some()))
        }
        // Operators on integers take doubles that are whole, one by one.
        Test::Arithmetic(arithmetic) if !arithmetic.operator.needs_integers() => {
            let right = match arithmetic.right {
                Value::Int(right) => right as f64,
                Value::Float(right) => right,
                _ => return None,
            };
            let computed: Vec<f64> = column.iter().map(|x| arithmetic.operator.doubles(*x, right)).collect();
            doubles(&computed, &Test::Compare(arithmetic.comparison, arithmetic.result.clone()))
        }
        _ => None,
    }
}

fn texts(column: &ColumnRef<'_>, test: &Test) -> Passing {
    match test {
        Test::Compare(comparison, Value::Str(value)) => {
            let value = value.as_bytes();
            Some(texts_that(column, None, |text| comparison.holds(text.partial_cmp(value))))
        }
        Test::Between(low, high) => {
            let (Value::Str(from), Value::Str(to)) = (&low.value, &high.value) else { return None };
            let (above, below) = ends(low.inclusive, high.inclusive);
            Some(texts_that(column, None, |text| {
                above.holds(text.partial_cmp(from.as_bytes())) && below.holds(text.partial_cmp(to.as_bytes()))
            }))
        }
        Test::In(members) if members.is_empty() || members.has_texts() => {
            Some(texts_that(column, None, |text| members.text(text).is_some()))
        }
        Test::Match(pattern) => Some(texts_that(column, None, |text| pattern.matches(text))),
        _ => None,
    }
}

/// A range as two comparisons.
fn between(low: &Limit, high: &Limit, compare: impl Fn(&Test) -> Passing) -> Passing {
    let (above, below) = ends(low.inclusive, high.inclusive);
    let mut rows = compare(&Test::Compare(above, low.value.clone()))?;
    rows.and(&compare(&Test::Compare(below, high.value.clone()))?);
    Some(rows)
}

/// The comparisons of a range's two ends.
fn ends(low_inclusive: bool, high_inclusive: bool) -> (Comparison, Comparison) {
    let above = if low_inclusive { Comparison::Ge } else { Comparison::Gt };
    let below = if high_inclusive { Comparison::Le } else { Comparison::Lt };
    (above, below)
}

/// `value op constant`, with one tight loop per operator.
fn ordered<T: Copy, U: Copy + PartialOrd>(
    column: &[T],
    comparison: Comparison,
    value: impl Fn(T) -> U,
    constant: U,
) -> Bitmap {
    match comparison {
        Comparison::Eq => mask(column, |x| value(x) == constant),
        Comparison::Ne => mask(column, |x| value(x) != constant),
        Comparison::Lt => mask(column, |x| value(x) < constant),
        Comparison::Le => mask(column, |x| value(x) <= constant),
        Comparison::Gt => mask(column, |x| value(x) > constant),
        Comparison::Ge => mask(column, |x| value(x) >= constant),
    }
}
