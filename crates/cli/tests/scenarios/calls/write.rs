//! Insert, upsert, delete.

use super::Input;
use super::query::templates;
use crate::columns::columns;
use crate::rows::keys;
use crate::session::{Failure, Outcome, Session, accepted, line, send};
use elanus_proto::milvus as m;
use elanus_proto::schema::FieldData;
use elanus_proto::schema::FieldPartialUpdateOp;
use elanus_proto::schema::field_partial_update_op::OpType;
use serde_json::Value;

struct Rows {
    collection_name: String,
    partition_name: String,
    fields_data: Vec<FieldData>,
    num_rows: u32,
    schema_timestamp: u64,
}

async fn rows(session: &Session, input: &mut Input) -> Result<Rows, Failure> {
    let collection_name = input.word(0)?;
    let rows = input.rows()?;
    let schema = session.schema(&collection_name).await?;
    let types = input.arguments.map("types");
    let count = input.arguments.int("num_rows")?.unwrap_or(rows.len() as i64);
    let timestamp = input.arguments.int("schema_timestamp")?.unwrap_or(0);
    Ok(Rows {
        collection_name,
        partition_name: input.arguments.text("partition").unwrap_or_default(),
        fields_data: columns(&rows, &schema, &types)?,
        num_rows: u32::try_from(count).map_err(|error| error.to_string())?,
        schema_timestamp: timestamp.cast_unsigned(),
    })
}

pub async fn insert(session: &Session, input: &mut Input) -> Outcome {
    let Rows { collection_name, partition_name, fields_data, num_rows, schema_timestamp } =
        rows(session, input).await?;
    let message = m::InsertRequest {
        collection_name,
        partition_name,
        fields_data,
        num_rows,
        schema_timestamp,
        ..Default::default()
    };
    let reply = send!(session, insert, message);
    written(&reply, "inserted", reply.insert_cnt, input)
}

pub async fn upsert(session: &Session, input: &mut Input) -> Outcome {
    let Rows { collection_name, partition_name, fields_data, num_rows, schema_timestamp } =
        rows(session, input).await?;
    let ops = [("append", OpType::ArrayAppend), ("remove", OpType::ArrayRemove)].into_iter().flat_map(
        |(name, op)| {
            let fields = input.arguments.texts(name).into_iter();
            fields.map(move |field_name| FieldPartialUpdateOp { field_name, op: op.into() })
        },
    );
    let field_ops = ops.collect();
    let message = m::UpsertRequest {
        collection_name,
        partition_name,
        fields_data,
        num_rows,
        schema_timestamp,
        partial_update: input.arguments.flag("partial"),
        field_ops,
        ..Default::default()
    };
    let reply = send!(session, upsert, message);
    written(&reply, "upserted", reply.upsert_cnt, input)
}

/// The count, and the keys where they are asked for.
fn written(reply: &m::MutationResult, what: &str, count: i64, input: &mut Input) -> Outcome {
    let with_ids = input.arguments.flag("ids");
    accepted(reply.status.as_ref())?;
    if reply.timestamp == 0 {
        return Err("a write without a timestamp".into());
    }
    let ids = keys(reply.i_ds.as_ref().and_then(|ids| ids.id_field.as_ref()));
    if ids.len() as i64 != count {
        return Err(format!("{count} rows but {} keys came back", ids.len()).into());
    }
    let mut lines = vec![line([what.into(), count.into()])];
    if with_ids {
        lines.push(std::iter::once(Value::from("ids")).chain(ids).collect());
    }
    Ok(lines)
}

pub async fn delete(session: &Session, input: &mut Input) -> Outcome {
    let message = m::DeleteRequest {
        collection_name: input.word(0)?,
        partition_name: input.arguments.text("partition").unwrap_or_default(),
        expr: input.arguments.text("filter").unwrap_or_default(),
        expr_template_values: templates(input)?,
        ..Default::default()
    };
    let reply = send!(session, delete, message);
    accepted(reply.status.as_ref())?;
    if reply.i_ds.is_some() {
        return Err("a delete answers no keys: clients would return a list".into());
    }
    Ok(vec![line(["deleted".into(), reply.delete_cnt.into()])])
}
