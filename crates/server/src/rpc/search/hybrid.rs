//! Search over several vector fields.

use crate::call::Call;
use elanus_proto::milvus::{HybridSearchRequest, SearchResults};
use elanus_types::Result;

/// Searches several vector fields and fuses the lists.
pub(in crate::rpc) async fn hybrid_search(
    _call: Call,
    _request: HybridSearchRequest,
) -> Result<SearchResults> {
    Err(crate::rpc::service::refusal("HybridSearch", "it is under way"))
}
