//! AllocTimestamp.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// A fresh hybrid timestamp.
pub(in crate::rpc) async fn alloc_timestamp(
    call: Call,
    _: m::AllocTimestampRequest,
) -> Result<m::AllocTimestampResponse> {
    Ok(m::AllocTimestampResponse { status: Some(success()), timestamp: call.db.timestamp().0 })
}
