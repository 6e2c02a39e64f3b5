//! GetCollectionStatistics.

use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// The exact number of rows now.
pub(in crate::rpc) async fn get_collection_statistics(
    call: Call,
    request: m::GetCollectionStatisticsRequest,
) -> Result<m::GetCollectionStatisticsResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let status = call.status(&target).await?;
    let stats = vec![kv::pair("row_count", status.rows.to_string())];
    Ok(m::GetCollectionStatisticsResponse { status: Some(success()), stats })
}
