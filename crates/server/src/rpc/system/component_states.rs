//! GetComponentStates.

use super::NODE;
use crate::call::Call;
use crate::status::success;
use elanus_proto::common::StateCode;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// One component: the server itself.
pub(in crate::rpc) async fn get_component_states(
    _: Call,
    _: m::GetComponentStatesRequest,
) -> Result<m::ComponentStates> {
    let state = m::ComponentInfo {
        node_id: NODE,
        role: "standalone".to_owned(),
        state_code: StateCode::Healthy.into(),
        ..Default::default()
    };
    Ok(m::ComponentStates { status: Some(success()), state: Some(state), ..Default::default() })
}
