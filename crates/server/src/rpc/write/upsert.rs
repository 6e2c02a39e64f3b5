//! Upsert.

use crate::call::Call;
use elanus_proto::milvus::{MutationResult, UpsertRequest};
use elanus_types::Result;

/// Upserts rows.
pub(in crate::rpc) async fn upsert(_call: Call, _request: UpsertRequest) -> Result<MutationResult> {
    Err(crate::rpc::service::refusal("Upsert", "it is under way"))
}
