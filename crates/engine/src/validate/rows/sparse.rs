//! Sparse vectors: ascending (u32 index, f32 value) pairs.

use super::presence::Presence;
use super::{scalar, text};
use crate::validate::invalid;
use bytes::Bytes;
use elanus_kernels::sparse::pairs;
use elanus_types::{ColumnData, FieldSchema, Result};

/// Sparse vectors as stored.
pub(super) fn column(field: &FieldSchema, vectors: &[Bytes], presence: &Presence<'_>) -> Result<ColumnData> {
    for (_, at) in presence.present() {
        check_sparse(vectors.get(at).map_or(&[][..], |vector| vector))?;
    }
    text::joined(field, vectors)
}

/// Checks one sparse vector, stored or searched for; one without any pair is legal.
pub fn check_sparse(row: &[u8]) -> Result<()> {
    if !row.len().is_multiple_of(8) {
        return Err(invalid(format!("invalid data length in sparse float vector: {}", row.len())));
    }
    let mut last = None;
    for (index, value) in pairs(row) {
        if index == u32::MAX {
            return Err(invalid("invalid index in sparse float vector: must be less than 2^32-1"));
        }
        if last.is_some_and(|last| last >= index) {
            return Err(invalid("unsorted or same indices in sparse float vector"));
        }
        if !value.is_finite() {
            return Err(scalar::not_finite(f64::from(value)));
        }
        if value < 0.0 {
            return Err(invalid("negative value in sparse float vector"));
        }
        last = Some(index);
    }
    Ok(())
}
