//! Indexes.

use super::{Input, done, listed};
use crate::schema::pair;
use crate::session::{Outcome, Session, accepted, line, plain, send};
use elanus_proto::common::IndexState;
use elanus_proto::milvus as m;
use serde_json::Value;

/// `create_index COLLECTION FIELD {type, metric, name, params}`.
pub async fn create(session: &Session, input: &mut Input) -> Outcome {
    let arguments = &mut input.arguments;
    let index_name = arguments.text("name").unwrap_or_default();
    let mut extra_params = Vec::new();
    for (argument, key) in [("type", "index_type"), ("metric", "metric_type")] {
        extra_params.extend(arguments.text(argument).map(|value| pair(key, value)));
    }
    extra_params.extend(arguments.take("params").map(|params| pair("params", plain(&params))));
    extra_params.extend(input.pairs("raw"));
    let message = m::CreateIndexRequest {
        collection_name: input.word(0)?,
        field_name: input.word(1)?,
        index_name,
        extra_params,
        ..Default::default()
    };
    done(&send!(session, create_index, message))
}

/// How often to look whether builds are done, every [`PAUSE`].
const LOOKS: usize = 500;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(20);

/// Each index on a line: field, name, state, then its parameters; `rows: true` adds how many are indexed. Builds under
/// way, which a restart may cause at any time, are waited for.
pub async fn describe(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DescribeIndexRequest {
        collection_name: input.word(0)?,
        index_name: input.words.get(1).cloned().unwrap_or_default(),
        field_name: input.arguments.text("field").unwrap_or_default(),
        ..Default::default()
    };
    let mut reply = send!(session, describe_index, message.clone());
    for _ in 0..LOOKS {
        let building = |index: &m::IndexDescription| index.state == IndexState::InProgress as i32;
        if !reply.index_descriptions.iter().any(building) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        reply = send!(session, describe_index, message.clone());
    }
    accepted(reply.status.as_ref())?;
    let rows = input.arguments.flag("rows");
    let mut lines: Vec<Vec<Value>> =
        reply.index_descriptions.iter().map(|index| described(index, rows)).collect();
    lines.sort_by_key(|line| line.first().map(ToString::to_string));
    Ok(lines)
}

fn described(index: &m::IndexDescription, rows: bool) -> Vec<Value> {
    let state = IndexState::try_from(index.state).map_or("unknown", |state| state.as_str_name());
    let params = listed(&index.params, &["elanus.resolved"]).into_iter().filter_map(|pair| {
        let [key, value] = pair.as_slice() else { return None };
        Some((key.as_str()?.to_owned(), value.clone()))
    });
    let params = Value::Object(params.collect());
    let mut described =
        line([index.field_name.as_str().into(), index.index_name.as_str().into(), state.into(), params]);
    if rows {
        described.extend([index.indexed_rows, index.pending_index_rows, index.total_rows].map(Value::from));
    }
    described
}

/// `drop_index COLLECTION NAME`.
pub async fn drop(session: &Session, input: &mut Input) -> Outcome {
    let (collection_name, index_name) = (input.word(0)?, input.word(1)?);
    done(&send!(
        session,
        drop_index,
        m::DropIndexRequest { collection_name, index_name, ..Default::default() }
    ))
}

/// `alter_index COLLECTION NAME {properties, delete}`.
pub async fn alter(session: &Session, input: &mut Input) -> Outcome {
    let message = m::AlterIndexRequest {
        collection_name: input.word(0)?,
        index_name: input.word(1)?,
        extra_params: input.pairs("properties"),
        delete_keys: input.arguments.texts("delete"),
        ..Default::default()
    };
    done(&send!(session, alter_index, message))
}
