//! Indexes of plain columns: scalars, and the elements of arrays.

use crate::index::ordered::{Facts, Key, lay};
use crate::index::spec::IndexSpec;
use elanus_types::{ColumnRef, ColumnView};

/// `None` for columns whose values have no order.
pub(super) fn build(spec: &IndexSpec, column: &ColumnView<'_>) -> Option<Vec<u8>> {
    let (items, owners) = match &column.data {
        ColumnRef::Array { offsets, items } => (&**items, Some(owners(offsets, column))),
        data => (data, None),
    };
    let rows = column.len();
    let owner = |item: usize| match &owners {
        Some(owners) => owners.get(item).copied().flatten(),
        None => column.is_valid(item).then_some(item as u32),
    };
    let facts = |has_nan| Facts { rows, lists: owners.is_some(), has_nan, places: None };
    let whole = |values: &mut dyn Iterator<Item = i64>| {
        lay(spec, entries(values, owner, owners.is_some()), &facts(false))
    };
    Some(match items {
        ColumnRef::Bool(v) => whole(&mut v.iter().map(|x| i64::from(*x))),
        ColumnRef::Int8(v) => whole(&mut v.iter().map(|x| i64::from(*x))),
        ColumnRef::Int16(v) => whole(&mut v.iter().map(|x| i64::from(*x))),
        ColumnRef::Int32(v) => whole(&mut v.iter().map(|x| i64::from(*x))),
        ColumnRef::Int64(v) => whole(&mut v.iter().copied()),
        ColumnRef::Float(v) => {
            let mut all = entries(&mut v.iter().map(|x| x + 0.0), owner, owners.is_some());
            let has_nan = leave_out(&mut all, |value| value.is_nan());
            lay(spec, all, &facts(has_nan))
        }
        ColumnRef::Double(v) => {
            let mut all = entries(&mut v.iter().map(|x| x + 0.0), owner, owners.is_some());
            let has_nan = leave_out(&mut all, |value| value.is_nan());
            lay(spec, all, &facts(has_nan))
        }
        ColumnRef::Bytes { .. } => {
            let mut texts = (0..items.len()).map(|row| items.bytes(row).unwrap_or(&[]));
            lay(spec, entries(&mut texts, owner, owners.is_some()), &facts(false))
        }
        ColumnRef::Array { .. } | ColumnRef::Fixed { .. } => return None,
    })
}

/// The row of every item; `None` for items of null rows.
fn owners(offsets: &[i32], column: &ColumnView<'_>) -> Vec<Option<u32>> {
    let mut owners = vec![None; offsets.last().map_or(0, |end| *end as usize)];
    for (row, ends) in offsets.windows(2).enumerate().filter(|(row, _)| column.is_valid(*row)) {
        let &[start, end] = ends else { continue };
        owners.get_mut(start as usize..end as usize).unwrap_or(&mut []).fill(Some(row as u32));
    }
    owners
}

/// Values with their rows; of a list, a value that a row has twice counts once.
fn entries<K: Key>(
    values: &mut dyn Iterator<Item = K>,
    owner: impl Fn(usize) -> Option<u32>,
    lists: bool,
) -> Vec<(K, u32)> {
    let owned = values.enumerate().filter_map(|(item, value)| Some((value, owner(item)?)));
    let mut all: Vec<(K, u32)> = owned.collect();
    if lists {
        once(&mut all);
    }
    all
}

/// Leaves values out; whether there were such.
fn leave_out<K: Key>(all: &mut Vec<(K, u32)>, unwanted: impl Fn(&K) -> bool) -> bool {
    let before = all.len();
    all.retain(|(value, _)| !unwanted(value));
    all.len() < before
}

/// Leaves every pair of value and row once.
pub(super) fn once<K: Key>(all: &mut Vec<(K, u32)>) {
    all.sort_unstable_by(|a, b| a.0.order(&b.0).then(a.1.cmp(&b.1)));
    all.dedup_by(|a, b| a.1 == b.1 && a.0.order(&b.0).is_eq());
}
