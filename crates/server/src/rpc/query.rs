//! Query.

use super::offload::offload;
use crate::call::Call;
use crate::convert::{output, query as convert};
use elanus_proto::milvus::{QueryRequest, QueryResults};
use elanus_types::Result;

/// Reads rows by filter.
pub(super) async fn query(call: Call, request: QueryRequest) -> Result<QueryResults> {
    let target = call.target(&request.db_name, &request.collection_name);
    let request = convert::request(target, request)?;
    let result = call.db.query(request).await?;
    offload(output::weight(&result.fields), || convert::reply(result)).await
}
