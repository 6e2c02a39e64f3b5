//! DropPartition.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes a partition and its rows; success when there is none.
pub(in crate::rpc) async fn drop_partition(call: Call, request: m::DropPartitionRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::DropPartition { target, name: request.partition_name }).await?;
    Ok(success())
}
