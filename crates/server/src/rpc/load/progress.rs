//! GetLoadingProgress.

use super::not_loaded;
use crate::call::Call;
use crate::rpc::partition::named;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;
use elanus_types::{Error, ErrorKind, LoadState};

/// Always 100 once loaded, for loading is done when the call that asked for it returns.
pub(in crate::rpc) async fn get_loading_progress(
    call: Call,
    request: m::GetLoadingProgressRequest,
) -> Result<m::GetLoadingProgressResponse> {
    let meta = call.collection(&call.target(&request.db_name, &request.collection_name))?;
    if meta.load != LoadState::Loaded {
        return Err(not_loaded(&meta));
    }
    if let Some(released) = named(&meta, &request.partition_names)?.find(|partition| partition.released)
        && !request.partition_names.is_empty()
    {
        let message = format!("partition not loaded[partition={}]", released.name);
        return Err(Error::new(ErrorKind::PartitionNotLoaded, message));
    }
    Ok(m::GetLoadingProgressResponse { status: Some(success()), progress: 100, refresh_progress: 100 })
}
