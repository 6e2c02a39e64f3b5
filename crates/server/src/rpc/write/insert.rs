//! Insert.

use crate::call::Call;
use elanus_proto::milvus::{InsertRequest, MutationResult};
use elanus_types::Result;

/// Inserts rows.
pub(in crate::rpc) async fn insert(_call: Call, _request: InsertRequest) -> Result<MutationResult> {
    Err(crate::rpc::service::refusal("Insert", "it is under way"))
}
