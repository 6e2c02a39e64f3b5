//! GetFlushState.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Always true: a flush is done when it returns, and rows are durable before that.
pub(in crate::rpc) async fn get_flush_state(
    call: Call,
    request: m::GetFlushStateRequest,
) -> Result<m::GetFlushStateResponse> {
    if !request.collection_name.is_empty() {
        call.collection(&call.target(&request.db_name, &request.collection_name))?;
    }
    Ok(m::GetFlushStateResponse { status: Some(success()), flushed: true })
}
