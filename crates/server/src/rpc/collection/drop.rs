//! DropCollection.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes a collection; success when there is none.
pub(in crate::rpc) async fn drop_collection(call: Call, request: m::DropCollectionRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    // Nothing can be left of a collection whose database is gone.
    if call.db.catalog().databases.contains_key(&target.database) {
        call.db.alter(CatalogChange::DropCollection(target)).await?;
    }
    Ok(success())
}
