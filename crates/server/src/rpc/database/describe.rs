//! DescribeDatabase.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Number, time of creation and properties of a database.
pub(in crate::rpc) async fn describe_database(
    call: Call,
    request: m::DescribeDatabaseRequest,
) -> Result<m::DescribeDatabaseResponse> {
    let catalog = call.db.catalog();
    let database = catalog.database(call.database(&request.db_name))?;
    Ok(m::DescribeDatabaseResponse {
        status: Some(success()),
        db_name: database.name.clone(),
        db_id: database.id,
        created_timestamp: database.created.0,
        properties: kv::pairs(&database.properties),
    })
}
