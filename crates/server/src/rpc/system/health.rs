//! CheckHealth.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// A server that answers is healthy.
pub(in crate::rpc) async fn check_health(
    _: Call,
    _: m::CheckHealthRequest,
) -> Result<m::CheckHealthResponse> {
    Ok(m::CheckHealthResponse { status: Some(success()), is_healthy: true, ..Default::default() })
}
