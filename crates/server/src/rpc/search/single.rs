//! Search over one vector field.

use crate::call::Call;
use elanus_proto::milvus::{SearchRequest, SearchResults};
use elanus_types::Result;

/// Searches one vector field.
pub(in crate::rpc) async fn search(_call: Call, _request: SearchRequest) -> Result<SearchResults> {
    Err(crate::rpc::service::refusal("Search", "it is under way"))
}
