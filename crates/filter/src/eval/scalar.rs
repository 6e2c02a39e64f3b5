//! Tests of plain scalar columns, one tight loop per type.

use crate::ast::Comparison;
use crate::plan::Limit;
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, Value};

/// One bit per value.
pub(super) fn mask<T: Copy>(values: &[T], test: impl Fn(T) -> bool) -> Bitmap {
    let mut words = Vec::with_capacity(values.len().div_ceil(64));
    for chunk in values.chunks(64) {
        let bits = chunk.iter().enumerate().map(|(bit, value)| u64::from(test(*value)) << bit);
        words.push(bits.fold(0, |word, bit| word | bit));
    }
    Bitmap::from_words(words, values.len())
}

/// One bit per byte string.
pub(super) fn mask_bytes(data: &ColumnRef<'_>, test: impl Fn(&[u8]) -> bool) -> Bitmap {
    let mut map = Bitmap::zeros(data.len());
    for row in 0..data.len() {
        if data.bytes(row).is_some_and(&test) {
            map.set(row);
        }
    }
    map
}

/// Runs `$test` (a generic closure over i64, f32 or f64) on any number column.
macro_rules! numbers {
    ($data:expr, |$int:ident| $ints:expr, |$single:ident| $singles:expr, |$double:ident| $doubles:expr, $($rest:tt)*) => {
        match $data {
            ColumnRef::Int8(v) => mask(v, |x| { let $int = i64::from(x); $ints }),
            ColumnRef::Int16(v) => mask(v, |x| { let $int = i64::from(x); $ints }),
            ColumnRef::Int32(v) => mask(v, |x| { let $int = i64::from(x); $ints }),
            ColumnRef::Int64(v) => mask(v, |$int| $ints),
            ColumnRef::Float(v) => mask(v, |x| { let $single = x; $singles }),
            ColumnRef::Double(v) => mask(v, |$double| $doubles),
            $($rest)*
        }
    };
}

/// `column op value`; the value has the column's class.
pub(super) fn compare(view: &ColumnView<'_>, comparison: Comparison, value: &Value) -> Bitmap {
    match (&view.data, value) {
        (ColumnRef::Bool(v), Value::Bool(value)) => mask(v, |x| comparison.holds(x.partial_cmp(value))),
        (data @ ColumnRef::Bytes { .. }, Value::Str(value)) => {
            mask_bytes(data, |x| comparison.holds(x.partial_cmp(value.as_bytes())))
        }
        (data, value) => {
            let (int, double) = as_numbers(value);
            numbers!(data,
                |x| comparison.holds(x.partial_cmp(&int)),
                |x| comparison.holds(f64::from(x).partial_cmp(&double)),
                |x| comparison.holds(x.partial_cmp(&double)),
                _ => Bitmap::zeros(data.len()),
            )
        }
    }
}

/// `low < column <= high`.
pub(super) fn between(view: &ColumnView<'_>, low: &Limit, high: &Limit) -> Bitmap {
    let above = if low.inclusive { Comparison::Ge } else { Comparison::Gt };
    let below = if high.inclusive { Comparison::Le } else { Comparison::Lt };
    let mut map = compare(view, above, &low.value);
    map.and(&compare(view, below, &high.value));
    map
}

/// `column in values`.
pub(super) fn member(view: &ColumnView<'_>, values: &[Value]) -> Bitmap {
    let mut map = Bitmap::zeros(view.len());
    for value in values {
        map.or(&compare(view, Comparison::Eq, value));
    }
    map
}

fn as_numbers(value: &Value) -> (i64, f64) {
    match value {
        Value::Int(value) => (*value, *value as f64),
        Value::Float(value) => (*value as i64, *value),
        _ => (0, f64::NAN),
    }
}
