//! Moments that are shifted by the calendar before they are compared.

use super::number::mask;
use crate::plan::Shifted;
use elanus_kernels::Bitmap;
use elanus_types::ColumnRef;

/// The rows for which `value + interval comparison moment` holds.
pub(super) fn test(data: &ColumnRef<'_>, shifted: &Shifted) -> Bitmap {
    let ColumnRef::Int64(moments) = data else { return Bitmap::zeros(data.len()) };
    let Shifted { interval, comparison, moment } = shifted;
    mask(moments, |value| comparison.holds(interval.after(value).partial_cmp(moment)))
}
