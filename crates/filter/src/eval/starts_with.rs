//! Texts that begin with the text of another field.

use super::{Run, Truth, Wanted};
use crate::json::Json;
use crate::plan::{Access, Operand};
use elanus_kernels::Bitmap;
use elanus_types::{Column, ColumnBuilder, DataType};

impl Run<'_> {
    /// Unknown where either is null or no text.
    pub(super) fn starts_with(&mut self, text: &Operand, prefix: &Operand, wanted: Wanted<'_>) -> Truth {
        let (Some(texts), Some(prefixes)) = (self.texts(text, wanted), self.texts(prefix, wanted)) else {
            return Truth::unknown(self.rows);
        };
        let (texts, prefixes) = (texts.view(), prefixes.view());
        let (mut yes, mut unknown) = (Bitmap::zeros(self.rows), Bitmap::ones(self.rows));
        for row in 0..self.rows.min(texts.len()).min(prefixes.len()) {
            if !texts.is_valid(row) || !prefixes.is_valid(row) {
                continue;
            }
            let (Some(text), Some(prefix)) = (texts.data.bytes(row), prefixes.data.bytes(row)) else {
                continue;
            };
            unknown.clear(row);
            if text.starts_with(prefix) {
                yes.set(row);
            }
        }
        Truth { yes, unknown: Some(unknown) }
    }

    /// The texts of an operand, one per row; null where it has none. Places in documents are read for wanted rows only.
    fn texts(&mut self, operand: &Operand, wanted: Wanted<'_>) -> Option<Column> {
        let Access::Json(path) = &operand.access else {
            return self.gathered(operand).map(|gathered| gathered.view().to_column());
        };
        let mut column = ColumnBuilder::for_type(DataType::VarChar);
        self.places(operand.field, path, wanted, |row, place| {
            (column.len()..row).for_each(|_| column.push_null());
            match Json::read(place) {
                Some(Json::Text(text)) => column.push_bytes(&text),
                _ => column.push_null(),
            }
        });
        Some(column.finish())
    }
}
