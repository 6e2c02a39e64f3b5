//! CreateAlias.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Points an alias at a collection; success when it points there already.
pub(in crate::rpc) async fn create_alias(call: Call, request: m::CreateAliasRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::CreateAlias { target, alias: request.alias }).await?;
    Ok(success())
}
