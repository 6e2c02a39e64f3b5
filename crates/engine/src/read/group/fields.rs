//! By what hits are grouped: values of fields and of places in JSON documents.

use crate::read::operand::Operand;
use crate::read::output::{Place, gather};
use crate::read::path;
use crate::read::scalar::Scalar;
use elanus_segment::Segment;
use elanus_types::query::OutputField;
use elanus_types::search::{GroupBy, JsonGroup};
use elanus_types::{
    CollectionSchema, Column, ColumnBuilder, ColumnView, DataType, Error, FieldId, FieldSchema, Result,
};
use std::sync::Arc;

/// The fields of a group-by, resolved.
#[derive(Clone, Debug)]
pub struct GroupFields {
    parts: Vec<Part>,
}

/// One of them.
#[derive(Clone, Debug)]
struct Part {
    operand: Operand,
    /// What a value inside a document becomes; `None` = the field's own values.
    cast: Option<Cast>,
}

#[derive(Clone, Copy, Debug)]
struct Cast {
    to: DataType,
    /// Values of another type count as null.
    strict: bool,
}

impl GroupFields {
    /// Resolves the fields and checks that their values can form groups.
    pub fn new(schema: &CollectionSchema, by: &GroupBy) -> Result<Self> {
        if by.json.path.is_some() && by.fields.len() > 1 {
            return Err(Error::invalid(
                "json_path is not supported with several group_by_fields, write each place as field[\"key\"]",
            ));
        }
        let parts = by.fields.iter().map(|name| Part::new(schema, name, &by.json));
        Ok(Self { parts: parts.collect::<Result<_>>()? })
    }

    /// The fields to read.
    pub fn ids(&self) -> Vec<FieldId> {
        self.parts.iter().map(|part| part.operand.field.id).collect()
    }

    /// The columns of [`GroupFields::ids`] as groups' values.
    pub fn cast(&self, columns: Vec<Column>) -> Vec<Column> {
        let pairs = self.parts.iter().zip(columns);
        let cast = |(part, column): (&Part, Column)| match part.cast {
            Some(cast) => part.values(cast, &column.view()),
            None => column,
        };
        pairs.map(cast).collect()
    }

    /// The values of hits, one column for each field.
    pub fn values(&self, segments: &[Arc<dyn Segment>], places: &[Place]) -> Result<Vec<Column>> {
        let empty = || self.parts.iter().map(|part| ColumnBuilder::for_field(&part.schema())).collect();
        gather(segments, places, empty, |segment, rows| Ok(self.cast(segment.take(rows, &self.ids())?)))
    }

    /// The same as columns of an answer.
    pub fn output(&self, segments: &[Arc<dyn Segment>], places: &[Place]) -> Result<Vec<OutputField>> {
        let pairs = self.parts.iter().zip(self.values(segments, places)?);
        let output = pairs.map(|(part, column)| {
            let field = FieldSchema { nullable: column.valid.is_some(), ..part.schema() };
            OutputField { field, column }
        });
        Ok(output.collect())
    }
}

impl Part {
    fn new(schema: &CollectionSchema, name: &str, json: &JsonGroup) -> Result<Self> {
        if schema.structure(name).is_some() {
            return Err(Error::invalid("unsupported data type ArrayOfStruct for group by operator"));
        }
        let operand = Operand::find(schema, name).ok_or_else(|| {
            Error::invalid(format!("groupBy field not found in schema: field {name} not exist"))
        })?;
        let operand = match &json.path {
            Some(path) => inside(schema, operand, path)?,
            None => operand,
        };
        let data_type = operand.field.data_type;
        let cast = (data_type == DataType::Json && !operand.steps.is_empty())
            .then(|| Cast { to: json.data_type.unwrap_or(DataType::VarChar), strict: json.strict });
        let plain = data_type.is_integer()
            || matches!(data_type, DataType::Bool | DataType::VarChar | DataType::Timestamptz);
        if !plain && cast.is_none() {
            return Err(Error::invalid(format!("unsupported data type {data_type} for group by operator")));
        }
        Ok(Self { operand, cast })
    }

    /// Name and type of the values.
    fn schema(&self) -> FieldSchema {
        match self.cast {
            None => self.operand.field.clone(),
            Some(cast) => FieldSchema::new(self.operand.field.id, self.operand.name.clone(), cast.to),
        }
    }

    fn values(&self, cast: Cast, documents: &ColumnView<'_>) -> Column {
        let mut column = ColumnBuilder::for_type(cast.to);
        for row in 0..documents.len() {
            cast.push(&mut column, &self.operand.value(documents, row));
        }
        column.finish()
    }
}

/// The place `path` in the field that `operand` names.
fn inside(schema: &CollectionSchema, operand: Operand, path: &str) -> Result<Operand> {
    let wrong = || {
        let name = &operand.name;
        Error::invalid(format!(
            "json_path {path} is not a place in the group by field {name}, write it as {name}[\"key\"] or /key"
        ))
    };
    if operand.field.data_type != DataType::Json {
        return Err(wrong());
    }
    let steps = match path::pointer(path) {
        Some(steps) => [operand.steps.clone(), steps].concat(),
        None => {
            let place = Operand::find(schema, path).filter(|place| place.field.id == operand.field.id);
            place.ok_or_else(wrong)?.steps
        }
    };
    if steps.is_empty() {
        return Err(wrong());
    }
    Ok(Operand { steps, ..operand })
}

impl Cast {
    /// Appends a value as the type wanted, null where it has none.
    fn push(self, column: &mut ColumnBuilder, value: &Scalar<'_>) {
        let pushed = match (self.to, value) {
            (DataType::VarChar, Scalar::Text(text)) => {
                column.push_bytes(text);
                true
            }
            (DataType::VarChar, value) if !self.strict => match text(value) {
                Some(text) => {
                    column.push_bytes(&text);
                    true
                }
                None => false,
            },
            (DataType::Bool, Scalar::Bool(flag)) => column.push(&elanus_types::Value::Bool(*flag)),
            (to, value) if to.is_integer() => {
                whole(value, self.strict).is_some_and(|value| column.push(&elanus_types::Value::Int(value)))
            }
            _ => false,
        };
        if !pushed {
            column.push_null();
        }
    }
}

/// A value as JSON writes it, a text without its quotes.
fn text(value: &Scalar<'_>) -> Option<Vec<u8>> {
    match value {
        Scalar::Null => None,
        Scalar::Bool(flag) => Some(flag.to_string().into_bytes()),
        Scalar::Int(number) => Some(number.to_string().into_bytes()),
        Scalar::Float(number) => Some(serde_json::Value::from(*number).to_string().into_bytes()),
        Scalar::Text(text) | Scalar::Document(text) => Some(text.to_vec()),
    }
}

/// A whole number; one written with a point counts too unless types must be the same.
fn whole(value: &Scalar<'_>, strict: bool) -> Option<i64> {
    match value {
        Scalar::Int(number) => Some(*number),
        Scalar::Float(number) if !strict && number.fract() == 0.0 && number.abs() < 9.2e18 => {
            Some(*number as i64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> CollectionSchema {
        let types = [("id", DataType::Int64), ("f", DataType::Float), ("j", DataType::Json)];
        let fields = types.into_iter().zip(100..);
        let mut fields: Vec<_> =
            fields.map(|((name, data_type), id)| FieldSchema::new(id, name, data_type)).collect();
        fields.push(FieldSchema { dynamic: true, ..FieldSchema::new(103, "$meta", DataType::Json) });
        CollectionSchema { fields, ..CollectionSchema::default() }
    }

    fn by(field: &str, path: Option<&str>, data_type: Option<DataType>, strict: bool) -> GroupBy {
        let json = JsonGroup { path: path.map(str::to_owned), data_type, strict };
        GroupBy { json, ..GroupBy::new(field) }
    }

    fn values(by: &GroupBy) -> Vec<String> {
        let documents = [
            r#"{"a":1}"#,
            r#"{"a":1.0}"#,
            r#"{"a":1.5}"#,
            r#"{"a":"1"}"#,
            r#"{"a":true}"#,
            r#"{"a":null}"#,
            "{}",
            r#"{"a":[1, 2]}"#,
            r#"{"a":300}"#,
        ];
        let fields = GroupFields::new(&schema(), by).expect("a place");
        let columns = fields.cast(vec![Column::from_bytes(documents)]);
        let view = columns[0].view();
        (0..view.len()).map(|row| view.value(row).to_string()).collect()
    }

    #[test]
    fn values_in_documents_take_the_type_asked_for() {
        let texts =
            ["\"1\"", "\"1.0\"", "\"1.5\"", "\"1\"", "\"true\"", "null", "null", "\"[1,2]\"", "\"300\""];
        assert_eq!(values(&by("j[\"a\"]", None, None, false)), texts);
        assert_eq!(values(&by("a", None, None, false)), texts);
        assert_eq!(values(&by("j", Some("j['a']"), None, false)), texts);
        assert_eq!(values(&by("j", Some("/a"), None, false)), texts);
        let only_texts = ["null", "null", "null", "\"1\"", "null", "null", "null", "null", "null"];
        assert_eq!(values(&by("j", Some("/a"), Some(DataType::VarChar), true)), only_texts);
        let whole = ["1", "1", "null", "null", "null", "null", "null", "null", "300"];
        assert_eq!(values(&by("j", Some("/a"), Some(DataType::Int64), false)), whole);
        let strict = ["1", "null", "null", "null", "null", "null", "null", "null", "300"];
        assert_eq!(values(&by("j", Some("/a"), Some(DataType::Int16), true)), strict);
        assert_eq!(values(&by("j", Some("/a"), Some(DataType::Int8), true))[8], "null", "out of range");
        assert_eq!(values(&by("j", Some("/a"), Some(DataType::Bool), false))[3..5], ["null", "true"]);
    }

    #[test]
    fn what_cannot_form_groups_is_named() {
        let message =
            |by: &GroupBy| GroupFields::new(&schema(), by).expect_err("no group").message().to_owned();
        assert_eq!(message(&by("f", None, None, false)), "unsupported data type Float for group by operator");
        assert_eq!(message(&by("j", None, None, false)), "unsupported data type JSON for group by operator");
        for path in ["f", "id[\"a\"]", "", "j[", "/"] {
            let text = message(&by("id", Some(path), None, false));
            assert!(text.starts_with("json_path"), "{path}: {text}");
        }
        assert!(message(&by("j", Some("a"), None, false)).starts_with("json_path a is not a place"));
        let several = GroupBy { fields: vec!["id".into(), "j".into()], ..by("", Some("/a"), None, false) };
        assert!(message(&several).starts_with("json_path is not supported with several"));
        let mut fixed = schema();
        fixed.fields.pop();
        let error = GroupFields::new(&fixed, &GroupBy::new("x")).expect_err("no field");
        assert_eq!(error.message(), "groupBy field not found in schema: field x not exist");
    }
}
