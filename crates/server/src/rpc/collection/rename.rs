//! RenameCollection.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::CollectionRef;
use elanus_types::Result;

/// Renames a collection, possibly into another database.
pub(in crate::rpc) async fn rename_collection(
    call: Call,
    request: m::RenameCollectionRequest,
) -> Result<Status> {
    let target = call.target(&request.db_name, &request.old_name);
    let database = if request.new_db_name.is_empty() { &target.database } else { &request.new_db_name };
    let to = CollectionRef { database: database.clone(), name: request.new_name };
    call.db.alter(CatalogChange::RenameCollection { target, to }).await?;
    Ok(success())
}
