//! GetCompactionState.

use super::under_way;
use crate::call::Call;
use crate::status::success;
use elanus_proto::common::CompactionState;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Whether a collection is still being merged and indexed; an unknown job is done.
pub(in crate::rpc) async fn get_compaction_state(
    call: Call,
    request: m::GetCompactionStateRequest,
) -> Result<m::GetCompactionStateResponse> {
    let busy = under_way(&call, request.compaction_id).await?;
    let state = if busy { CompactionState::Executing } else { CompactionState::Completed };
    Ok(m::GetCompactionStateResponse {
        status: Some(success()),
        state: state.into(),
        executing_plan_no: i64::from(busy),
        completed_plan_no: i64::from(!busy),
        ..Default::default()
    })
}
