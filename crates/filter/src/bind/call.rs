//! Calls: functions over arrays, documents and texts.

use super::text::is_text;
use super::value::{cast, shown};
use super::{Binder, Bound, Constant};
use crate::ast::{Call, Comparison, Node};
use crate::error::{Outcome, invalid};
use crate::pattern::Pattern;
use crate::plan::{self, Access, Members, Operand, Test};
use elanus_geotime::geometry::Relation;
use elanus_types::{DataType, Value};

impl Binder<'_> {
    pub(super) fn call(&self, node: &Node, call: &Call) -> Outcome<Bound> {
        match (call.name.as_str(), call.reserved) {
            ("json_contains" | "array_contains", true) => self.contains(call, false, false),
            ("json_contains_all" | "array_contains_all", true) => self.contains(call, true, true),
            ("json_contains_any" | "array_contains_any", true) => self.contains(call, false, true),
            ("array_length", true) => self.array_length(call),
            ("random_sample", true) => self.random_sample(call),
            ("text_match", true) => self.text_match(call),
            ("text_match_fuzzy", true) => self.text_match_fuzzy(call),
            ("phrase_match", true) => self.phrase_match(call),
            ("st_equals", true) => self.relation(call, Relation::Equals),
            ("st_touches", true) => self.relation(call, Relation::Touches),
            ("st_overlaps", true) => self.relation(call, Relation::Overlaps),
            ("st_crosses", true) => self.relation(call, Relation::Crosses),
            ("st_contains", true) => self.relation(call, Relation::Contains),
            ("st_intersects", true) => self.relation(call, Relation::Intersects),
            ("st_within", true) => self.relation(call, Relation::Within),
            ("st_dwithin", true) => self.near(call),
            ("st_isvalid", true) => self.is_valid_shape(call),
            ("match_any" | "match_all" | "match_least" | "match_most" | "match_exact", true) => {
                self.matches(call)
            }
            ("element_filter", true) => invalid(
                "element filter expression can only be the last expression in the logical and expression",
            ),
            (name, true) => invalid(format!("{name} is not supported yet")),
            ("empty", false) => self.empty(call),
            ("starts_with", false) => self.starts_with(call),
            (name, false) => {
                let mut types = Vec::new();
                for argument in &call.arguments {
                    types.push(self.bound(argument)?.type_name().to_lowercase());
                }
                self.no_function(node, name, &types.join(", "))
            }
        }
    }

    pub(super) fn arguments<'c, const N: usize>(&self, call: &'c Call) -> Outcome<&'c [Node; N]> {
        if let Some((option, _)) = call.options.first() {
            return invalid(format!("{} has no option {option}", call.name));
        }
        match call.arguments.first_chunk() {
            Some(arguments) if call.arguments.len() == N => Ok(arguments),
            _ => invalid(format!("{} takes {N} arguments, got {}", call.name, call.arguments.len())),
        }
    }

    fn contains(&self, call: &Call, all: bool, list: bool) -> Outcome<Bound> {
        let [container, element] = self.arguments(call)?;
        let operand = match self.bound(container)? {
            Bound::Operand(operand) if matches!(operand.access, Access::Array(_) | Access::Json(_)) => {
                operand
            }
            other => {
                return invalid(format!(
                    "contains operation are only supported on json or array fields now, got: {}",
                    other.type_name()
                ));
            }
        };
        let Bound::Constant(Constant { value, .. }) = self.bound(element)? else {
            return invalid(format!(
                "{} operation element must be a constant, but got: {}",
                call.name,
                self.shown(element)
            ));
        };
        let values = match (value, list) {
            (Value::Array(values), true) => values,
            (_, true) => return invalid(format!("{} operation element must be an array", call.name)),
            (value, false) => vec![value],
        };
        if values.is_empty() {
            return Ok(Bound::Condition(plan::Node::Known(all)));
        }
        let members = match operand.access {
            Access::Array(element) => Members::of_column(elements(&call.name, values, element)?),
            _ => Members::of_json(documents(&call.name, values)?),
        };
        Ok(Bound::Condition(plan::Node::Test(operand, Test::Contains { all, members })))
    }

    fn array_length(&self, call: &Call) -> Outcome<Bound> {
        let [container] = self.arguments(call)?;
        let bound = self.bound(container)?;
        match bound {
            Bound::Operand(Operand {
                field,
                access: Access::Array(_) | Access::Vector(DataType::ArrayOfVector),
                nullable,
            }) => Ok(Bound::Operand(Operand { field, access: Access::ArrayLength, nullable })),
            Bound::Operand(Operand { field, access: Access::Json(path), nullable }) => {
                Ok(Bound::Operand(Operand { field, access: Access::JsonLength(path), nullable }))
            }
            other => invalid(format!(
                "array_length operation are only supported on json or array fields now, got: {}",
                other.type_name()
            )),
        }
    }

    fn empty(&self, call: &Call) -> Outcome<Bound> {
        let [text] = self.arguments(call)?;
        let test = Test::Compare(Comparison::Eq, Value::Str(String::new()));
        Ok(Bound::Condition(plan::Node::Test(self.text_field(call, text)?, test)))
    }

    fn starts_with(&self, call: &Call) -> Outcome<Bound> {
        let [text, prefix] = self.arguments(call)?;
        let field = self.text_field(call, text)?;
        match self.bound(prefix)? {
            Bound::Constant(Constant { value: Value::Str(prefix), .. }) => {
                let test = Test::Match(Pattern::starts_with(&prefix));
                Ok(Bound::Condition(plan::Node::Test(field, test)))
            }
            Bound::Operand(prefix) if is_text(&prefix) => {
                Ok(Bound::Condition(plan::Node::StartsWith(field, prefix)))
            }
            other => invalid(format!(
                "function starts_with(varchar, {}) not found",
                other.type_name().to_lowercase()
            )),
        }
    }

    fn text_field(&self, call: &Call, node: &Node) -> Outcome<Operand> {
        match self.bound(node)? {
            Bound::Operand(operand) if is_text(&operand) => Ok(operand),
            other => {
                invalid(format!("function {}({}) not found", call.name, other.type_name().to_lowercase()))
            }
        }
    }
}

/// The members asked for in an ARRAY, cast to its element type.
fn elements(name: &str, values: Vec<Value>, element: DataType) -> Outcome<Vec<Value>> {
    let mut kept = Vec::with_capacity(values.len());
    for value in values {
        let same_class = match value {
            Value::Bool(_) => element == DataType::Bool,
            Value::Int(_) | Value::Float(_) => element.is_number(),
            Value::Str(_) => element == DataType::VarChar,
            _ => false,
        };
        if !same_class {
            return invalid(format!(
                "{name} operation can't compare between array element type: {element} and {}",
                value.kind()
            ));
        }
        match cast(&value, element) {
            Some(value) => kept.push(value),
            None => return invalid(format!("cannot cast value to {element}, value: {}", shown(&value))),
        }
    }
    Ok(kept)
}

/// The members asked for in a JSON array: anything but objects.
fn documents(name: &str, values: Vec<Value>) -> Outcome<Vec<Value>> {
    match values.iter().find(|value| cast(value, DataType::Json).is_none()) {
        Some(value) => {
            invalid(format!("{name} operation element must be generic value, but got: {}", shown(value)))
        }
        None => Ok(values),
    }
}
