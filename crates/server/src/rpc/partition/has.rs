//! HasPartition.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Whether a collection has a partition of this name.
pub(in crate::rpc) async fn has_partition(
    call: Call,
    request: m::HasPartitionRequest,
) -> Result<m::BoolResponse> {
    let meta = call.collection(&call.target(&request.db_name, &request.collection_name))?;
    let value = meta.partition(&request.partition_name).is_some();
    Ok(m::BoolResponse { status: Some(success()), value })
}
