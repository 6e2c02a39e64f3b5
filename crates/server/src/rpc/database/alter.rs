//! AlterDatabase.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Sets or removes properties of a database.
pub(in crate::rpc) async fn alter_database(call: Call, request: m::AlterDatabaseRequest) -> Result<Status> {
    let name = call.database(&request.db_name).to_owned();
    let set = kv::properties(&request.properties);
    call.db.alter(CatalogChange::AlterDatabase { name, set, remove: request.delete_keys }).await?;
    Ok(success())
}
