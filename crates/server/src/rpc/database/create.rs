//! CreateDatabase.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Creates a database; an existing name is an error.
pub(in crate::rpc) async fn create_database(call: Call, request: m::CreateDatabaseRequest) -> Result<Status> {
    let properties = kv::properties(&request.properties);
    call.db.alter(CatalogChange::CreateDatabase { name: request.db_name, properties }).await?;
    Ok(success())
}
