//! DescribeIndex.

use super::select::Selected;
use crate::call::Call;
use crate::convert::index;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Parameters and progress of indexes, by name, by field, or all.
pub(in crate::rpc) async fn describe_index(
    call: Call,
    request: m::DescribeIndexRequest,
) -> Result<m::DescribeIndexResponse> {
    let target = call.target(&request.db_name, &request.collection_name);
    let found = Selected::find(&call, &target, &request.index_name, &request.field_name).await?;
    let index_descriptions =
        found.each().map(|(index, at)| index::describe(&found.meta, index, &at)).collect();
    Ok(m::DescribeIndexResponse { status: Some(success()), index_descriptions })
}
