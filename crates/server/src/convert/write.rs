//! Writes as sent and as answered.

use super::{ids, input, value};
use crate::status;
use elanus_proto::milvus as wire;
use elanus_proto::schema::FieldPartialUpdateOp;
use elanus_proto::schema::field_partial_update_op::OpType;
use elanus_types::write::{DeleteRequest, FieldOp, InsertMode, InsertRequest, WriteOutcome};
use elanus_types::{CollectionRef, Error, ErrorKind, Result};

/// The most entries of `err_index`: a client states how many rows it sends, and a failed call need not have sent any.
const MOST_FAILED_ROWS: u32 = 65_536;

/// An insert as sent.
pub(crate) fn insert(target: CollectionRef, request: wire::InsertRequest) -> Result<InsertRequest> {
    no_namespace(request.namespace.as_deref())?;
    Ok(InsertRequest {
        target,
        partition: named(request.partition_name),
        rows: request.num_rows as usize,
        fields: input::fields(request.fields_data)?,
        schema_timestamp: request.schema_timestamp,
        mode: InsertMode::Insert,
    })
}

/// An upsert as sent.
pub(crate) fn upsert(target: CollectionRef, request: wire::UpsertRequest) -> Result<InsertRequest> {
    no_namespace(request.namespace.as_deref())?;
    let field_ops = field_ops(request.field_ops)?;
    if let Some((field, _)) = field_ops.first()
        && !request.partial_update
    {
        let message =
            format!("field_ops on field {field} needs a partial update, set partial_update to true");
        return Err(Error::invalid(message));
    }
    Ok(InsertRequest {
        target,
        partition: named(request.partition_name),
        rows: request.num_rows as usize,
        fields: input::fields(request.fields_data)?,
        schema_timestamp: request.schema_timestamp,
        mode: InsertMode::Upsert { partial: request.partial_update, field_ops },
    })
}

/// A delete as sent.
pub(crate) fn delete(target: CollectionRef, request: wire::DeleteRequest) -> Result<DeleteRequest> {
    no_namespace(request.namespace.as_deref())?;
    Ok(DeleteRequest {
        target,
        partition: named(request.partition_name),
        filter: value::filter(request.expr, &request.expr_template_values)?,
    })
}

/// Which of the three counts of an answer a write fills.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counted {
    /// `insert_cnt`.
    Inserted,
    /// `upsert_cnt`.
    Upserted,
    /// `delete_cnt`.
    Deleted,
}

/// A write that was done. Deletes carry no keys: clients turn an answer with keys into a list.
pub(crate) fn reply(outcome: WriteOutcome, counted: Counted) -> wire::MutationResult {
    let count = i64::try_from(outcome.count).unwrap_or(i64::MAX);
    let mut reply = wire::MutationResult {
        status: Some(status::success()),
        acknowledged: true,
        timestamp: outcome.timestamp.0,
        ..Default::default()
    };
    match counted {
        Counted::Inserted => reply.insert_cnt = count,
        Counted::Upserted => reply.upsert_cnt = count,
        Counted::Deleted => reply.delete_cnt = count,
    }
    if let Some(keys) = outcome.ids.filter(|_| counted != Counted::Deleted) {
        reply.succ_index = (0..u32::try_from(outcome.count).unwrap_or(u32::MAX)).collect();
        reply.i_ds = Some(ids::ids_out(keys));
    }
    reply
}

/// A write of `rows` rows of which none was done.
pub(crate) fn failed(method: &str, error: &Error, rows: u32) -> wire::MutationResult {
    tracing::debug!(method, code = error.kind().code(), reason = error.message(), "call failed");
    wire::MutationResult {
        status: Some(status::failure(error)),
        err_index: (0..rows.min(MOST_FAILED_ROWS)).collect(),
        ..Default::default()
    }
}

/// Namespaces are a way to spread rows that Elanus has partition keys for.
pub(super) fn no_namespace(name: Option<&str>) -> Result<()> {
    match name.filter(|name| !name.is_empty()) {
        None => Ok(()),
        Some(name) => {
            let message =
                format!("namespace {name} is given, namespaces are not supported: use a partition key");
            Err(Error::new(ErrorKind::Unsupported, message))
        }
    }
}

fn named(partition: String) -> Option<String> {
    Some(partition).filter(|name| !name.is_empty())
}

/// The operations that are more than taking the new value.
fn field_ops(ops: Vec<FieldPartialUpdateOp>) -> Result<Vec<(String, FieldOp)>> {
    let mut out: Vec<(String, FieldOp)> = Vec::new();
    for FieldPartialUpdateOp { field_name, op } in ops {
        let op = match OpType::try_from(op) {
            Ok(OpType::Replace) => continue,
            Ok(OpType::ArrayAppend) => FieldOp::ArrayAppend,
            Ok(OpType::ArrayRemove) => FieldOp::ArrayRemove,
            Err(_) => {
                let message = format!("field_ops: operation {op} on field {field_name} is not known");
                return Err(Error::invalid(message));
            }
        };
        if out.iter().any(|(known, _)| *known == field_name) {
            return Err(Error::invalid(format!("field_ops: field {field_name} has more than one operation")));
        }
        out.push((field_name, op));
    }
    Ok(out)
}

#[cfg(test)]
mod tests;
