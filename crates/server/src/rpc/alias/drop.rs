//! DropAlias.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes an alias; success when there is none.
pub(in crate::rpc) async fn drop_alias(call: Call, request: m::DropAliasRequest) -> Result<Status> {
    let database = call.database(&request.db_name).to_owned();
    call.db.alter(CatalogChange::DropAlias { database, alias: request.alias }).await?;
    Ok(success())
}
