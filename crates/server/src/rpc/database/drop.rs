//! DropDatabase.

use crate::call::Call;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Removes an empty database; success when there is none.
pub(in crate::rpc) async fn drop_database(call: Call, request: m::DropDatabaseRequest) -> Result<Status> {
    call.db.alter(CatalogChange::DropDatabase { name: request.db_name }).await?;
    Ok(success())
}
