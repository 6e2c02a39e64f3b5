//! What a query asks to be grouped and aggregated.

use elanus_types::query::{OrderBy, QueryRequest};
use elanus_types::{CollectionSchema, DataType, Error, FieldId, FieldSchema, Result};

/// The output field that counts rows.
pub const COUNT: &str = "count(*)";

/// A grouped or aggregated query, resolved.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The fields whose values form groups; none = all rows are one group.
    pub groups: Vec<FieldSchema>,
    /// What is computed for each group.
    pub aggregates: Vec<Aggregate>,
    /// The columns of the answer, each once.
    pub outputs: Vec<Output>,
    /// What the groups are ordered by before their own values.
    pub order: Vec<(Output, OrderBy)>,
}

/// A column of the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// A field that forms groups.
    Group(usize),
    /// An aggregate.
    Aggregate(usize),
}

/// One aggregate.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// What is computed.
    pub function: Function,
    /// Of which field; `None` = of rows.
    pub input: Option<FieldSchema>,
    /// As the request spells it.
    pub name: String,
}

/// What an aggregate computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Rows, or values that are not null.
    Count,
    /// The sum of all values.
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The mean.
    Avg,
}

impl Plan {
    /// `None` where a request neither groups nor aggregates.
    pub fn new(schema: &CollectionSchema, request: &QueryRequest) -> Result<Option<Self>> {
        let names: Vec<&str> = request.output_fields.iter().map(|name| name.trim()).collect();
        if request.group_by.is_empty() && !names.iter().any(|name| call(name).is_some()) {
            return Ok(None);
        }
        let groups = request.group_by.iter().map(|name| group(schema, name)).collect::<Result<_>>()?;
        let mut plan = Self { groups, aggregates: Vec::new(), outputs: Vec::new(), order: Vec::new() };
        for name in names {
            let output = plan.output(schema, name)?;
            if !plan.outputs.contains(&output) {
                plan.outputs.push(output);
            }
        }
        if plan.outputs.is_empty() {
            plan.outputs = (0..plan.groups.len()).map(Output::Group).collect();
        }
        plan.order = request.order_by.iter().map(|by| plan.ordered(by)).collect::<Result<_>>()?;
        Ok(Some(plan))
    }

    /// Whether only rows are counted, which needs no column.
    pub fn only_counts_rows(&self) -> bool {
        self.groups.is_empty() && self.aggregates.iter().all(|aggregate| aggregate.input.is_none())
    }

    /// The fields to read: those that form groups, then those of aggregates, each once.
    pub fn fields(&self) -> Vec<FieldId> {
        let mut fields: Vec<FieldId> = Vec::new();
        let inputs = self.aggregates.iter().filter_map(|aggregate| aggregate.input.as_ref());
        for field in self.groups.iter().chain(inputs) {
            if !fields.contains(&field.id) {
                fields.push(field.id);
            }
        }
        fields
    }

    fn output(&mut self, schema: &CollectionSchema, name: &str) -> Result<Output> {
        if let Some((function, argument)) = call(name) {
            let aggregate = aggregate(schema, name, function, argument)?;
            let known = self.aggregates.iter().position(|known| *known == aggregate);
            return Ok(Output::Aggregate(known.unwrap_or_else(|| {
                self.aggregates.push(aggregate);
                self.aggregates.len() - 1
            })));
        }
        let group = self.groups.iter().position(|field| field.name == name);
        group.map(Output::Group).ok_or_else(|| {
            Error::invalid(format!(
                "output field {name} is neither an aggregate nor one of the group_by_fields, add it there or leave it out"
            ))
        })
    }

    fn ordered(&self, by: &OrderBy) -> Result<(Output, OrderBy)> {
        let name = by.field.trim();
        let group = self.groups.iter().position(|field| field.name == name).map(Output::Group);
        let same = |aggregate: &Aggregate| match (call(name), call(&aggregate.name)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        };
        let output = group.or_else(|| self.aggregates.iter().position(same).map(Output::Aggregate));
        let output = output.ok_or_else(|| {
            Error::invalid(format!(
                "order_by field '{name}' must be one of the group_by_fields or of the aggregates in the output"
            ))
        })?;
        Ok((output, by.clone()))
    }
}

/// `function(argument)`; `None` for any other name.
fn call(name: &str) -> Option<(Function, &str)> {
    let (function, rest) = name.trim().split_once('(')?;
    let argument = rest.trim_end().strip_suffix(')')?.trim();
    let function = match function.trim().to_ascii_lowercase().as_str() {
        "count" => Function::Count,
        "sum" => Function::Sum,
        "min" => Function::Min,
        "max" => Function::Max,
        "avg" => Function::Avg,
        _ => return None,
    };
    Some((function, argument))
}

fn group(schema: &CollectionSchema, name: &str) -> Result<FieldSchema> {
    let field = schema
        .field(name)
        .ok_or_else(|| Error::invalid(format!("group_by field {name} not exist in collection schema")))?;
    let data_type = field.data_type;
    match data_type {
        DataType::Bool | DataType::VarChar | DataType::Timestamptz => Ok(field.clone()),
        _ if data_type.is_integer() => Ok(field.clone()),
        _ => Err(Error::invalid(format!(
            "group_by field {name} has unsupported data type {data_type}, use a field of integers, texts or flags"
        ))),
    }
}

fn aggregate(schema: &CollectionSchema, name: &str, function: Function, argument: &str) -> Result<Aggregate> {
    if argument == "*" {
        return match function {
            // Clients read the count under this name, however they spell it.
            Function::Count => Ok(Aggregate { function, input: None, name: COUNT.to_owned() }),
            _ => Err(Error::invalid(format!("{name} is not supported: only count takes *, name a field"))),
        };
    }
    let field = schema.field(argument);
    let field = field.ok_or_else(|| Error::invalid(format!("field {argument} not exist")))?;
    let data_type = field.data_type;
    let legal = match function {
        Function::Count => true,
        Function::Sum | Function::Avg => data_type.is_number(),
        Function::Min | Function::Max => {
            data_type.is_number() || matches!(data_type, DataType::VarChar | DataType::Timestamptz)
        }
    };
    if !legal {
        let function = format!("{function:?}").to_lowercase();
        return Err(Error::invalid(format!(
            "aggregate {function} is not supported on field {argument} of type {data_type}"
        )));
    }
    Ok(Aggregate { function, input: Some(field.clone()), name: name.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use elanus_types::CollectionRef;

    fn schema() -> CollectionSchema {
        let fields = [
            ("id", DataType::Int64),
            ("t", DataType::VarChar),
            ("f", DataType::Float),
            ("j", DataType::Json),
        ];
        let fields = fields.into_iter().zip(100..);
        let fields = fields.map(|((name, data_type), id)| FieldSchema::new(id, name, data_type)).collect();
        CollectionSchema { fields, ..CollectionSchema::default() }
    }

    fn plan(outputs: &[&str], groups: &[&str], order: &[&str]) -> Result<Option<Plan>> {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let target = CollectionRef { database: "default".into(), name: "c".into() };
        let request = QueryRequest {
            output_fields: texts(outputs),
            group_by: texts(groups),
            order_by: order.iter().map(|name| OrderBy::new(*name, false)).collect(),
            ..QueryRequest::new(target)
        };
        Plan::new(&schema(), &request)
    }

    #[test]
    fn outputs_are_groups_and_aggregates_each_once() -> Result<()> {
        assert!(plan(&["id", "t"], &[], &[])?.is_none());
        let plan = plan(&["t", " COUNT( * ) ", "sum(f)", "count(*)", "t"], &["t"], &["sum( f )", "t"])?;
        let plan = plan.expect("a plan");
        assert_eq!(plan.outputs, [Output::Group(0), Output::Aggregate(0), Output::Aggregate(1)]);
        assert_eq!(plan.aggregates[0].name, "count(*)");
        assert_eq!(plan.fields(), [101, 102]);
        let order: Vec<Output> = plan.order.iter().map(|(output, _)| *output).collect();
        assert_eq!(order, [Output::Aggregate(1), Output::Group(0)]);
        assert!(!plan.only_counts_rows());
        Ok(())
    }

    #[test]
    fn groups_alone_are_their_own_output() -> Result<()> {
        let plan = plan(&[], &["t", "id"], &[])?.expect("a plan");
        assert_eq!(plan.outputs, [Output::Group(0), Output::Group(1)]);
        Ok(())
    }

    #[test]
    fn what_cannot_be_aggregated_is_named() {
        let message = |outputs: &[&str], groups: &[&str], order: &[&str]| {
            plan(outputs, groups, order).expect_err("a bad plan").message().to_owned()
        };
        assert_eq!(message(&["sum(x)"], &[], &[]), "field x not exist");
        assert!(message(&["sum(*)"], &[], &[]).starts_with("sum(*) is not supported: only count takes *"));
        assert_eq!(
            message(&["avg(t)"], &[], &[]),
            "aggregate avg is not supported on field t of type VarChar"
        );
        assert_eq!(message(&["min(j)"], &[], &[]), "aggregate min is not supported on field j of type JSON");
        assert!(message(&["count(*)", "id"], &[], &[]).starts_with("output field id is neither"));
        assert!(message(&["count(*)"], &["f"], &[]).contains("unsupported data type Float"));
        assert!(message(&["count(*)"], &["x"], &[]).contains("group_by field x not exist"));
        assert!(message(&["count(*)"], &["t"], &["id"]).starts_with("order_by field 'id' must be one"));
        assert!(
            message(&["count(*)"], &["t"], &["sum(f)"]).starts_with("order_by field 'sum(f)' must be one")
        );
    }
}
