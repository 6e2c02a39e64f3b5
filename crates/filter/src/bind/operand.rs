//! Names to fields, dynamic keys and places inside them.

use super::Binder;
use crate::ast::{Node, Step};
use crate::error::{Outcome, invalid};
use crate::plan::{Access, Operand};
use elanus_types::{DataType, FieldSchema};

/// Longest path into a document; reading one recurses once per step.
const MAX_STEPS: usize = 128;

impl Binder<'_> {
    /// What `name` with `steps` means: a field, or a key of the dynamic field.
    pub(super) fn named(&self, node: &Node, name: &str, steps: &[Step]) -> Outcome<Operand> {
        if name == "null" || name == "NULL" {
            return invalid(
                "NULL literal is not supported in expressions; use '<field> is null' or '<field> is not null'",
            );
        }
        if self.scope.is_some() {
            return self.only_elements(name);
        }
        if self.schema.structure(name).is_some() {
            return invalid(format!(
                "struct array field {name} can be tested for null or given to match_*, element_filter; use {name}[x] for a field of it"
            ));
        }
        if steps.len() > MAX_STEPS {
            return invalid(format!("a path has {} steps, at most {MAX_STEPS} are allowed", steps.len()));
        }
        if let Some(field) = self.schema.field(name) {
            return into_field(field, steps);
        }
        let Some(dynamic) = self.schema.dynamic() else {
            return self.no_field(node, name);
        };
        let mut path = vec![Step::Key(name.to_owned())];
        path.extend_from_slice(steps);
        Ok(Operand { field: dynamic.id, access: Access::Json(path), nullable: dynamic.nullable })
    }
}

fn into_field(field: &FieldSchema, steps: &[Step]) -> Outcome<Operand> {
    let element = field.element_type.unwrap_or(DataType::Int64);
    let access = match (field.data_type, steps) {
        (DataType::Json, _) => Access::Json(steps.to_vec()),
        (DataType::Array, []) => Access::Array(element),
        (DataType::Array, [Step::Index(index)]) => Access::Element(element, *index),
        (DataType::Array, _) => return invalid("can only access array field with integer index"),
        (data_type, []) if data_type.is_vector() => Access::Vector(data_type),
        (data_type, []) => Access::Scalar(data_type),
        (data_type, _) => {
            return invalid(format!("{data_type} data type not supported accessed with []"));
        }
    };
    Ok(Operand { field: field.id, access, nullable: field.nullable })
}
