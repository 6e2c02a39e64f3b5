//! Making columns of the chosen places in one pass over the documents.

use super::choose::{choose, is_exact};
use super::{Class, Directory, Place, SECTIONS};
use crate::ast::Step;
use crate::index::SHREDDED;
use crate::index::sections::Writer;
use crate::index::spec::IndexSpec;
use crate::json::{Json, Span, Tree, Walk, elements, is_empty};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView};

/// The columns of a field of documents; `None` for any other column.
pub(in crate::index) fn build(spec: &IndexSpec, column: &ColumnView<'_>) -> Option<Vec<u8>> {
    let ColumnRef::Bytes { offsets, data } = &column.data else { return None };
    let rows = column.len();
    let mut columns: Vec<Column> =
        choose(column).into_iter().map(|(keys, class, list)| Column::new(keys, class, list, rows)).collect();
    let mut tree = Tree::new();
    let steps = |keys: &[String]| keys.iter().cloned().map(Step::Key).collect::<Vec<_>>();
    columns.iter().for_each(|column| tree.insert(&steps(&column.keys)));
    let places: Vec<usize> = columns.iter().filter_map(|column| tree.path(&steps(&column.keys))).collect();
    let (mut found, mut scratch) = (Vec::new(), Vec::new());
    for (row, ends) in offsets.windows(2).enumerate() {
        found.clear();
        found.resize(tree.paths(), Span::default());
        if let &[start, end] = ends
            && column.is_valid(row)
            && let Some(document) = data.get(start as usize..end as usize)
        {
            Walk::run(&tree, document, start as usize, &mut found, &mut scratch);
        }
        for (column, place) in columns.iter_mut().zip(&places) {
            let span = found.get(*place).copied().unwrap_or_default();
            column.push(row, data.get(span.start as usize..span.end as usize).unwrap_or(&[]));
        }
    }
    columns.retain(Column::pays);
    Some(lay(spec, &columns, rows))
}

/// A column under construction.
struct Column {
    keys: Vec<String>,
    class: Class,
    list: bool,
    numbers: Vec<i64>,
    doubles: Vec<f64>,
    bools: Vec<u8>,
    texts: Vec<u8>,
    text_ends: Vec<i32>,
    list_ends: Vec<i32>,
    valid: Bitmap,
    open: Bitmap,
}

impl Column {
    fn new(keys: Vec<String>, class: Class, list: bool, rows: usize) -> Self {
        let (valid, open) = (Bitmap::zeros(rows), Bitmap::zeros(rows));
        Self {
            keys,
            class,
            list,
            numbers: Vec::new(),
            doubles: Vec::new(),
            bools: Vec::new(),
            texts: Vec::new(),
            text_ends: vec![0],
            list_ends: vec![0],
            valid,
            open,
        }
    }

    /// Adds the value of the next row; empty bytes = it has none.
    fn push(&mut self, row: usize, bytes: &[u8]) {
        let value = Json::read(bytes);
        let fits = match (&value, self.list) {
            (None, _) if !bytes.is_empty() => false,
            (None | Some(Json::Null), _) => {
                self.fill();
                return;
            }
            (Some(Json::Array(array)), true) => self.push_list(array),
            (Some(value), false) => self.push_scalar(value),
            _ => false,
        };
        match fits {
            true => self.valid.set(row),
            false => {
                self.fill();
                // Empty containers are as good as nothing, and everything else is to be looked up.
                self.open.set(row);
            }
        }
        if self.list && fits {
            self.list_ends.push(self.items() as i32);
        }
    }

    /// What stands for the value of a row without one, or with one that is looked up elsewhere.
    fn fill(&mut self) {
        match (self.list, self.class) {
            (true, _) => self.list_ends.push(self.items() as i32),
            (false, Class::Bool) => self.bools.push(0),
            (false, Class::Whole) => self.numbers.push(0),
            (false, Class::Double | Class::Number) => self.doubles.push(0.0),
            (false, Class::Text) => self.text_ends.push(self.texts.len() as i32),
        }
    }

    fn items(&self) -> usize {
        match self.class {
            Class::Bool => self.bools.len(),
            Class::Whole => self.numbers.len(),
            Class::Double | Class::Number => self.doubles.len(),
            Class::Text => self.text_ends.len() - 1,
        }
    }

    /// Whether the value is of the column's type, and so was added.
    fn push_scalar(&mut self, value: &Json<'_>) -> bool {
        match (self.class, value) {
            (Class::Bool, Json::Bool(value)) => self.bools.push(u8::from(*value)),
            (Class::Whole, Json::Int(value)) => self.numbers.push(*value),
            (Class::Double | Class::Number, Json::Float(value)) => self.doubles.push(*value),
            (Class::Number, Json::Int(value)) if is_exact(*value) => self.doubles.push(*value as f64),
            (Class::Text, Json::Text(text)) => {
                self.texts.extend_from_slice(text);
                self.text_ends.push(self.texts.len() as i32);
            }
            _ => return false,
        }
        true
    }

    /// All elements, or none of them.
    fn push_list(&mut self, array: &[u8]) -> bool {
        let (items, texts) = (self.items(), self.texts.len());
        let fits =
            elements(array).all(|element| Json::read(element).is_some_and(|value| self.push_scalar(&value)));
        // Lists that hold nothing but empty containers do not exist; the document knows.
        if !fits || (is_empty(array) && array.len() > 2) {
            self.numbers.truncate(items);
            self.doubles.truncate(items);
            self.bools.truncate(items);
            self.texts.truncate(texts);
            self.text_ends.truncate(items + 1);
            return false;
        }
        true
    }

    /// Whether most values are in the column.
    fn pays(&self) -> bool {
        self.valid.count() > self.open.count() && i32::try_from(self.texts.len()).is_ok()
    }
}

fn lay(spec: &IndexSpec, columns: &[Column], rows: usize) -> Vec<u8> {
    let place = |(number, column): (usize, &Column)| Place {
        keys: column.keys.clone(),
        class: column.class,
        list: column.list,
        first: 1 + SECTIONS * number,
    };
    let places = columns.iter().enumerate().map(place).collect();
    let directory = Directory { spec: spec.clone(), places };
    let mut writer = Writer::new(SHREDDED);
    writer.number(rows);
    writer.section(&serde_json::to_vec(&directory).unwrap_or_default());
    for column in columns {
        match column.class {
            Class::Bool => writer.section(&column.bools),
            Class::Whole => writer.section(&column.numbers),
            Class::Double | Class::Number => writer.section(&column.doubles),
            Class::Text => writer.section(&column.texts),
        }
        writer.section(if column.class == Class::Text { &column.text_ends } else { &[] });
        writer.section(if column.list { &column.list_ends } else { &[] });
        writer.section(column.valid.words());
        writer.section(column.open.words());
    }
    writer.finish()
}
