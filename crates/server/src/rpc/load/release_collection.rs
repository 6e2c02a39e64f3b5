//! ReleaseCollection.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Stops serving searches of a collection.
pub(in crate::rpc) async fn release_collection(
    call: Call,
    request: m::ReleaseCollectionRequest,
) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::Release { target, partitions: Vec::new() }).await?;
    Ok(success())
}
