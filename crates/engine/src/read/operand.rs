//! What a request orders or groups by: a field, or a place in a JSON document.

use super::path::{self, Step};
use super::scalar::Scalar;
use elanus_types::{CollectionSchema, ColumnView, DataType, FieldSchema};

/// A field or a place in a JSON field.
#[derive(Clone, Debug, PartialEq)]
pub struct Operand {
    /// As the request spells it.
    pub name: String,
    /// The field to read.
    pub field: FieldSchema,
    /// Where in its document; empty = the value itself.
    pub steps: Vec<Step>,
}

impl Operand {
    /// Finds `field`, `json["key"][0]`, `$meta["key"]` or a dynamic key; `None` when the collection has none such.
    pub fn find(schema: &CollectionSchema, name: &str) -> Option<Self> {
        let of = |field: &FieldSchema, steps| Self { name: name.to_owned(), field: field.clone(), steps };
        if let Some(field) = schema.field(name) {
            return Some(of(field, Vec::new()));
        }
        let start = name.find('[').unwrap_or(name.len());
        let (base, rest) = name.split_at_checked(start)?;
        let base = base.trim();
        let mut steps = path::brackets(rest)?;
        match (schema.field(base), schema.dynamic()) {
            (Some(field), _) => (field.data_type == DataType::Json).then(|| of(field, steps)),
            (None, Some(dynamic)) if !base.is_empty() => {
                steps.insert(0, Step::Key(base.to_owned()));
                Some(of(dynamic, steps))
            }
            _ => None,
        }
    }

    /// The value of a row of the field's column.
    #[inline]
    pub fn value<'a>(&self, view: &ColumnView<'a>, row: usize) -> Scalar<'a> {
        if self.steps.is_empty() {
            return Scalar::at(view, row);
        }
        match view.is_valid(row).then(|| view.data.bytes(row)).flatten() {
            Some(document) => path::seek(document, &self.steps),
            None => Scalar::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema(dynamic: bool) -> CollectionSchema {
        let mut fields =
            vec![FieldSchema::new(100, "id", DataType::Int64), FieldSchema::new(101, "j", DataType::Json)];
        if dynamic {
            fields.push(FieldSchema { dynamic: true, ..FieldSchema::new(102, "$meta", DataType::Json) });
        }
        CollectionSchema { fields, ..CollectionSchema::default() }
    }

    fn found(dynamic: bool, name: &str) -> Option<(i64, Vec<Step>)> {
        Operand::find(&schema(dynamic), name).map(|operand| (operand.field.id, operand.steps))
    }

    #[test]
    fn names_lead_to_fields_and_places() {
        let key = |name: &str| Step::Key(name.to_owned());
        assert_eq!(found(false, "id"), Some((100, vec![])));
        assert_eq!(found(false, "j[\"a\"][2]"), Some((101, vec![key("a"), Step::Index(2)])));
        assert_eq!(found(true, "$meta['a']"), Some((102, vec![key("a")])));
        assert_eq!(found(true, "a"), Some((102, vec![key("a")])));
        assert_eq!(found(true, "a[\"b\"]"), Some((102, vec![key("a"), key("b")])));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for name in
            ["a", "a[\"b\"]", "id[\"a\"]", "j[", "j[x]", "j[\"a\"", "j[\"a\"]x", "[\"a\"]", "", "$meta"]
        {
            assert_eq!(found(false, name), None, "{name}");
        }
        assert_eq!(found(true, "[\"a\"]"), None);
    }
}
