//! Query.

use crate::call::Call;
use elanus_proto::milvus::{QueryRequest, QueryResults};
use elanus_types::Result;

/// Reads rows by filter.
pub(super) async fn query(_call: Call, _request: QueryRequest) -> Result<QueryResults> {
    Err(super::service::refusal("Query", "it is under way"))
}
