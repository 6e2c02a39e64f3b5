//! ListResourceGroups.

use super::DEFAULT_GROUP;
use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// The one group that one node makes.
pub(in crate::rpc) async fn list_resource_groups(
    _: Call,
    _: m::ListResourceGroupsRequest,
) -> Result<m::ListResourceGroupsResponse> {
    let resource_groups = vec![DEFAULT_GROUP.to_owned()];
    Ok(m::ListResourceGroupsResponse { status: Some(success()), resource_groups })
}
