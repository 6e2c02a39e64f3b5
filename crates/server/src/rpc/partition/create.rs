//! CreatePartition.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Creates a partition; success when it exists.
pub(in crate::rpc) async fn create_partition(
    call: Call,
    request: m::CreatePartitionRequest,
) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::CreatePartition { target, name: request.partition_name }).await?;
    Ok(success())
}
