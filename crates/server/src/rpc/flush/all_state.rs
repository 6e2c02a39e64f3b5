//! GetFlushAllState.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Always true: a flush is done when it returns.
pub(in crate::rpc) async fn get_flush_all_state(
    _: Call,
    _: m::GetFlushAllStateRequest,
) -> Result<m::GetFlushAllStateResponse> {
    Ok(m::GetFlushAllStateResponse { status: Some(success()), flushed: true, ..Default::default() })
}
