//! AddCollectionField, and AlterCollectionSchema where it says the same.

use crate::call::Call;
use crate::convert::schema_in;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_proto::milvus::alter_collection_schema_request::action::Op;
use elanus_proto::schema::FieldSchema;
use elanus_types::{CollectionRef, Error, ErrorKind, Result};
use prost::Message;

/// Adds a field to a collection.
pub(in crate::rpc) async fn add_collection_field(
    call: Call,
    request: m::AddCollectionFieldRequest,
) -> Result<Status> {
    let target = call.target_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let field = FieldSchema::decode(&request.schema[..])
        .map_err(|error| Error::invalid(format!("the schema of the field is malformed: {error}")))?;
    add(&call, target, &field).await?;
    Ok(success())
}

/// Adds one field; every other change of a schema is refused by name.
pub(in crate::rpc) async fn alter_collection_schema(
    call: Call,
    request: m::AlterCollectionSchemaRequest,
) -> Result<m::AlterCollectionSchemaResponse> {
    let target = call.target_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let field = match request.action.and_then(|action| action.op) {
        Some(Op::AddRequest(add)) if !add.func_schema.is_empty() => {
            return Err(unsupported("functions cannot be added, compute their outputs before inserting"));
        }
        Some(Op::AddRequest(mut add)) if add.field_infos.len() == 1 => {
            add.field_infos.pop().and_then(|info| info.field_schema)
        }
        Some(Op::AddRequest(_)) => {
            return Err(unsupported("fields are added one by one, send one per request"));
        }
        Some(Op::DropRequest(_)) => {
            return Err(unsupported(
                "fields cannot be dropped, create a collection without the field and insert the rows again",
            ));
        }
        None => None,
    };
    let field = field.ok_or_else(|| Error::invalid("the request names no field to add"))?;
    add(&call, target, &field).await?;
    Ok(m::AlterCollectionSchemaResponse { alter_status: Some(success()) })
}

async fn add(call: &Call, target: CollectionRef, field: &FieldSchema) -> Result<()> {
    let field = Box::new(schema_in::field(field, &target.name)?);
    call.db.alter(CatalogChange::AddField { target, field }).await
}

fn unsupported(message: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("AlterCollectionSchema: {message}"))
}
