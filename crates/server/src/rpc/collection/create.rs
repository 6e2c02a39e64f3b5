//! CreateCollection.

use crate::call::Call;
use crate::convert::schema_in;
use crate::status::success;
use elanus_engine::CatalogChange;
use elanus_proto::common::Status;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Creates a collection; a repetition is a success.
pub(in crate::rpc) async fn create_collection(
    call: Call,
    request: m::CreateCollectionRequest,
) -> Result<Status> {
    let target = call.target(&request.db_name, &request.collection_name);
    let wanted = schema_in::new_collection(target, request)?;
    call.db.alter(CatalogChange::CreateCollection(Box::new(wanted))).await?;
    Ok(success())
}
