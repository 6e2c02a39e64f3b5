//! AlterCollection.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Sets or removes properties of a collection.
pub(in crate::rpc) async fn alter_collection(
    call: Call,
    request: m::AlterCollectionRequest,
) -> Result<Status> {
    let target = call.target_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let set = kv::properties(&request.properties);
    call.db.alter(CatalogChange::AlterCollection { target, set, remove: request.delete_keys }).await?;
    Ok(success())
}
