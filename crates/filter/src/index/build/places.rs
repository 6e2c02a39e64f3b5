//! Indexes of one place in JSON documents, cast to one type.

use super::values::once;
use crate::ast::Step;
use crate::index::ordered::{Facts, lay};
use crate::index::spec::{Cast, IndexSpec};
use crate::json::{Json, Span, Tree, Walk, elements, is_empty};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView};
use std::borrow::Cow;

/// `None` for columns that hold no documents.
pub(super) fn build(spec: &IndexSpec, path: &[Step], column: &ColumnView<'_>) -> Option<Vec<u8>> {
    let ColumnRef::Bytes { data, .. } = &column.data else { return None };
    let rows = column.len();
    let mut found = Found {
        known: Bitmap::zeros(rows),
        present: Bitmap::zeros(rows),
        numbers: Vec::new(),
        bools: Vec::new(),
        texts: Vec::new(),
    };
    let cast = spec.cast.unwrap_or(Cast::VarChar);
    each(path, column, |row, span| {
        let text = data.get(span.start as usize..span.end as usize).unwrap_or(&[]);
        if !is_empty(text) {
            found.present.set(row);
        }
        found.add(cast, row, Json::read(text));
    });
    let lists = matches!(cast, Cast::ArrayBool | Cast::ArrayDouble | Cast::ArrayVarChar);
    let Found { known, present, mut numbers, mut bools, mut texts } = found;
    let facts = Facts { rows, lists, has_nan: false, places: Some((known, present)) };
    Some(match cast {
        Cast::Bool | Cast::ArrayBool => {
            once(&mut bools);
            lay(spec, bools, &facts)
        }
        Cast::Double | Cast::ArrayDouble => {
            once(&mut numbers);
            lay(spec, numbers, &facts)
        }
        _ => {
            texts.sort_unstable();
            texts.dedup();
            lay(spec, texts.iter().map(|(text, row)| (text.as_ref(), *row)).collect(), &facts)
        }
    })
}

struct Found<'d> {
    known: Bitmap,
    present: Bitmap,
    numbers: Vec<(f64, u32)>,
    bools: Vec<(i64, u32)>,
    texts: Vec<(Cow<'d, [u8]>, u32)>,
}

impl<'d> Found<'d> {
    fn add(&mut self, cast: Cast, row: usize, value: Option<Json<'d>>) {
        match (cast, value) {
            (Cast::ArrayBool | Cast::ArrayDouble | Cast::ArrayVarChar, Some(Json::Array(array))) => {
                self.known.set(row);
                let element = match cast {
                    Cast::ArrayBool => Cast::Bool,
                    Cast::ArrayDouble => Cast::Double,
                    _ => Cast::VarChar,
                };
                elements(array).for_each(|text| {
                    self.scalar(element, row, Json::read(text));
                });
            }
            (cast, value) => {
                if self.scalar(cast, row, value) {
                    self.known.set(row);
                }
            }
        }
    }

    /// Whether the value is of the class.
    fn scalar(&mut self, cast: Cast, row: usize, value: Option<Json<'d>>) -> bool {
        let row = row as u32;
        match (cast, value) {
            (Cast::Bool, Some(Json::Bool(value))) => self.bools.push((i64::from(value), row)),
            (Cast::Double, Some(Json::Int(value))) => self.numbers.push((value as f64 + 0.0, row)),
            (Cast::Double, Some(Json::Float(value))) if !value.is_nan() => {
                self.numbers.push((value + 0.0, row));
            }
            (Cast::VarChar, Some(Json::Text(text))) => self.texts.push((text, row)),
            _ => return false,
        }
        true
    }
}

/// Shows where the place lies in every document, an empty span where it is missing; rows without a document are left out.
pub(in crate::index) fn each(path: &[Step], column: &ColumnView<'_>, mut visit: impl FnMut(usize, Span)) {
    let ColumnRef::Bytes { offsets, data } = &column.data else { return };
    let mut tree = Tree::new();
    tree.insert(path);
    let mut scratch = Vec::new();
    for (row, ends) in offsets.windows(2).enumerate().filter(|(row, _)| column.is_valid(*row)) {
        let &[start, end] = ends else { continue };
        let Some(document) = data.get(start as usize..end as usize) else { continue };
        let mut found = [Span::default()];
        Walk::run(&tree, document, start as usize, &mut found, &mut scratch);
        visit(row, found[0]);
    }
}
