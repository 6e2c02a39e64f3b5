//! Tests of plain scalar columns.

use super::number::{Whole, bounds, compare_float, compare_whole, mask, within};
use super::{Wanted, compute, is_wanted, moment, shape};
use crate::ast::Comparison;
use crate::pattern::Pattern;
use crate::plan::{Limit, Members, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, Value};
use memchr::memmem::Finder;

/// From this many members on, a hash table beats one pass per member.
const MANY: usize = 5;

/// The rows of `view` that pass; its nulls are the caller's matter.
pub(super) fn test(view: &ColumnView<'_>, test: &Test, wanted: Wanted<'_>) -> Bitmap {
    match test {
        Test::Compare(comparison, value) => compare(&view.data, *comparison, value, wanted),
        Test::Between(low, high) => between(&view.data, low, high, wanted),
        Test::In(members) => member(&view.data, members, wanted),
        Test::Arithmetic(arithmetic) => {
            let computed = compute::arithmetic(&view.data, arithmetic);
            compare(&computed.as_ref(), arithmetic.comparison, &arithmetic.result, wanted)
        }
        Test::Match(Pattern::Contains(finder)) if wanted.is_none() || many(wanted, view.len()) => {
            containing(&view.data, finder)
        }
        Test::Match(pattern) => texts(&view.data, wanted, |text| pattern.matches(text)),
        Test::Contains { .. } => Bitmap::zeros(view.len()),
        Test::Shifted(shifted) => moment::test(&view.data, shifted),
        Test::Shape(asked) => shape::test(&view.data, asked, wanted),
    }
}

/// Whether more than one in eight rows is wanted.
fn many(wanted: Wanted<'_>, rows: usize) -> bool {
    wanted.is_none_or(|wanted| wanted.count() > rows / 8)
}

/// The byte strings that hold a literal. All of them are searched as one, which for short strings takes a tenth of the time;
/// what is found across a border counts for neither side.
fn containing(column: &ColumnRef<'_>, finder: &Finder<'_>) -> Bitmap {
    let mut map = Bitmap::zeros(column.len());
    let ColumnRef::Bytes { offsets, data } = column else { return map };
    let length = finder.needle().len();
    if length == 0 {
        map.invert();
        return map;
    }
    let end_of = |row: usize| offsets.get(row + 1).map_or(0, |end| *end as usize);
    let all = data.get(..offsets.last().map_or(0, |end| *end as usize)).unwrap_or(&[]);
    let (mut at, mut row) = (offsets.first().map_or(0, |start| *start as usize), 0);
    while let Some(found) = all.get(at..).and_then(|rest| finder.find(rest)) {
        let start = at + found;
        while row < map.len() && end_of(row) <= start {
            row += 1;
        }
        if row == map.len() {
            break;
        }
        match start + length <= end_of(row) {
            true => {
                map.set(row);
                at = end_of(row);
            }
            false => at = start + 1,
        }
    }
    map
}

/// One bit per wanted byte string that passes.
pub(crate) fn texts(data: &ColumnRef<'_>, wanted: Wanted<'_>, mut test: impl FnMut(&[u8]) -> bool) -> Bitmap {
    let mut map = Bitmap::zeros(data.len());
    let ColumnRef::Bytes { offsets, data } = data else { return map };
    for (row, ends) in offsets.windows(2).enumerate() {
        let &[start, end] = ends else { continue };
        if is_wanted(wanted, row) && data.get(start as usize..end as usize).is_some_and(&mut test) {
            map.set(row);
        }
    }
    map
}

/// `column op value`; the value has the column's class.
pub(super) fn compare(
    data: &ColumnRef<'_>,
    comparison: Comparison,
    value: &Value,
    wanted: Wanted<'_>,
) -> Bitmap {
    match (data, value) {
        (ColumnRef::Bool(v), Value::Bool(value)) => mask(v, |x| comparison.holds(x.partial_cmp(value))),
        (ColumnRef::Int8(v), Value::Int(value)) => compare_whole(v, comparison, *value),
        (ColumnRef::Int16(v), Value::Int(value)) => compare_whole(v, comparison, *value),
        (ColumnRef::Int32(v), Value::Int(value)) => compare_whole(v, comparison, *value),
        (ColumnRef::Int64(v), Value::Int(value)) => compare_whole(v, comparison, *value),
        (ColumnRef::Float(v), Value::Float(value)) => compare_float(v, comparison, *value as f32),
        (ColumnRef::Double(v), Value::Float(value)) => compare_float(v, comparison, *value),
        (ColumnRef::Bytes { .. }, Value::Str(value)) => {
            let value = value.as_bytes();
            match comparison {
                Comparison::Eq => texts(data, wanted, |text| text == value),
                Comparison::Ne => texts(data, wanted, |text| text != value),
                order => texts(data, wanted, |text| order.holds(text.partial_cmp(value))),
            }
        }
        _ => Bitmap::zeros(data.len()),
    }
}

/// `low < column <= high`.
fn between(data: &ColumnRef<'_>, low: &Limit, high: &Limit, wanted: Wanted<'_>) -> Bitmap {
    let above = if low.inclusive { Comparison::Ge } else { Comparison::Gt };
    let below = if high.inclusive { Comparison::Le } else { Comparison::Lt };
    if let (Value::Int(low), Value::Int(high)) = (&low.value, &high.value) {
        let (Some((low, _)), Some((_, high))) = (bounds(above, *low), bounds(below, *high)) else {
            return Bitmap::zeros(data.len());
        };
        return match data {
            ColumnRef::Int8(v) => within(v, low, high),
            ColumnRef::Int16(v) => within(v, low, high),
            ColumnRef::Int32(v) => within(v, low, high),
            ColumnRef::Int64(v) => within(v, low, high),
            _ => Bitmap::zeros(data.len()),
        };
    }
    let mut map = compare(data, above, &low.value, wanted);
    map.and(&compare(data, below, &high.value, wanted));
    map
}

/// `column in values`.
pub(super) fn member(data: &ColumnRef<'_>, members: &Members, wanted: Wanted<'_>) -> Bitmap {
    if members.distinct() < MANY {
        let mut map = Bitmap::zeros(data.len());
        for value in members.values() {
            map.or(&compare(data, Comparison::Eq, value, wanted));
        }
        return map;
    }
    match data {
        ColumnRef::Bool(v) => mask(v, |x| members.bool(x).is_some()),
        ColumnRef::Int8(v) => whole_member(v, members),
        ColumnRef::Int16(v) => whole_member(v, members),
        ColumnRef::Int32(v) => whole_member(v, members),
        ColumnRef::Int64(v) => whole_member(v, members),
        ColumnRef::Float(v) => mask(v, |x| members.double(f64::from(x)).is_some()),
        ColumnRef::Double(v) => mask(v, |x| members.double(x).is_some()),
        ColumnRef::Bytes { .. } => texts(data, wanted, |text| members.text(text).is_some()),
        ColumnRef::Array { .. } | ColumnRef::Fixed { .. } => Bitmap::zeros(data.len()),
    }
}

fn whole_member<T: Whole>(values: &[T], members: &Members) -> Bitmap {
    mask(values, |x| members.integer(x.into()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::Column;

    #[test]
    fn literals_are_found_within_rows_alone() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..2000 {
            let text = |random: &mut fastrand::Rng, most| -> String {
                (0..random.usize(0..most)).map(|_| *random.choice(&['a', 'b', 'é']).unwrap_or(&'a')).collect()
            };
            let rows: Vec<String> = (0..random.usize(0..30)).map(|_| text(&mut random, 5)).collect();
            let literal = text(&mut random, 4);
            let column = Column::from_bytes(&rows);
            let found = containing(&column.view().data, &Finder::new(literal.as_bytes()));
            let right: Vec<bool> = rows.iter().map(|row| row.contains(&literal)).collect();
            assert_eq!(found, Bitmap::from_bools(&right), "{literal:?} in {rows:?}");
        }
    }
}
