//! Collections.

use super::{Input, done, listed, yes_or_no};
use crate::schema;
use crate::session::{Failure, Outcome, Session, accepted, each, line, send};
use elanus_proto::common::ConsistencyLevel;
use elanus_proto::milvus as m;
use prost::Message;
use serde_json::Value;

/// Properties that every collection has.
const ALWAYS: &[&str] = &["timezone", "max_field_id", "consistency_level"];

pub async fn create(session: &Session, input: &mut Input) -> Outcome {
    let mut schema = schema::read(&input.body)?;
    let arguments = &mut input.arguments;
    let name = input.words.first().cloned().ok_or("a name is missing")?;
    schema.name.clone_from(&name);
    schema.description = arguments.text("description").unwrap_or_default();
    let level = arguments.text("consistency").unwrap_or_else(|| "Bounded".to_owned());
    let level = ConsistencyLevel::from_str_name(&level).ok_or("no such consistency level")?;
    let message = m::CreateCollectionRequest {
        collection_name: name,
        schema: schema.encode_to_vec().into(),
        shards_num: number(arguments.int("shards")?)?,
        num_partitions: arguments.int("partitions")?.unwrap_or(0),
        consistency_level: level.into(),
        properties: input.pairs("properties"),
        ..Default::default()
    };
    done(&send!(session, create_collection, message))
}

fn number(value: Option<i64>) -> Result<i32, Failure> {
    value.unwrap_or(0).try_into().map_err(|_| "the number is too large".into())
}

pub async fn drop(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DropCollectionRequest { collection_name: input.word(0)?, ..Default::default() };
    done(&send!(session, drop_collection, message))
}

pub async fn has(session: &Session, input: &mut Input) -> Outcome {
    let message = m::HasCollectionRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, has_collection, message);
    accepted(reply.status.as_ref())?;
    yes_or_no(reply.value)
}

/// The fields as in `create_collection`; then what else there is: aliases, description, properties, and on request
/// the numbers under `show`.
pub async fn describe(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DescribeCollectionRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, describe_collection, message);
    accepted(reply.status.as_ref())?;
    let schema = reply.schema.clone().unwrap_or_default();
    let mut lines = schema::lines(&schema);
    if !schema.description.is_empty() {
        lines.push(line(["description".into(), schema.description.into()]));
    }
    if !reply.aliases.is_empty() {
        let mut aliases = reply.aliases.clone();
        aliases.sort();
        lines.push(std::iter::once("aliases".to_owned()).chain(aliases).map(Value::from).collect());
    }
    for (mut property, name) in
        listed(&reply.properties, ALWAYS).into_iter().zip(std::iter::repeat("property"))
    {
        property.insert(0, name.into());
        lines.push(property);
    }
    let level = ConsistencyLevel::try_from(reply.consistency_level).map(|level| level.as_str_name());
    for what in input.arguments.texts("show") {
        let value: Value = match what.as_str() {
            "name" => reply.collection_name.as_str().into(),
            "id" => reply.collection_id.into(),
            "shards" => reply.shards_num.into(),
            "partitions" => reply.num_partitions.into(),
            "consistency" => level.unwrap_or("unknown").into(),
            "database" => reply.db_name.as_str().into(),
            "updated" => reply.update_timestamp.into(),
            "created" => reply.created_timestamp.into(),
            _ => return Err(format!("nothing is known about {what}").into()),
        };
        lines.push(line([what.into(), value]));
    }
    Ok(lines)
}

pub async fn list(session: &Session) -> Outcome {
    let reply = send!(session, show_collections, m::ShowCollectionsRequest::default());
    accepted(reply.status.as_ref())?;
    let mut names = reply.collection_names;
    names.sort();
    each(names)
}

pub async fn rename(session: &Session, input: &mut Input) -> Outcome {
    let message = m::RenameCollectionRequest {
        old_name: input.word(0)?,
        new_name: input.word(1)?,
        new_db_name: input.arguments.text("database").unwrap_or_default(),
        ..Default::default()
    };
    done(&send!(session, rename_collection, message))
}

pub async fn alter(session: &Session, input: &mut Input) -> Outcome {
    let message = m::AlterCollectionRequest {
        collection_name: input.word(0)?,
        properties: input.pairs("properties"),
        delete_keys: input.arguments.texts("delete"),
        ..Default::default()
    };
    done(&send!(session, alter_collection, message))
}

pub async fn truncate(session: &Session, input: &mut Input) -> Outcome {
    let message = m::TruncateCollectionRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, truncate_collection, message);
    done(&reply.status.ok_or("the answer has no status")?)
}

pub async fn statistics(session: &Session, input: &mut Input) -> Outcome {
    let message = m::GetCollectionStatisticsRequest { collection_name: input.word(0)?, ..Default::default() };
    let reply = send!(session, get_collection_statistics, message);
    accepted(reply.status.as_ref())?;
    rows(&reply.stats)
}

/// The one statistic that clients read.
pub fn rows(stats: &[elanus_proto::common::KeyValuePair]) -> Outcome {
    let found = stats.iter().find(|pair| pair.key == "row_count").ok_or("there is no row_count")?;
    let count: i64 = found.value.parse().map_err(|_| format!("row_count is {:?}", found.value))?;
    Ok(vec![line([count.into()])])
}
