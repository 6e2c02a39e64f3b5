//! Which rows of a sent column have a value, and where in the payload it lies.

use elanus_types::{Column, ColumnBuilder, Error, FieldSchema, Result};

/// The rows of a sent column.
pub(super) struct Presence<'a> {
    /// One flag per row; empty = every row has a value.
    flags: &'a [bool],
    /// The payload skips rows without a value.
    compact: bool,
    rows: usize,
}

impl<'a> Presence<'a> {
    /// Matches the flags and the length of a payload with the number of rows.
    pub fn of(field: &FieldSchema, flags: &'a [bool], length: usize, rows: usize) -> Result<Self> {
        let optional = field.nullable || field.default.is_some();
        let all = flags.iter().all(|flag| *flag);
        if !flags.is_empty() && (flags.len() != rows || (!optional && !all)) {
            let message = format!("the length of valid_data of field({}) is wrong", field.name);
            return Err(Error::expected(message, if optional { rows } else { 0 }, flags.len()));
        }
        if all {
            return match length == rows {
                true => Ok(Self { flags: &[], compact: false, rows }),
                false => Err(Error::expected(
                    format!(
                        "the num_rows ({length}) of field ({}) is not equal to passed num_rows ({rows})",
                        field.name
                    ),
                    rows,
                    length,
                )),
            };
        }
        let present = flags.iter().filter(|flag| **flag).count();
        if length != present && length != rows {
            let message = format!("the length of field({}) is wrong", field.name);
            return Err(Error::expected(message, present, length));
        }
        Ok(Self { flags, compact: length != rows, rows })
    }

    /// Whether no row has a value.
    pub fn none_present(&self) -> bool {
        !self.flags.is_empty() && !self.flags.contains(&true)
    }

    /// Place in the payload by row; `None` = no value.
    fn places(&self) -> impl Iterator<Item = Option<usize>> + '_ {
        let mut next = 0;
        (0..self.rows).map(move |row| {
            let present = self.flags.get(row).is_none_or(|flag| *flag);
            let place = if self.compact { next } else { row };
            next += usize::from(present);
            present.then_some(place)
        })
    }

    /// Rows with a value, with its place in the payload.
    pub fn present(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        self.places().enumerate().filter_map(|(row, place)| Some((row, place?)))
    }

    /// The values of a payload at the rows they belong to; the others get the default or null.
    pub fn expand(&self, field: &FieldSchema, payload: Column) -> Result<Column> {
        if self.flags.is_empty() {
            return Ok(payload);
        }
        let view = payload.view();
        let mut column = ColumnBuilder::for_field(field);
        column.reserve(self.rows);
        for place in self.places() {
            match place {
                Some(place) => column.append_rows(&view, &[place as u32]),
                None => super::push_default(&mut column, field)?,
            }
        }
        Ok(column.finish())
    }
}
