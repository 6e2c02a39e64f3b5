//! HasCollection.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::ErrorKind;
use elanus_types::Result;

/// Whether a name or alias stands for a collection.
pub(in crate::rpc) async fn has_collection(
    call: Call,
    request: m::HasCollectionRequest,
) -> Result<m::BoolResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let value = match call.collection(&target) {
        Ok(_) => true,
        Err(error) if error.kind() == ErrorKind::CollectionNotFound => false,
        Err(error) => return Err(error),
    };
    Ok(m::BoolResponse { status: Some(success()), value })
}
