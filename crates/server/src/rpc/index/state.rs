//! GetIndexState.

use super::select::Selected;
use crate::call::Call;
use crate::convert::index;
use crate::status::success;
use elanus_proto::common::IndexState;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// The state of an index; of several, the one that is furthest from done.
pub(in crate::rpc) async fn get_index_state(
    call: Call,
    request: m::GetIndexStateRequest,
) -> Result<m::GetIndexStateResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let found = Selected::find(&call, &target, &request.index_name, &request.field_name).await?;
    let mut reply = m::GetIndexStateResponse {
        status: Some(success()),
        state: IndexState::Finished.into(),
        fail_reason: String::new(),
    };
    for (_, at) in found.each() {
        match index::state(&at) {
            IndexState::Failed => {
                reply.state = IndexState::Failed.into();
                reply.fail_reason = at.failure;
                break;
            }
            IndexState::Finished => {}
            other => reply.state = other.into(),
        }
    }
    Ok(reply)
}
