//! ReleasePartitions.

use super::some_partition;
use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Stops serving searches of some partitions.
pub(in crate::rpc) async fn release_partitions(
    call: Call,
    request: m::ReleasePartitionsRequest,
) -> Result<Status> {
    some_partition(&request.partition_names)?;
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::Release { target, partitions: request.partition_names }).await?;
    Ok(success())
}
