//! Query.

use super::Input;
use crate::rows;
use crate::schema::pair;
use crate::session::{Failure, Outcome, Session, accepted, line, send};
use elanus_proto::milvus as m;
use elanus_proto::schema::template_array_value::Data as List;
use elanus_proto::schema::template_value::Val;
use elanus_proto::schema::{self as wire, TemplateArrayValue, TemplateValue};
use serde_json::Value;
use std::collections::HashMap;

/// One row on a line; `count N` when only rows were counted; with `session` a last line says what timestamp was read.
pub async fn query(session: &Session, input: &mut Input) -> Outcome {
    let arguments = &mut input.arguments;
    let mut query_params = Vec::new();
    for key in [
        "limit",
        "offset",
        "iterator",
        "ignore_growing",
        "collection_id",
        "order_by_fields",
        "group_by_fields",
        "timezone",
        "query_iter_last_element_offset",
    ] {
        query_params.extend(arguments.text(key).map(|value| pair(key, value)));
    }
    let guarantee = arguments.int("guarantee")?.unwrap_or(0);
    let with_session = arguments.flag("session");
    let message = m::QueryRequest {
        collection_name: input.words.first().cloned().ok_or("a collection is missing")?,
        expr: arguments.text("filter").unwrap_or_default(),
        output_fields: arguments.texts("output"),
        partition_names: arguments.texts("partitions"),
        guarantee_timestamp: guarantee.cast_unsigned(),
        query_params,
        use_default_consistency: true,
        expr_template_values: templates(input)?,
        ..Default::default()
    };
    let reply = send!(session, query, message);
    accepted(reply.status.as_ref())?;
    let mut lines = answered(&reply)?;
    if with_session {
        lines.push(line(["session".into(), reply.session_ts.into()]));
    }
    Ok(lines)
}

fn answered(reply: &m::QueryResults) -> Outcome {
    let first = reply.fields_data.first().ok_or("no columns came back, clients fail on that")?;
    if reply.fields_data.len() == 1
        && let ("count(*)", [count]) = (first.field_name.as_str(), rows::cells(first)?.as_slice())
    {
        return Ok(vec![line(["count".into(), count.clone()])]);
    }
    let rows = rows::rows(&reply.fields_data, &reply.output_fields, rows::count(first)?)?;
    let mut elements = reply.element_indices.iter();
    let line = |row| {
        let mut words = line([Value::Object(row)]);
        if let Some(places) = elements.next().and_then(|it| it.indices.as_ref()) {
            words.extend(["elements".into(), places.data.clone().into()]);
        }
        words
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Values for the names in a filter.
pub fn templates(input: &mut Input) -> Result<HashMap<String, TemplateValue>, Failure> {
    let templates = input.arguments.map("templates").into_iter();
    templates.map(|(name, value)| Ok((name, TemplateValue { val: Some(template(&value)?) }))).collect()
}

fn template(value: &Value) -> Result<Val, Failure> {
    Ok(match value {
        Value::Bool(v) => Val::BoolVal(*v),
        Value::Number(v) => match v.as_i64() {
            Some(int) => Val::Int64Val(int),
            None => Val::FloatVal(v.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(v) => Val::StringVal(v.clone()),
        Value::Array(items) => Val::ArrayVal(TemplateArrayValue { data: Some(list(items)) }),
        other => return Err(format!("{other} cannot be a template value").into()),
    })
}

/// A list of one type; JSON where the types differ.
fn list(items: &[Value]) -> List {
    fn all<T>(items: &[Value], read: impl Fn(&Value) -> Option<T>) -> Option<Vec<T>> {
        items.iter().map(read).collect()
    }
    if let Some(data) = all(items, Value::as_i64) {
        return List::LongData(wire::LongArray { data });
    }
    if let Some(data) = all(items, Value::as_bool) {
        return List::BoolData(wire::BoolArray { data });
    }
    if let Some(data) = all(items, Value::as_f64) {
        return List::DoubleData(wire::DoubleArray { data });
    }
    if let Some(data) = all(items, |item| Some(item.as_str()?.to_owned().into())) {
        return List::StringData(wire::StringArray { data });
    }
    List::JsonData(wire::JsonArray { data: items.iter().map(|item| item.to_string().into()).collect() })
}
