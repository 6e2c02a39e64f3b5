//! Delete.

use crate::call::Call;
use elanus_proto::milvus::{DeleteRequest, MutationResult};
use elanus_types::Result;

/// Deletes rows.
pub(in crate::rpc) async fn delete(_call: Call, _request: DeleteRequest) -> Result<MutationResult> {
    Err(crate::rpc::service::refusal("Delete", "it is under way"))
}
