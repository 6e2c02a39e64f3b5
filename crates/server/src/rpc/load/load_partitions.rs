//! LoadPartitions.

use super::{check_placement, check_refresh, some_partition};
use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Serves searches of some partitions; done when this returns.
pub(in crate::rpc) async fn load_partitions(call: Call, request: m::LoadPartitionsRequest) -> Result<Status> {
    check_placement(request.replica_number, &request.resource_groups)?;
    some_partition(&request.partition_names)?;
    let target = call.target(&request.db_name, &request.collection_name);
    if request.refresh {
        check_refresh(&call, &target)?;
        return Ok(success());
    }
    let (partitions, fields) = (request.partition_names, request.load_fields);
    call.db.alter(CatalogChange::Load { target, partitions, fields }).await?;
    Ok(success())
}
