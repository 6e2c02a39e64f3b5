//! AlterIndex.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Sets or removes parameters of an index that need no new build.
pub(in crate::rpc) async fn alter_index(call: Call, request: m::AlterIndexRequest) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    let set = kv::properties(&request.extra_params);
    let (name, remove) = (request.index_name, request.delete_keys);
    call.db.alter(CatalogChange::AlterIndex { target, name, set, remove }).await?;
    Ok(success())
}
