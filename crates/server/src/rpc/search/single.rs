//! Search over one vector field.

use crate::call::Call;
use crate::convert::{output, search as convert, search_out};
use crate::rpc::offload::offload;
use elanus_proto::milvus::{SearchRequest, SearchResults};
use elanus_types::Result;

/// Searches one vector field.
pub(in crate::rpc) async fn search(call: Call, request: SearchRequest) -> Result<SearchResults> {
    let target = call.target(&request.db_name, &request.collection_name);
    let convert::Sent { request, answer } = convert::request(target, request)?;
    let result = call.db.search(request).await?;
    offload(output::weight(&result.fields), move || search_out::reply(result, answer)).await
}
