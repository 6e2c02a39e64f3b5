//! LoadCollection.

use super::{check_placement, check_refresh};
use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Serves searches of a collection; done when this returns.
pub(in crate::rpc) async fn load_collection(call: Call, request: m::LoadCollectionRequest) -> Result<Status> {
    check_placement(request.replica_number, &request.resource_groups)?;
    let target = call.target(&request.db_name, &request.collection_name);
    if request.refresh {
        check_refresh(&call, &target)?;
        return Ok(success());
    }
    let fields = request.load_fields;
    call.db.alter(CatalogChange::Load { target, partitions: Vec::new(), fields }).await?;
    Ok(success())
}
