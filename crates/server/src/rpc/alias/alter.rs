//! AlterAlias.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Moves an existing alias to another collection.
pub(in crate::rpc) async fn alter_alias(call: Call, request: m::AlterAliasRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::AlterAlias { target, alias: request.alias }).await?;
    Ok(success())
}
