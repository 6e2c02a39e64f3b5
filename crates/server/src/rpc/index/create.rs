//! CreateIndex.

use crate::call::Call;
use crate::convert::index;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Creates an index; a repetition is a success. Building it is the engine's work, in the background.
pub(in crate::rpc) async fn create_index(call: Call, request: m::CreateIndexRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::CreateIndex(index::new_index(target, request)?)).await?;
    Ok(success())
}
