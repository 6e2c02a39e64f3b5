//! GetPersistentSegmentInfo.

use crate::call::Call;
use crate::convert::index::rows;
use crate::status::success;
use elanus_proto::common::{SegmentLevel, SegmentState};
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Segments that lie in files.
pub(in crate::rpc) async fn get_persistent_segment_info(
    call: Call,
    request: m::GetPersistentSegmentInfoRequest,
) -> Result<m::GetPersistentSegmentInfoResponse> {
    let status = call.status(&call.target(&request.db_name, &request.collection_name)).await?;
    let flushed = SegmentState::Flushed.into();
    let meant = request.states.is_empty() || request.states.contains(&flushed);
    let infos = status.segments.iter().filter(|segment| meant && segment.sealed).map(|segment| {
        m::PersistentSegmentInfo {
            segment_id: segment.id,
            collection_id: status.id,
            partition_id: segment.partition,
            num_rows: rows(segment.rows),
            state: flushed,
            level: SegmentLevel::L1.into(),
            ..Default::default()
        }
    });
    Ok(m::GetPersistentSegmentInfoResponse { status: Some(success()), infos: infos.collect() })
}
