//! Tests of plain scalar columns.

use super::number::{Whole, bounds, compare_float, compare_whole, mask, within};
use super::{Wanted, compute, is_wanted, moment, shape};
use crate::ast::Comparison;
use crate::plan::{Limit, Members, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, Value};

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
        Test::Match(pattern) => texts(&view.data, wanted, |text| pattern.matches(text)),
        Test::Contains { .. } => Bitmap::zeros(view.len()),
        Test::Shifted(shifted) => moment::test(&view.data, shifted),
        Test::Shape(asked) => shape::test(&view.data, asked, wanted),
    }
}

/// One bit per wanted byte string that passes.
pub(super) fn texts(data: &ColumnRef<'_>, wanted: Wanted<'_>, mut test: impl FnMut(&[u8]) -> bool) -> Bitmap {
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
