//! Predicates over the elements of struct arrays.

use super::{ColumnSource, Run, Truth, Wanted, is_wanted, truth};
use crate::plan::{Count, Elements};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, FieldId};
use std::ops::Range;

/// The elements of all rows one after the other, as rows of their own.
struct Items<'a> {
    source: &'a dyn ColumnSource,
    count: usize,
}

impl ColumnSource for Items<'_> {
    fn rows(&self) -> usize {
        self.count
    }

    fn column(&self, field: FieldId) -> Option<ColumnView<'_>> {
        match self.source.column(field)?.data {
            ColumnRef::Array { items, .. } => Some(ColumnView { data: *items, valid: None }),
            _ => None,
        }
    }
}

/// The elements for which the condition is true, by their place among all elements; `None` where the rows are older than
/// the struct array.
pub(crate) fn passing(elements: &Elements, source: &dyn ColumnSource) -> Option<Bitmap> {
    let count = match source.column(elements.lists.field)?.data {
        ColumnRef::Array { items, .. } => items.len(),
        _ => return None,
    };
    Some(truth(&elements.condition, &Items { source, count }).yes)
}

impl Run<'_> {
    /// Rows of which enough elements pass; unknown where the structs are null.
    pub(super) fn elements(&self, elements: &Elements, wanted: Wanted<'_>) -> Truth {
        let (Some(view), Some(hits)) =
            (self.source.column(elements.lists.field), passing(elements, self.source))
        else {
            return Truth::unknown(self.rows);
        };
        let ColumnRef::Array { offsets, .. } = &view.data else { return Truth::unknown(self.rows) };
        let mut yes = Bitmap::zeros(view.len());
        for (row, range) in super::array::ranges(offsets).enumerate() {
            if is_wanted(wanted, row) && suffices(elements.count, &hits, range) {
                yes.set(row);
            }
        }
        self.over(&view, yes)
    }
}

fn suffices(count: Count, hits: &Bitmap, range: Range<usize>) -> bool {
    let length = range.len() as u64;
    let mut passing = hits.iter_in(range);
    match count {
        Count::Any => passing.next().is_some(),
        Count::All => passing.count() as u64 == length,
        Count::Least(least) => passing.count() as u64 >= least,
        Count::Most(most) => passing.count() as u64 <= most,
        Count::Exactly(count) => passing.count() as u64 == count,
    }
}
