//! Delete.

use crate::call::Call;
use crate::convert::write::{self, Counted};
use elanus_proto::milvus::{DeleteRequest, MutationResult};
use elanus_types::Result;
use elanus_types::write::Write;

/// Deletes rows.
pub(in crate::rpc) async fn delete(call: Call, request: DeleteRequest) -> Result<MutationResult> {
    let target = call.target(&request.db_name, &request.collection_name);
    let write = write::delete(target, request)?;
    let outcome = call.db.write(Write::Delete(write)).await?;
    Ok(write::reply(outcome, Counted::Deleted))
}
