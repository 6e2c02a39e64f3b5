//! Tests of ARRAY columns.

use super::{Wanted, is_wanted, scalar};
use crate::ast::Comparison;
use crate::plan::{Members, Test};
use elanus_kernels::Bitmap;
use elanus_types::{Column, ColumnBuilder, ColumnData, ColumnRef, ColumnView, Value};
use std::ops::Range;

/// The elements of each row: their place among all items; empty where offsets are damaged.
pub(super) fn ranges<'o>(offsets: &'o [i32]) -> impl Iterator<Item = Range<usize>> + 'o {
    offsets.windows(2).map(|ends| match *ends {
        [start, end] if 0 <= start && start <= end => start as usize..end as usize,
        _ => 0..0,
    })
}

/// Element `index` of every row, null where the row is null or shorter.
pub(super) fn element(view: &ColumnView<'_>, index: usize) -> Column {
    let ColumnRef::Array { offsets, items } = &view.data else {
        return Column::new(ColumnData::Bool(vec![]));
    };
    let (mut rows, mut valid) = (Vec::with_capacity(view.len()), Bitmap::zeros(view.len()));
    for (row, range) in ranges(offsets).enumerate() {
        let place = range.start + index.min(range.len());
        if place < range.end && place < items.len() && view.is_valid(row) {
            valid.set(row);
            rows.push(place as u32);
        } else {
            rows.push(u32::MAX);
        }
    }
    Column { data: take(items, &rows), valid: Some(valid) }
}

/// Copies items; a placeholder stands for a place that does not exist.
fn take(items: &ColumnRef<'_>, rows: &[u32]) -> ColumnData {
    fn pick<T: Copy + Default>(values: &[T], rows: &[u32]) -> Vec<T> {
        rows.iter().map(|row| values.get(*row as usize).copied().unwrap_or_default()).collect()
    }
    match items {
        ColumnRef::Bool(v) => ColumnData::Bool(pick(v, rows)),
        ColumnRef::Int8(v) => ColumnData::Int8(pick(v, rows)),
        ColumnRef::Int16(v) => ColumnData::Int16(pick(v, rows)),
        ColumnRef::Int32(v) => ColumnData::Int32(pick(v, rows)),
        ColumnRef::Int64(v) => ColumnData::Int64(pick(v, rows)),
        ColumnRef::Float(v) => ColumnData::Float(pick(v, rows)),
        ColumnRef::Double(v) => ColumnData::Double(pick(v, rows)),
        _ => {
            let mut builder = ColumnBuilder::like(&ColumnRef::Bytes { offsets: &[0], data: &[] });
            rows.iter().for_each(|row| builder.push_bytes(items.bytes(*row as usize).unwrap_or(&[])));
            builder.finish().data
        }
    }
}

/// The number of elements of every row.
pub(super) fn lengths(view: &ColumnView<'_>) -> Column {
    let counts = match &view.data {
        ColumnRef::Array { offsets, .. } => ranges(offsets).map(|range| range.len() as i64).collect(),
        _ => Vec::new(),
    };
    Column { data: ColumnData::Int64(counts), valid: view.valid.cloned() }
}

/// The rows whose whole array passes.
pub(super) fn test(view: &ColumnView<'_>, test: &Test, wanted: Wanted<'_>) -> Bitmap {
    let ColumnRef::Array { offsets, items } = &view.data else { return Bitmap::zeros(view.len()) };
    match test {
        Test::Contains { all: false, members } => {
            let hits = scalar::member(items, members, None);
            rows(offsets, wanted, |mut range| range.any(|item| hits.get(item)))
        }
        Test::Contains { all: true, members } => contains_all(offsets, items, members, wanted),
        Test::Compare(comparison, Value::Array(list)) => {
            let equal = |range: Range<usize>| equals(items, range, list);
            rows(offsets, wanted, |range| equal(range) == (*comparison == Comparison::Eq))
        }
        _ => Bitmap::zeros(view.len()),
    }
}

fn rows(offsets: &[i32], wanted: Wanted<'_>, test: impl Fn(Range<usize>) -> bool) -> Bitmap {
    let mut map = Bitmap::zeros(offsets.len().saturating_sub(1));
    for (row, range) in ranges(offsets).enumerate() {
        if is_wanted(wanted, row) && test(range) {
            map.set(row);
        }
    }
    map
}

/// Counts the different members met in each row: time grows with the elements, not with elements × members.
fn contains_all(offsets: &[i32], items: &ColumnRef<'_>, members: &Members, wanted: Wanted<'_>) -> Bitmap {
    let mut map = Bitmap::zeros(offsets.len().saturating_sub(1));
    let mut met = vec![usize::MAX; members.distinct()];
    for (row, range) in ranges(offsets).enumerate() {
        if range.len() < members.distinct() || !is_wanted(wanted, row) {
            continue;
        }
        let mut missing = members.distinct();
        for item in range {
            if let Some(slot) = number(items, item, members).and_then(|number| met.get_mut(number))
                && *slot != row
            {
                *slot = row;
                missing -= 1;
            }
        }
        if missing == 0 {
            map.set(row);
        }
    }
    map
}

/// Which member an item is.
fn number(items: &ColumnRef<'_>, item: usize, members: &Members) -> Option<usize> {
    match items {
        ColumnRef::Bool(v) => members.bool(*v.get(item)?),
        ColumnRef::Int8(v) => members.integer(i64::from(*v.get(item)?)),
        ColumnRef::Int16(v) => members.integer(i64::from(*v.get(item)?)),
        ColumnRef::Int32(v) => members.integer(i64::from(*v.get(item)?)),
        ColumnRef::Int64(v) => members.integer(*v.get(item)?),
        ColumnRef::Float(v) => members.double(f64::from(*v.get(item)?)),
        ColumnRef::Double(v) => members.double(*v.get(item)?),
        _ => members.text(items.bytes(item)?),
    }
}

fn equals(items: &ColumnRef<'_>, range: Range<usize>, list: &[Value]) -> bool {
    let same = |item: usize, wanted: &Value| match (items, wanted) {
        (ColumnRef::Bytes { .. }, Value::Str(wanted)) => items.bytes(item) == Some(wanted.as_bytes()),
        _ => items.value(item) == *wanted,
    };
    range.len() == list.len() && range.zip(list).all(|(item, wanted)| same(item, wanted))
}
