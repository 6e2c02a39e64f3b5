//! GetQuerySegmentInfo.

use crate::call::Call;
use crate::convert::index::rows;
use crate::rpc::system::NODE;
use crate::status::success;
use elanus_engine::db::SegmentStatus;
use elanus_proto::common::{SegmentLevel, SegmentState};
use elanus_proto::milvus as m;
use elanus_types::CollectionMeta;
use elanus_types::Result;

/// Segments that searches look into, growing ones included.
pub(in crate::rpc) async fn get_query_segment_info(
    call: Call,
    request: m::GetQuerySegmentInfoRequest,
) -> Result<m::GetQuerySegmentInfoResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let meta = call.collection(&target)?;
    let status = call.status(&target).await?;
    let infos = status.segments.iter().map(|segment| info(&meta, segment)).collect();
    Ok(m::GetQuerySegmentInfoResponse { status: Some(success()), infos })
}

fn info(meta: &CollectionMeta, segment: &SegmentStatus) -> m::QuerySegmentInfo {
    let index = meta.indexes.iter().find(|index| segment.indexed_fields.contains(&index.field));
    let state = if segment.sealed { SegmentState::Sealed } else { SegmentState::Growing };
    m::QuerySegmentInfo {
        segment_id: segment.id,
        collection_id: meta.id,
        partition_id: segment.partition,
        mem_size: rows(segment.memory_bytes),
        num_rows: rows(segment.rows),
        index_name: index.map(|index| index.name.clone()).unwrap_or_default(),
        index_id: index.map_or(0, |index| index.id),
        state: state.into(),
        node_ids: vec![NODE],
        level: SegmentLevel::L1.into(),
        ..Default::default()
    }
}
