//! TruncateCollection.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes every row of a collection.
pub(in crate::rpc) async fn truncate_collection(
    call: Call,
    request: m::TruncateCollectionRequest,
) -> Result<m::TruncateCollectionResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    call.db.alter(CatalogChange::Truncate(target)).await?;
    Ok(m::TruncateCollectionResponse { status: Some(success()) })
}
