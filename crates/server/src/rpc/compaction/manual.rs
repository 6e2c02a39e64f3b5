//! ManualCompaction.

use crate::call::Call;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Compaction needs no order: it runs by itself. This seals what is in memory and lets it begin at once; the job's
/// number is the collection's.
pub(in crate::rpc) async fn manual_compaction(
    call: Call,
    request: m::ManualCompactionRequest,
) -> Result<m::ManualCompactionResponse> {
    let target = call.target_by(&request.db_name, &request.collection_name, request.collection_id)?;
    let meta = call.collection(&target)?;
    call.db.flush(&target).await?;
    Ok(m::ManualCompactionResponse {
        status: Some(success()),
        compaction_id: meta.id,
        compaction_plan_count: 1,
    })
}
