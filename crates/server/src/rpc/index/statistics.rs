//! GetIndexStatistics.

use super::select::Selected;
use crate::call::Call;
use crate::convert::index;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Like DescribeIndex; kept for clients that call it by this name.
pub(in crate::rpc) async fn get_index_statistics(
    call: Call,
    request: m::GetIndexStatisticsRequest,
) -> Result<m::GetIndexStatisticsResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let found = Selected::find(&call, &target, &request.index_name, "").await?;
    let index_descriptions =
        found.each().map(|(index, at)| index::describe(&found.meta, index, &at)).collect();
    Ok(m::GetIndexStatisticsResponse { status: Some(success()), index_descriptions })
}
