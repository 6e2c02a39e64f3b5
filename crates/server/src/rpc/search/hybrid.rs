//! Search over several vector fields.

use crate::call::Call;
use crate::convert::{hybrid as convert, output, search_out};
use crate::rpc::offload::offload;
use elanus_proto::milvus::{HybridSearchRequest, SearchResults};
use elanus_types::Result;

/// Searches several vector fields and fuses the lists.
pub(in crate::rpc) async fn hybrid_search(call: Call, request: HybridSearchRequest) -> Result<SearchResults> {
    let target = call.target(&request.db_name, &request.collection_name);
    let convert::Sent { request, answer } = convert::request(target, request)?;
    let result = call.db.hybrid_search(request).await?;
    offload(output::weight(&result.fields), move || search_out::reply(result, answer)).await
}
