//! Rows in the order of the clustering key, so that blocks of a segment hold narrow ranges of it and filters skip most.

use elanus_segment::Segment;
use elanus_types::{CollectionMeta, ColumnRef, Result};

/// Puts the rows of a segment in the order of a scalar clustering key; nulls and rows of equal keys keep theirs. Without such
/// a key nothing changes.
pub fn in_order(segment: &dyn Segment, meta: &CollectionMeta, rows: &mut Vec<u32>) -> Result<()> {
    let key = meta.schema.fields.iter().find(|field| field.clustering_key && !field.data_type.is_vector());
    let Some(key) = key.filter(|key| segment.schema().field_by_id(key.id).is_some()) else { return Ok(()) };
    let Some(column) = segment.take(rows, &[key.id])?.pop() else { return Ok(()) };
    let view = column.view();
    let mut order: Vec<u32> = (0..rows.len() as u32).collect();
    match &view.data {
        ColumnRef::Bool(v) => order.sort_by_key(|at| v.get(*at as usize)),
        ColumnRef::Int8(v) => order.sort_by_key(|at| v.get(*at as usize)),
        ColumnRef::Int16(v) => order.sort_by_key(|at| v.get(*at as usize)),
        ColumnRef::Int32(v) => order.sort_by_key(|at| v.get(*at as usize)),
        ColumnRef::Int64(v) => order.sort_by_key(|at| v.get(*at as usize)),
        ColumnRef::Float(v) => order.sort_by(|a, b| v[*a as usize].total_cmp(&v[*b as usize])),
        ColumnRef::Double(v) => order.sort_by(|a, b| v[*a as usize].total_cmp(&v[*b as usize])),
        ColumnRef::Bytes { .. } => {
            order.sort_by(|a, b| view.data.bytes(*a as usize).cmp(&view.data.bytes(*b as usize)));
        }
        ColumnRef::Array { .. } | ColumnRef::Fixed { .. } => return Ok(()),
    }
    *rows = order.into_iter().filter_map(|at| rows.get(at as usize).copied()).collect();
    Ok(())
}
