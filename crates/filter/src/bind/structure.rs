//! Struct arrays: their parts, and predicates over their elements.

use super::{Binder, Bound, Constant, condition};
use crate::ast::{Call, Kind, Node, Part};
use crate::error::{Outcome, invalid};
use crate::plan::{self, Access, Count, Elements, Operand};
use elanus_types::{DataType, FieldSchema, StructSchema, Value};

/// The call that chooses elements; every other one over elements chooses rows.
const ELEMENT_FILTER: &str = "element_filter";

/// Splits off an `element_filter`, which may stand alone or last in a chain of `and`.
pub(super) fn element_filter(root: &Node) -> (Option<&[Node]>, Option<&Call>) {
    let filter = |node: &'_ Node| matches!(&node.kind, Kind::Call(call) if is_element_filter(call));
    match &root.kind {
        Kind::Call(call) if is_element_filter(call) => (Some(&[]), Some(call)),
        Kind::And(operands) => match operands.split_last() {
            Some((Node { kind: Kind::Call(call), .. }, rest))
                if is_element_filter(call) && !rest.iter().any(filter) =>
            {
                (Some(rest), Some(call))
            }
            _ => (None, None),
        },
        _ => (None, None),
    }
}

fn is_element_filter(call: &Call) -> bool {
    call.reserved && call.name == ELEMENT_FILTER
}

impl Binder<'_> {
    /// `s[sub]`, `s[0][sub]` or `$[sub]`.
    pub(super) fn part(&self, node: &Node, part: &Part) -> Outcome<Operand> {
        let shown = || self.shown(node);
        match part {
            Part::Current(name) => {
                let Some(structure) = self.scope else {
                    return invalid(format!(
                        "$[x] syntax can only be used inside ElementFilter or MATCH_*, got: {}",
                        shown()
                    ));
                };
                let field = self.part_of(structure, name)?;
                let element = element_type(field);
                let access = if element.is_vector() { Access::Vector } else { Access::Scalar };
                Ok(Operand { field: field.id, access: access(element), nullable: false })
            }
            _ if self.scope.is_some() => self.only_elements(&shown()),
            Part::Whole(structure, name) => {
                let structure = self.structure(structure)?;
                let field = self.part_of(structure, name)?;
                Ok(lists(structure, field))
            }
            Part::At(structure, index, name) => {
                let structure = self.structure(structure)?;
                let field = self.part_of(structure, name)?;
                let element = element_type(field);
                let access = match element.is_vector() {
                    true => Access::Vector(element),
                    false => Access::Element(element, *index),
                };
                Ok(Operand { field: field.id, access, nullable: structure.nullable })
            }
        }
    }

    /// The refusal of what belongs to a row where a predicate is about an element.
    pub(super) fn only_elements<T>(&self, shown: &str) -> Outcome<T> {
        invalid(format!("only $[x] can be used inside ElementFilter or MATCH_*, got: {shown}"))
    }

    /// The lists of the struct array that a node names, which are null where its structs are.
    pub(super) fn whole(&self, node: &Node) -> Outcome<Option<Operand>> {
        let Kind::Name(name) = &node.kind else { return Ok(None) };
        match self.schema.structure(name) {
            None => Ok(None),
            Some(_) if self.scope.is_some() => self.only_elements(name),
            Some(structure) => self.anchor(structure).map(Some),
        }
    }

    /// `match_any(s, predicate)` and its like.
    pub(super) fn matches(&self, call: &Call) -> Outcome<Bound> {
        let count = self.count(call)?;
        Ok(Bound::Condition(plan::Node::Elements(Box::new(self.elements(call, count)?))))
    }

    /// What `element_filter(s, predicate)` says of a row: some element passes.
    pub(super) fn filtered(&self, call: &Call) -> Outcome<Elements> {
        if let Some((option, _)) = call.options.first() {
            return invalid(format!("{} has no option {option}", call.name));
        }
        self.elements(call, Count::Any)
    }

    fn elements(&self, call: &Call, count: Count) -> Outcome<Elements> {
        if self.scope.is_some() {
            return invalid(format!("{} cannot stand inside ElementFilter or MATCH_*", call.name));
        }
        let [structure, predicate] = call.arguments.as_slice() else {
            return invalid(format!("{} takes 2 arguments, got {}", call.name, call.arguments.len()));
        };
        let Kind::Name(name) = &structure.kind else {
            return invalid(format!(
                "the first argument of {} must be a struct array field, got: {}",
                call.name,
                self.shown(structure)
            ));
        };
        let structure = self.structure(name)?;
        let inside = Binder { scope: Some(structure), ..*self };
        match condition(inside.bound(predicate)?) {
            Some(condition) => Ok(Elements { lists: self.anchor(structure)?, condition, count }),
            None => invalid(format!(
                "the predicate of {} is not a boolean expression: {}",
                call.name,
                self.shown(predicate)
            )),
        }
    }

    /// How many elements must pass.
    fn count(&self, call: &Call) -> Outcome<Count> {
        let (name, counted) = (call.name.to_uppercase(), call.name.as_str());
        let threshold = match call.options.as_slice() {
            [] => None,
            [(option, value)] if option == "threshold" => Some(self.threshold(&name, value)?),
            _ => return invalid(format!("{counted} takes the option threshold only, once")),
        };
        let least = i64::from(counted == "match_least");
        match (counted, threshold) {
            ("match_any", None) => Ok(Count::Any),
            ("match_all", None) => Ok(Count::All),
            ("match_any" | "match_all", Some(_)) => invalid(format!("{counted} has no option threshold")),
            (_, None) => invalid(format!("{name} needs the option threshold = N")),
            (_, Some(count)) if count < least => {
                let wanted = if least == 1 { "must be positive" } else { "cannot be negative" };
                invalid(format!("count in {name} {wanted}, got: {count}"))
            }
            ("match_least", Some(count)) => Ok(Count::Least(count.unsigned_abs())),
            ("match_most", Some(count)) => Ok(Count::Most(count.unsigned_abs())),
            (_, Some(count)) => Ok(Count::Exactly(count.unsigned_abs())),
        }
    }

    fn threshold(&self, name: &str, node: &Node) -> Outcome<i64> {
        match self.bound(node)? {
            Bound::Constant(Constant { value: Value::Int(count), .. }) => Ok(count),
            _ => invalid(format!("count in {name} must be an integer, got: {}", self.shown(node))),
        }
    }

    fn structure(&self, name: &str) -> Outcome<&StructSchema> {
        match self.schema.structure(name) {
            Some(structure) => Ok(structure),
            None if self.schema.field(name).is_some() => {
                invalid(format!("field {name} is not a struct array field"))
            }
            None => invalid(format!("struct array field {name} not exist")),
        }
    }

    fn part_of(&self, structure: &StructSchema, name: &str) -> Outcome<&FieldSchema> {
        let mut parts = structure.fields.iter().filter_map(|id| self.schema.field_by_id(*id));
        let found = parts.find(|field| field.part().is_some_and(|(_, part)| part == name));
        found
            .ok_or(())
            .or_else(|()| invalid(format!("struct array field {} has no field {name}", structure.name)))
    }

    fn anchor(&self, structure: &StructSchema) -> Outcome<Operand> {
        match structure.fields.first().and_then(|id| self.schema.field_by_id(*id)) {
            Some(field) => Ok(lists(structure, field)),
            None => invalid(format!("struct array field {} has no fields", structure.name)),
        }
    }
}

fn element_type(field: &FieldSchema) -> DataType {
    field.element_type.unwrap_or(DataType::Int64)
}

/// A part of all structs of a row.
fn lists(structure: &StructSchema, field: &FieldSchema) -> Operand {
    let access = match field.data_type {
        DataType::ArrayOfVector => Access::Vector(DataType::ArrayOfVector),
        _ => Access::Array(element_type(field)),
    };
    Operand { field: field.id, access, nullable: structure.nullable }
}
