//! Lists of primary keys.

use super::payload::{rows, text};
use elanus_proto::schema::i_ds::IdField;
use elanus_proto::schema::{IDs, LongArray, StringArray};
use elanus_types::{Column, ColumnData, Error, Result};

/// Primary keys as sent.
pub(crate) fn ids_in(ids: IDs) -> Result<Column> {
    match ids.id_field {
        Some(IdField::IntId(ids)) => Ok(Column::new(ColumnData::Int64(ids.data))),
        Some(IdField::StrId(ids)) => {
            ids.data.iter().try_for_each(|id| text(id).map(drop))?;
            Ok(Column::from_bytes(ids.data))
        }
        None => Err(Error::invalid("no primary keys are given")),
    }
}

/// Primary keys as answered.
pub(crate) fn ids_out(column: Column) -> IDs {
    let ids = match column.data {
        ColumnData::Int64(data) => Some(IdField::IntId(LongArray { data })),
        ColumnData::Bytes { offsets, data } => {
            Some(IdField::StrId(StringArray { data: rows(&offsets, data) }))
        }
        _ => None,
    };
    IDs { id_field: ids }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_keys_come_back() {
        for column in [Column::new(ColumnData::Int64(vec![3, -1])), Column::from_bytes(["a", "", "ü"])] {
            assert_eq!(ids_in(ids_out(column.clone())).unwrap(), column);
        }
        assert!(ids_in(IDs::default()).is_err());
    }
}
