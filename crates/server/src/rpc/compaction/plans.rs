//! GetCompactionStateWithPlans.

use super::under_way;
use crate::call::Call;
use crate::status::success;
use elanus_proto::common::CompactionState;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Like GetCompactionState. Single merges are not recorded, so none is listed.
pub(in crate::rpc) async fn get_compaction_state_with_plans(
    call: Call,
    request: m::GetCompactionPlansRequest,
) -> Result<m::GetCompactionPlansResponse> {
    let busy = under_way(&call, request.compaction_id).await?;
    let state = if busy { CompactionState::Executing } else { CompactionState::Completed };
    Ok(m::GetCompactionPlansResponse { status: Some(success()), state: state.into(), ..Default::default() })
}
