//! ListDatabases.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Every database, the default one included.
pub(in crate::rpc) async fn list_databases(
    call: Call,
    _: m::ListDatabasesRequest,
) -> Result<m::ListDatabasesResponse> {
    let catalog = call.db.catalog();
    let mut reply = m::ListDatabasesResponse { status: Some(success()), ..Default::default() };
    for database in catalog.databases.values() {
        reply.db_names.push(database.name.clone());
        reply.created_timestamp.push(database.created.0);
        reply.db_ids.push(database.id);
    }
    Ok(reply)
}
