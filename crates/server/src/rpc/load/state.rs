//! GetLoadState.

use crate::call::Call;
use crate::rpc::partition::named;
use crate::status::success;
use elanus_proto::common::LoadState as Wire;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{ErrorKind, LoadState};

/// Whether a collection or some of its partitions are loaded; a missing collection is an answer, not an error.
pub(in crate::rpc) async fn get_load_state(
    call: Call,
    request: m::GetLoadStateRequest,
) -> Result<m::GetLoadStateResponse> {
    let state = match call.collection(&call.target(&request.db_name, &request.collection_name)) {
        Err(error) if error.kind() == ErrorKind::CollectionNotFound => Wire::NotExist,
        Err(error) => return Err(error),
        Ok(meta) => {
            let by_name = !request.partition_names.is_empty();
            let waits =
                named(&meta, &request.partition_names)?.any(|partition| by_name && partition.released);
            if meta.load == LoadState::Loaded && !waits { Wire::Loaded } else { Wire::NotLoad }
        }
    };
    Ok(m::GetLoadStateResponse { status: Some(success()), state: state.into() })
}
