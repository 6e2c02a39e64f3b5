//! DropIndex.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes an index; success when there is none.
pub(in crate::rpc) async fn drop_index(call: Call, request: m::DropIndexRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    let change = CatalogChange::DropIndex { target, name: request.index_name, field: request.field_name };
    call.db.alter(change).await?;
    Ok(success())
}
