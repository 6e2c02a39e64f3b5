//! GetPartitionStatistics.

use super::one;
use crate::call::Call;
use crate::convert::kv;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// The exact number of rows of a partition now.
pub(in crate::rpc) async fn get_partition_statistics(
    call: Call,
    request: m::GetPartitionStatisticsRequest,
) -> Result<m::GetPartitionStatisticsResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let meta = call.collection(&target)?;
    let partition = one(&meta, &request.partition_name)?.id;
    let status = call.status(&target).await?;
    let rows = status.partition_rows.iter().find(|(id, _)| *id == partition).map_or(0, |(_, rows)| *rows);
    let stats = vec![kv::pair("row_count", rows.to_string())];
    Ok(m::GetPartitionStatisticsResponse { status: Some(success()), stats })
}
