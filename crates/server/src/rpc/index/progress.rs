//! GetIndexBuildProgress.

use super::select::Selected;
use crate::call::Call;
use crate::convert::index;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// How many rows an index covers.
pub(in crate::rpc) async fn get_index_build_progress(
    call: Call,
    request: m::GetIndexBuildProgressRequest,
) -> Result<m::GetIndexBuildProgressResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let found = Selected::find(&call, &target, &request.index_name, &request.field_name).await?;
    let (indexed, total) = found
        .each()
        .fold((0, 0), |(indexed, total), (_, at)| (indexed + at.indexed_rows, total + at.total_rows));
    Ok(m::GetIndexBuildProgressResponse {
        status: Some(success()),
        indexed_rows: index::rows(indexed),
        total_rows: index::rows(total),
    })
}
