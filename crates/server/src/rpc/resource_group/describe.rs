//! DescribeResourceGroup.

use super::{DEFAULT_GROUP, known};
use crate::call::Call;
use crate::rpc::system::NODE;
use crate::status::success;
use elanus_proto::common::NodeInfo;
use elanus_proto::milvus as m;
use elanus_types::LoadState;
use elanus_types::Result;

/// The default group: this node and what it has loaded.
pub(in crate::rpc) async fn describe_resource_group(
    call: Call,
    request: m::DescribeResourceGroupRequest,
) -> Result<m::DescribeResourceGroupResponse> {
    known(&request.resource_group)?;
    let catalog = call.db.catalog();
    let loaded = catalog.collections.values().filter(|meta| meta.load == LoadState::Loaded);
    let group = m::ResourceGroup {
        name: DEFAULT_GROUP.to_owned(),
        capacity: 1,
        num_available_node: 1,
        num_loaded_replica: loaded.map(|meta| (meta.name.clone(), 1)).collect(),
        nodes: vec![NodeInfo { node_id: NODE, ..Default::default() }],
        ..Default::default()
    };
    Ok(m::DescribeResourceGroupResponse { status: Some(success()), resource_group: Some(group) })
}
