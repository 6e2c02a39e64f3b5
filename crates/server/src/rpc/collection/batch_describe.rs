//! BatchDescribeCollection.

use super::describe::describe;
use crate::call::Call;
use crate::status::failure;
use crate::status::success;
use elanus_proto::milvus as m;
use elanus_types::Result;

/// Describes several collections; each answer has its own status.
pub(in crate::rpc) async fn batch_describe_collection(
    call: Call,
    request: m::BatchDescribeCollectionRequest,
) -> Result<m::BatchDescribeCollectionResponse> {
    let by_name = request.collection_name.iter().map(|name| (name.as_str(), 0));
    let by_id = request.collection_id.iter().map(|id| ("", *id));
    let describe_one = |(name, id): (&str, i64)| {
        describe(&call, &request.db_name, name, id).unwrap_or_else(|error| m::DescribeCollectionResponse {
            status: Some(failure(&error)),
            ..Default::default()
        })
    };
    // Clients send names or numbers; with both, names count.
    let responses = match request.collection_name.is_empty() {
        true => by_id.map(describe_one).collect(),
        false => by_name.map(describe_one).collect(),
    };
    Ok(m::BatchDescribeCollectionResponse { status: Some(success()), responses })
}
