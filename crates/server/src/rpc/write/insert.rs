//! Insert.

use crate::call::Call;
use crate::convert::input;
use crate::convert::write::{self, Counted};
use crate::rpc::offload::offload;
use elanus_proto::milvus::{InsertRequest, MutationResult};
use elanus_types::Result;
use elanus_types::write::{Write, WriteOutcome};

/// Inserts rows.
pub(in crate::rpc) async fn insert(call: Call, request: InsertRequest) -> Result<MutationResult> {
    let rows = request.num_rows;
    Ok(match run(call, request).await {
        Ok(outcome) => write::reply(outcome, Counted::Inserted),
        Err(error) => write::failed("Insert", &error, rows),
    })
}

async fn run(call: Call, request: InsertRequest) -> Result<WriteOutcome> {
    let target = call.target(&request.db_name, &request.collection_name);
    let weight = input::weight(&request.fields_data);
    let write = offload(weight, move || write::insert(target, request)).await??;
    call.db.write(Write::Insert(write)).await
}
