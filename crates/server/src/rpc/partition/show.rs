//! ShowPartitions.

use super::named;
use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::LoadState;
use elanus_types::Result;

/// Partitions of a collection: all, or those asked for by name.
#[allow(deprecated)]
pub(in crate::rpc) async fn show_partitions(
    call: Call,
    request: m::ShowPartitionsRequest,
) -> Result<m::ShowPartitionsResponse> {
    let meta = call.collection_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let mut reply = m::ShowPartitionsResponse { status: Some(success()), ..Default::default() };
    for partition in named(&meta, &request.partition_names)? {
        let loaded = meta.load == LoadState::Loaded && !partition.released;
        reply.partition_names.push(partition.name.clone());
        reply.partition_i_ds.push(partition.id);
        reply.created_timestamps.push(partition.created.0);
        reply.created_utc_timestamps.push(partition.created.millis());
        reply.in_memory_percentages.push(if loaded { 100 } else { 0 });
    }
    Ok(reply)
}
