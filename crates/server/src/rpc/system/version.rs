//! GetVersion.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// The version that clients are told.
pub(in crate::rpc) async fn get_version(
    call: Call,
    _: m::GetVersionRequest,
) -> Result<m::GetVersionResponse> {
    Ok(m::GetVersionResponse { status: Some(success()), version: call.version.to_string() })
}
