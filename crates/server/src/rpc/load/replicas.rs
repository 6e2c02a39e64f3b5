//! GetReplicas.

use crate::call::Call;
use crate::rpc::resource_group::DEFAULT_GROUP;
use crate::rpc::system::NODE;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::LoadState;
use elanus_types::Result;

/// One replica, on this node, when the collection is loaded.
pub(in crate::rpc) async fn get_replicas(
    call: Call,
    request: m::GetReplicasRequest,
) -> Result<m::GetReplicasResponse> {
    let meta = call.collection_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let mut reply = m::GetReplicasResponse { status: Some(success()), replicas: Vec::new() };
    if meta.load == LoadState::Loaded {
        let shard = |shard: i32| m::ShardReplica {
            leader_id: NODE,
            leader_addr: String::new(),
            dm_channel_name: format!("elanus-dml_{shard}_{}v{shard}", meta.id),
            node_ids: vec![NODE],
        };
        let loaded = meta.partitions.iter().filter(|partition| !partition.released);
        reply.replicas.push(m::ReplicaInfo {
            replica_id: meta.id,
            collection_id: meta.id,
            partition_ids: loaded.map(|partition| partition.id).collect(),
            shard_replicas: (0..meta.shards.max(1)).map(shard).collect(),
            node_ids: vec![NODE],
            resource_group_name: DEFAULT_GROUP.to_owned(),
            ..Default::default()
        });
    }
    Ok(reply)
}
