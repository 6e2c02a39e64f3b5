//! Tests of places in JSON documents.

use super::{Run, Truth, Wanted, is_wanted};
use crate::ast::{Comparison, Step};
use crate::json::{Json, Span, Tree, Walk, elements, is_empty, list_equals};
use crate::plan::{Access, Arithmetic, Limit, Members, Node, Operand, Test};
use elanus_kernels::Bitmap;
use elanus_types::{ColumnRef, ColumnView, FieldId, Value};

/// The JSON fields of a filter with all places it asks for, and where these lie in the rows read so far.
pub(super) struct Documents(Vec<Document>);

struct Document {
    field: FieldId,
    tree: Tree,
    /// Rows whose spans are known; each row is scanned once however many places are asked for.
    read: Bitmap,
    /// Row by row, one span per path.
    spans: Vec<Span>,
}

impl Documents {
    /// The places that `node` asks for.
    pub(super) fn of(node: &Node) -> Self {
        let mut documents = Documents(Vec::new());
        crate::predicate::visit(node, &mut |operand| match &operand.access {
            Access::Json(path) | Access::JsonLength(path) => documents.add(operand.field, path),
            _ => {}
        });
        documents
    }

    fn add(&mut self, field: FieldId, path: &[Step]) {
        let known = self.0.iter_mut().find(|document| document.field == field);
        if let Some(document) = known {
            return document.tree.insert(path);
        }
        let mut tree = Tree::new();
        tree.insert(path);
        self.0.push(Document { field, tree, read: Bitmap::default(), spans: Vec::new() });
    }
}

impl Document {
    /// Reads the wanted rows that were not read before.
    fn read(&mut self, view: &ColumnView<'_>, rows: usize, wanted: Wanted<'_>) {
        let paths = self.tree.paths();
        if self.spans.is_empty() {
            self.spans = vec![Span::default(); rows.saturating_mul(paths)];
            self.read = Bitmap::zeros(rows);
        }
        let mut scratch = Vec::new();
        let ColumnRef::Bytes { offsets, data } = &view.data else { return };
        for row in 0..rows.min(view.len()) {
            if !is_wanted(wanted, row) || self.read.get(row) || !view.is_valid(row) {
                continue;
            }
            self.read.set(row);
            let (Some(&start), Some(&end)) = (offsets.get(row), offsets.get(row + 1)) else { continue };
            let (Some(document), Some(found)) =
                (data.get(start as usize..end as usize), self.spans.get_mut(row * paths..(row + 1) * paths))
            else {
                continue;
            };
            Walk::run(&self.tree, document, start as usize, found, &mut scratch);
        }
    }
}

impl Run<'_> {
    /// Calls `visit` with every wanted row and the text at `path`, empty when it is missing.
    pub(super) fn places(
        &mut self,
        field: FieldId,
        path: &[Step],
        wanted: Wanted<'_>,
        mut visit: impl FnMut(usize, &[u8]),
    ) {
        let Some(view) = self.source.column(field) else { return };
        let Some(document) = self.documents.0.iter_mut().find(|document| document.field == field) else {
            return;
        };
        let ColumnRef::Bytes { data, .. } = &view.data else { return };
        let Some(path) = document.tree.path(path) else { return };
        document.read(&view, self.rows, wanted);
        let paths = document.tree.paths();
        for row in 0..self.rows.min(view.len()) {
            if is_wanted(wanted, row) {
                let span = document.spans.get(row * paths + path).copied().unwrap_or_default();
                visit(row, data.get(span.start as usize..span.end as usize).unwrap_or(&[]));
            }
        }
    }

    /// `test` over a place (or, for `length`, over the length of the array there).
    pub(super) fn document_test(
        &mut self,
        field: FieldId,
        path: &[Step],
        test: &Test,
        length: bool,
        wanted: Wanted<'_>,
    ) -> Truth {
        let (mut yes, mut unknown) = (Bitmap::zeros(self.rows), Bitmap::ones(self.rows));
        self.places(field, path, wanted, |row, text| {
            let value = match (Json::read(text), length) {
                (Some(Json::Array(array)), true) => Some(Json::Int(elements(array).count() as i64)),
                (_, true) => None,
                (value, false) => value,
            };
            match value.and_then(|value| answer(test, &value)) {
                None => {}
                Some(passes) => {
                    unknown.clear(row);
                    if passes {
                        yes.set(row);
                    }
                }
            }
        });
        Truth { yes, unknown: Some(unknown) }
    }

    pub(super) fn exists(&mut self, operand: &Operand, wanted: Wanted<'_>) -> Truth {
        let mut yes = Bitmap::zeros(self.rows);
        if let Access::Json(path) = &operand.access {
            self.places(operand.field, path, wanted, |row, text| {
                if !is_empty(text) {
                    yes.set(row);
                }
            });
        }
        Truth { yes, unknown: None }
    }
}

/// A test of one JSON value; `None` = unknown: the value is of another class than the test's constants.
fn answer(test: &Test, value: &Json<'_>) -> Option<bool> {
    match test {
        Test::Compare(comparison, constant) => compare(value, *comparison, constant),
        Test::Between(low, high) => between(value, low, high),
        Test::In(members) => member(value, members),
        Test::Arithmetic(arithmetic) => compute(value, arithmetic),
        Test::Match(pattern) => match value {
            Json::Text(text) => Some(pattern.matches(text)),
            _ => None,
        },
        Test::Contains { all, members } => match value {
            Json::Array(array) if *all => Some(contains_all(array, members)),
            Json::Array(array) => Some(contains_any(array, members)),
            _ => None,
        },
        // Documents hold neither moments nor shapes.
        Test::Shifted(_) | Test::Shape(_) => None,
    }
}

fn compare(value: &Json<'_>, comparison: Comparison, constant: &Value) -> Option<bool> {
    if let (Json::Array(array), Value::Array(list)) = (value, constant) {
        return Some(list_equals(array, list) == (comparison == Comparison::Eq));
    }
    value.compare(constant).ok().map(|order| comparison.holds(order))
}

fn between(value: &Json<'_>, low: &Limit, high: &Limit) -> Option<bool> {
    let above = if low.inclusive { Comparison::Ge } else { Comparison::Gt };
    let below = if high.inclusive { Comparison::Le } else { Comparison::Lt };
    Some(compare(value, above, &low.value)? && compare(value, below, &high.value)?)
}

fn member(value: &Json<'_>, members: &Members) -> Option<bool> {
    let comparable = match value {
        Json::Null | Json::Object => false,
        _ if members.is_empty() => true,
        Json::Bool(_) => members.has_bools(),
        Json::Int(_) | Json::Float(_) => members.has_numbers(),
        Json::Text(_) => members.has_texts(),
        Json::Array(_) => members.has_lists(),
    };
    comparable.then(|| number(value, members).is_some())
}

/// Which member a value equals.
fn number(value: &Json<'_>, members: &Members) -> Option<usize> {
    match value {
        Json::Bool(value) => members.bool(*value),
        Json::Int(value) => members.integer(*value),
        Json::Float(value) => members.double(*value),
        Json::Text(text) => members.text(text),
        Json::Array(array) => members.list(|list| list_equals(array, list)),
        Json::Null | Json::Object => None,
    }
}

fn contains_any(array: &[u8], members: &Members) -> bool {
    elements(array).any(|element| Json::read(element).is_some_and(|value| number(&value, members).is_some()))
}

fn contains_all(array: &[u8], members: &Members) -> bool {
    let mut met = vec![false; members.distinct()];
    let mut missing = met.len();
    for element in elements(array) {
        let found = Json::read(element).and_then(|value| number(&value, members));
        if let Some(slot) = found.and_then(|number| met.get_mut(number))
            && !*slot
        {
            *slot = true;
            missing -= 1;
        }
    }
    missing == 0
}

/// 64-bit integers when both sides are, doubles otherwise. Operators on integers take doubles that are whole.
fn compute(value: &Json<'_>, arithmetic: &Arithmetic) -> Option<bool> {
    let operator = arithmetic.operator;
    let result = match (value, &arithmetic.right) {
        (Json::Int(left), Value::Int(right)) => Json::Int(operator.integers(*left, *right)),
        (Json::Float(left), Value::Int(right)) if operator.needs_integers() => {
            let whole = left.fract() == 0.0 && left.abs() < 9.2e18;
            whole.then(|| Json::Int(operator.integers(*left as i64, *right)))?
        }
        (Json::Int(left), Value::Float(right)) => Json::Float(operator.doubles(*left as f64, *right)),
        (Json::Float(left), Value::Int(right)) => Json::Float(operator.doubles(*left, *right as f64)),
        (Json::Float(left), Value::Float(right)) => Json::Float(operator.doubles(*left, *right)),
        _ => return None,
    };
    compare(&result, arithmetic.comparison, &arithmetic.result)
}
